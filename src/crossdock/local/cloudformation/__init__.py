"""The local CloudFormation: reads templates through `crossdock.template`, acts as an AWS client of every other service.

engine       the API                          operations   create, update, delete, roll back: the algorithm
request      what a caller asks for -> Target  changesets   what would change, before it does
resources/   one small file per AWS service   custom, nested, waiting   resources that are more than an API call
"""

from crossdock.local.cloudformation.engine import CloudFormation

__all__ = ["CloudFormation"]
