"""Which topic a notice is about, and which words say so."""
