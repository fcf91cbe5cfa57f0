"""Resource types: one small declarative file per AWS service, on the frame in `handler`."""
