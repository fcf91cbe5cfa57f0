"""Public templates, tried on the local AWS: what `scripts/cases.py` is made of."""
