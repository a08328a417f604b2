"""The commands of ``zhuti``, one file for each thing a person wants done."""
