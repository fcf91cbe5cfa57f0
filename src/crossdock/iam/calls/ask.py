"""What a call asks of IAM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Value = str | tuple[str, ...]

ResolveKey = Callable[[str], str]
"""Key id, key ARN, alias name or alias ARN -> ARN of the key; an empty string when there is none."""

ResolveEntity = Callable[[str, str], str | None]
"""Kind and name -> ARN; None when there is no such thing, or the kind isn't one that is resolved.

- `role`, `user`, `group`, `instance-profile`, `server-certificate`, `secret`, `stack`, `stackset`: the whole ARN with
  path, random suffix or id. The name of kind `user` is empty where the call means the caller's own user.
- `profile-role`, by the name of an instance profile: the ARN of the role in it.
- `role-boundary`, by the name of a role: the ARN of the policy that is its permissions boundary; None without one.
- `task-definition`, by family: the ARN of its latest revision.
- `pull-request`, `comment`, by id: the ARN of the repository.
- `change-set`, by ARN: the ARN of its stack.
- `organizations`, by the id of an account, unit, root, policy or handshake: its ARN.
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One action on one resource that one API call needs.

    resource    an ARN, or `*` where the action has no resource-level permission
    account     12 digits of the resource's owner; "" when only the store can tell (S3 bucket names carry no account)
    context     condition keys that the request's own parameters give; tuples for multivalued keys
    unresolved  the resource names an alias, or holds `*` for an id, because nobody was given to resolve the name
    """

    action: str
    resource: str
    account: str
    context: Mapping[str, Value] = field(default_factory=dict)
    unresolved: bool = False


class Unmapped(ValueError):
    """No table tells which actions this operation needs, so nobody can be allowed to call it."""

    def __init__(self, service: str, operation: str, why: str = "") -> None:
        self.service, self.operation, self.why = service, operation, why
        super().__init__(f"no IAM action is known for {service}:{operation}" + (f" ({why})" if why else ""))
