"""Greets by name, in the language that the configuration says."""
