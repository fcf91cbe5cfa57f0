"""EFS: mount targets, whose id doesn't tell the file system, and tags. Source: Service Authorization Reference,
list_amazonelasticfilesystem.
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

AT = "arn:${Partition}:elasticfilesystem:${Region}:${Account}:"
ANY = (AT + "file-system/*",)
TAGGED = (AT + "{Tagged}",)
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}

RULES: dict[str, Rules] = {
    **{name: (Rule(f"elasticfilesystem:{name}", ANY),) for name in (
        "DeleteMountTarget", "DescribeMountTargetSecurityGroups", "ModifyMountTargetSecurityGroups")},
    "TagResource": (Rule("elasticfilesystem:TagResource", TAGGED, TAGS),),
    "UntagResource": (Rule("elasticfilesystem:UntagResource", TAGGED, {"aws:TagKeys": "TagKeys[]"}),),
    "ListTagsForResource": (Rule("elasticfilesystem:ListTagsForResource", TAGGED),),
}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """An id's prefix tells what it is of."""
    id_ = str(params.get("ResourceId") or "").rpartition("/")[2]
    return {**params, "Tagged": f"{'access-point' if id_.startswith('fsap-') else 'file-system'}/{id_}"}
