"""The local CloudFormation: reads templates through `crossdock.template`, acts as an AWS client of every other service.

engine      the API, put together of         core, stack_calls, changeset_calls, signals, templates, drift/, stacksets/
request     what a caller asks for -> Target  macros, shape, attributes   what its template is, before it is anything
operations  create, update, delete, go back: the algorithm                work   one resource on its way
changesets  what would change, before it does                             imports, nested_changes
resources/  one small file per AWS service    custom, nested, waiting     resources that are more than an API call
policies    what an update may do             properties                  what a provider refuses before it calls
"""

from crossdock.local.cloudformation.engine import CloudFormation

__all__ = ["CloudFormation"]
