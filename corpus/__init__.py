"""What a notice is, where it comes from and which topics there are."""
