"""Drift: what a stack's resources really are, against what its template says of them.

calls    the API          present   what a service says a resource is, in the template's words
compare  differences between two sets of properties

Source: CloudFormation User Guide, "Detect unmanaged configuration changes to stacks and resources with drift
detection".
"""
