"""The integrated data hub."""
