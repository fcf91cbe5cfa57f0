"""What runs in the processes of functions that are written inline in a template."""
