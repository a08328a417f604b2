"""The HTTP interface, version 1: one file for each thing that can be asked."""
