"""The personal e-mail address of each physician: observed addresses only, with provenance, or none with the reason."""
