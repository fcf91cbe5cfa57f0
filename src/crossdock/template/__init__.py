"""What a CloudFormation template means: its text with positions, names, parameters, intrinsics, order. Makes no call.

parse        text <-> plain tree, positions         structure    mistakes that AWS refuses before doing anything
parameters   defaults, types, constraints           rules        assertions about combinations of parameters
sam          the SAM transform                      extensions   the language extensions' loops
resolve      intrinsics, conditions, references     graph        dependencies, order, circles
transforms   which macros a template declares
schema       what a type's properties do            differences  what an update changes and replaces

The way of a template through the room: load, validate, expand and transform, parameters, rules, conditions, waves,
and `resolve` for one resource after the other.
"""

from crossdock.template import (
    differences,
    extensions,
    graph,
    parameters,
    parse,
    references,
    resolve,
    rules,
    sam,
    schema,
    structure,
    transforms,
)
from crossdock.template.parse import Document, dump, load
from crossdock.template.scope import Pseudo, Scope, Unresolved

__all__ = [
    "Document", "Pseudo", "Scope", "Unresolved", "differences", "dump", "extensions", "graph", "load", "parameters",
    "parse", "references", "resolve", "rules", "sam", "schema", "structure", "transforms",
]  # fmt: skip
