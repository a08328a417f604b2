"""The lists of topics that are shipped: data."""
