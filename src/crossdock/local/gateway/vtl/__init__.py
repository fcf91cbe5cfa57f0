"""Mapping templates: the Velocity Template Language as API Gateway reads it.

Apache Velocity User Guide 1.7 (references, directives, expressions); API Gateway Developer Guide, "Mapping template
transformations". Macros and includes are refused by name.
"""

from crossdock.local.gateway.vtl.running import Rendered, TemplateFailed, render
from crossdock.local.gateway.vtl.values import text

__all__ = ["Rendered", "TemplateFailed", "render", "text"]
