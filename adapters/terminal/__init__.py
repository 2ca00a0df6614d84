"""The commands and tables of the terminal."""
