"""Systems Manager: tagging names a kind and an id. Source: Systems Manager API reference, AddTagsToResource."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}
_PLACES = {
    "Document": "document",
    "ManagedInstance": "managed-instance",
    "MaintenanceWindow": "maintenancewindow",
    "PatchBaseline": "patchbaseline",
    "OpsItem": "opsitem",
    "OpsMetadata": "opsmetadata",
    "Automation": "automation-execution",
    "Association": "association",
}


def by_type(action: str, context: dict[str, str] | None = None) -> Rules:
    """One rule for each kind; a kind that is not among them asks for nothing here and is refused by the last rule."""
    known = ",".join(["Parameter", *_PLACES])
    return (
        Rule(f"ssm:{action}", ("{parameter:ResourceId}",), context or {}, ("ResourceType=Parameter",)),
        *(
            Rule(f"ssm:{action}", (f"arn:${{Partition}}:ssm:${{Region}}:${{Account}}:{place}/{{ResourceId}}",),
                 context or {}, (f"ResourceType={kind}",))
            for kind, place in _PLACES.items()
        ),
        Rule(f"ssm:{action}", ("*",), context or {}, (f"!ResourceType={known}",)),
    )


RULES: dict[str, Rules] = {
    "AddTagsToResource": by_type("AddTagsToResource", TAGS),
    "RemoveTagsFromResource": by_type("RemoveTagsFromResource", {"aws:TagKeys": "TagKeys[]"}),
    "ListTagsForResource": by_type("ListTagsForResource"),
}
