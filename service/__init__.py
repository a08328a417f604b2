"""The two doors, HTTP and command line; the only place that builds things."""
