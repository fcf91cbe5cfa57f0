"""Mail to physicians who may be written to: each once, with a way out in one click."""
