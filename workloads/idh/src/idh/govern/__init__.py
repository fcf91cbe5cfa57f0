"""Where each record came from and went to, and how it is forgotten."""
