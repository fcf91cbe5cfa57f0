"""What the organization imposes on accounts, asked of AWS Organizations. Reads only.

Only the management account and delegated administrators may ask (Organizations API Reference).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from crossdock.aws.cloud import Cloud
from crossdock.aws.faults import code
from crossdock.errors import AccessDenied, CloudError
from crossdock.model.organization import RCP, SCP, ControlPolicy, Organization, Target

_REGION = "us-east-1"
"""Organizations is a global service; its clients are told a region all the same."""


def read(cloud: Cloud, accounts: Iterable[str]) -> Organization:
    """The organization of the profile's account, as far as it bears on these accounts.

    Raises AccessDenied where the caller may not ask, CloudError with AWSOrganizationsNotInUseException where there is
    none.
    """
    api = cloud.account(cloud.identity().account).client("organizations", _REGION)
    about = api.describe_organization()["Organization"]
    (root,) = _pages(api, "list_roots", "Roots")
    on = {one["Type"] for one in root["PolicyTypes"] if one["Status"] == "ENABLED"}
    enabled = tuple(kind for kind in (SCP, RCP) if kind in on)
    found: dict[str, Target] = {}
    policies: dict[str, ControlPolicy] = {}
    for account in accounts:
        for id_, name, parent in _path(api, account, root):
            if id_ not in found:
                attached = [one for kind in enabled for one in _attached(api, id_, kind)]
                found[id_] = Target(id=id_, name=name, parent=parent, policies=tuple(one["Id"] for one in attached))
                for one in attached:
                    if one["Id"] not in policies:
                        policies[one["Id"]] = _policy(api, one["Id"])
    return Organization(id=about["Id"], management=about["MasterAccountId"], enabled=enabled,
                        targets=tuple(found.values()), policies=tuple(policies.values()))


def read_if_allowed(cloud: Cloud, accounts: Iterable[str]) -> Organization | None:
    """The same; None where the caller may not ask, or the account is in no organization."""
    try:
        return read(cloud, accounts)
    except AccessDenied:
        return None
    except CloudError as error:
        if code(error) != "AWSOrganizationsNotInUseException":
            raise
        return None


def _path(api: Any, account: str, root: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """An account and all that is above it: (id, name, id of the parent)."""
    name, here = str(api.describe_account(AccountId=account)["Account"]["Name"]), account
    while here != root["Id"]:
        (above,) = _pages(api, "list_parents", "Parents", ChildId=here)
        yield here, name, above["Id"]
        here = above["Id"]
        if above["Type"] == "ORGANIZATIONAL_UNIT":
            unit = api.describe_organizational_unit(OrganizationalUnitId=here)
            name = str(unit["OrganizationalUnit"]["Name"])
    yield root["Id"], root["Name"], ""


def _attached(api: Any, target: str, kind: str) -> Iterator[dict[str, Any]]:
    yield from _pages(api, "list_policies_for_target", "Policies", TargetId=target, Filter=kind)


def _policy(api: Any, id_: str) -> ControlPolicy:
    found = api.describe_policy(PolicyId=id_)["Policy"]
    about = found["PolicySummary"]
    return ControlPolicy(id=id_, name=about["Name"], type=about["Type"], content=json.loads(found["Content"]))


def _pages(api: Any, operation: str, member: str, **given: str) -> list[dict[str, Any]]:
    """All entries, page by page."""
    return [one for page in api.get_paginator(operation).paginate(**given) for one in page[member]]
