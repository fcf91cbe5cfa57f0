"""One physician from many records."""
