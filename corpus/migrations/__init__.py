"""How the tables came to be what they are: one file of ``versions`` for each step, in order."""
