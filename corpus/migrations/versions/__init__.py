"""The steps, oldest first; the name of a file begins with its revision: four digits."""
