"""What a session hands on to sessions made from it: transitive tags, and the identity of its source.

IAM User Guide, id_session-tags (role chaining) and id_credentials_temp_control-access_monitor. Both need their own
permission at every link: sts:TagSession and sts:SetSourceIdentity, in the identity side and the trust policy (rule 80).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller

SOURCE_IDENTITY = "aws:SourceIdentity"
MOST_TAGS = 50


def handed_on(caller: Caller, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """AssumeRole's parameters together with what the calling session hands on. Raises AwsError where both say
    something else."""
    known = {key.lower() for key in caller.transitive}
    given = list(params.get("Tags") or [])
    if any(str(tag["Key"]).lower() in known for tag in given):
        raise AwsError("InvalidParameterValue", "One of the specified transitive tag keys can't be set because it "
                       "conflicts with a transitive tag key from the calling session.")
    more: dict[str, Any] = {}
    if caller.transitive:
        inherited = [{"Key": key, "Value": caller.tags[key]} for key in caller.transitive]
        more["Tags"] = given + inherited
        more["TransitiveTagKeys"] = [*(params.get("TransitiveTagKeys") or []), *caller.transitive]
    source = caller.external.get(SOURCE_IDENTITY)
    if source:
        if params.get("SourceIdentity") not in (None, source):
            raise AwsError("AccessDenied", f"The source identity of this session is {source} and cannot be changed",
                           403)
        more["SourceIdentity"] = source
    return {**params, **more}


def session_tags(params: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The tags of a new session and the keys of those that are transitive. Raises AwsError for what STS refuses."""
    tags: dict[str, str] = {}
    for tag in params.get("Tags") or []:
        if str(tag["Key"]).lower() in {key.lower() for key in tags}:
            raise AwsError("InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case "
                           "insensitive.")
        tags[str(tag["Key"])] = str(tag.get("Value", ""))
    if len(tags) > MOST_TAGS:
        raise AwsError("ValidationError", f"A session has at most {MOST_TAGS} tags.")
    transitive = tuple(dict.fromkeys(str(key) for key in params.get("TransitiveTagKeys") or []))
    if unknown := [key for key in transitive if key not in tags]:
        raise AwsError("InvalidParameterValue",
                       f"The specified transitive tag key must be included in the requested tags: {unknown[0]}")
    return tags, transitive
