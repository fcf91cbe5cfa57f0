"""What each resource of a template is for, in the template's own words (`Metadata: {Crossdock: {Sentence: ...}}`)."""

from __future__ import annotations

from crossdock.aws.cloud import Account
from crossdock.aws.faults import code
from crossdock.errors import CloudError, TemplateError
from crossdock.template import parse


def sentences(template: str) -> dict[str, str]:
    """Logical id -> sentence, for the resources that have one. A text that is no template has none."""
    try:
        resources = parse.load(template).body.get("Resources", {})
    except TemplateError:
        return {}
    found: dict[str, str] = {}
    for logical_id, resource in resources.items():
        metadata = resource.get("Metadata", {}) if isinstance(resource, dict) else {}
        said = metadata.get("Crossdock", {}) if isinstance(metadata, dict) else {}
        if isinstance(said, dict) and said.get("Sentence"):
            found[logical_id] = str(said["Sentence"])
    return found


def of_stack(account: Account, stack: str, region: str | None = None) -> dict[str, str]:
    """The sentences of a stack's template as it was given; none where the stack is not there (yet)."""
    try:
        body = account.client("cloudformation", region).get_template(StackName=stack, TemplateStage="Original")
    except CloudError as error:
        if code(error) == "ValidationError":
            return {}
        raise
    text = body.get("TemplateBody", "")
    return sentences(text) if isinstance(text, str) else {}
