"""The local AWS: a rehearsal stage with AWS's API on loopback. It imports only `template`, `iam` and `errors`."""
