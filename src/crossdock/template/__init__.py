"""What a CloudFormation template means: its text with positions, parameters, intrinsics, order. Pure; makes no call.

parse        text <-> plain tree, positions           structure    mistakes that AWS refuses before doing anything
parameters   values from defaults, types, constraints resolve      intrinsics, conditions, dynamic references
graph        dependencies, order, cycles              rules        the Rules section
"""

from crossdock.template import graph, parameters, parse, resolve
from crossdock.template.parse import Document, dump, load
from crossdock.template.scope import Pseudo, Scope, Unresolved

__all__ = ["Document", "Pseudo", "Scope", "Unresolved", "dump", "graph", "load", "parameters", "parse", "resolve"]
