"""Webhooks of projects: which pushes to a git host start a build (CodeBuild User Guide, webhook events; API reference,
CreateWebhook). Pure.

Filter groups are alternatives, the filters of a group must all hold; patterns are regular expressions that are looked
for anywhere. Without groups every push starts a build. Pull requests don't come here: what stands in for a git host has
none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.local.builds.state import Project
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.local.repositories import Push

SERVERS: Mapping[str, str] = {
    "GITHUB": "github.com", "BITBUCKET": "bitbucket.org", "GITLAB": "gitlab.com",
}
"""Source type of a project -> git host, of those that are the same for everybody."""
_KINDS = ("EVENT", "HEAD_REF", "FILE_PATH", "COMMIT_MESSAGE", "BASE_REF", "REPOSITORY_NAME", "TAG_NAME")

Webhook = dict[str, Any]
"""`branchFilter`, `filterGroups`, `buildType` as given, and `url`."""


def made(project: Project, params: Mapping[str, Any], credentials: Sequence[str], url: str) -> Webhook:
    """A project's webhook. `credentials`: server types of which CodeBuild has a token. Raises AwsError."""
    kind = project.settings["source"]["type"]
    if kind not in SERVERS:
        raise AwsError("InvalidInputException", f"Project source type {kind} is not supported for webhooks")
    own = (project.settings["source"].get("auth") or {}).get("type")
    if kind not in credentials and own not in ("CODECONNECTIONS", "SECRETS_MANAGER"):
        raise AwsError(
            "ResourceNotFoundException",
            f"Failed to call CreateWebhook, reason: Access token not found in CodeBuild project for server type "
            f"{kind.lower()}",
        )
    return {**changed(params), "url": url}


def changed(params: Mapping[str, Any]) -> Webhook:
    """What a request sets of a webhook. Raises NotEmulated for filters that can't be decided here."""
    if params.get("buildType", "BUILD") != "BUILD":
        raise NotEmulated(f"webhooks with buildType {params['buildType']}")
    for name in ("manualCreation", "scopeConfiguration", "pullRequestBuildPolicy"):
        if params.get(name):
            raise NotEmulated(f"{name} of webhooks of CodeBuild")
    for group in params.get("filterGroups") or ():
        kinds = [one["type"] for one in group]
        for kind in kinds:
            if kind not in _KINDS:
                raise NotEmulated(f"filters of type {kind} in webhooks of CodeBuild")
        if "EVENT" not in kinds:
            raise AwsError("InvalidInputException", "A filter group needs a filter of type EVENT")
    return {name: params[name] for name in ("branchFilter", "filterGroups") if params.get(name)}


def matches(webhook: Webhook, push: Push) -> bool:
    if not push.after:
        return False
    if "branchFilter" in webhook:
        branch = push.reference.removeprefix("refs/heads/")
        return re.search(webhook["branchFilter"], branch) is not None
    groups = webhook.get("filterGroups")
    return not groups or any(all(_holds(one, push) for one in group) for group in groups)


def _holds(one: Mapping[str, Any], push: Push) -> bool:
    pattern = one["pattern"]
    match one["type"]:
        case "EVENT":
            return "PUSH" in [event.strip() for event in pattern.split(",")]
        case "HEAD_REF":
            texts: Sequence[str] = (push.reference,)
        case "FILE_PATH":
            texts = push.files
        case "COMMIT_MESSAGE":
            texts = (push.message,)
        case "REPOSITORY_NAME":
            texts = (push.name.rpartition("/")[2],)
        case _:  # the base of a pull request, the tag of a release: no push has them
            texts = ()
    return any(re.search(pattern, text) for text in texts) is not bool(one.get("excludeMatchedPattern"))


def variables(push: Push) -> tuple[Mapping[str, str], ...]:
    """The variables that a build by a webhook has (CodeBuild User Guide, environment variables)."""
    kind, _, name = push.reference.removeprefix("refs/").partition("/")
    found = {
        "CODEBUILD_WEBHOOK_EVENT": "PUSH", "CODEBUILD_WEBHOOK_HEAD_REF": push.reference,
        "CODEBUILD_WEBHOOK_PREV_COMMIT": push.before,
        "CODEBUILD_WEBHOOK_TRIGGER": f"{'tag' if kind == 'tags' else 'branch'}/{name}",
    }
    return tuple({"name": key, "value": value, "type": "PLAINTEXT"} for key, value in found.items() if value)
