"""Rules written by hand, one file per service; `RULES` wins over what is generated."""
