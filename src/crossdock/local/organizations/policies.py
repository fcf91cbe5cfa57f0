"""Service control and resource control policies: written, checked, attached (Organizations API reference)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crossdock import iam
from crossdock.iam import PolicyKind
from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.organizations.state import MANAGED, RCP, SCP, TYPES, OrganizationPolicy, new_id
from crossdock.local.organizations.tree import Tree, page

SIZE = {SCP: 10240, RCP: 5120}
"""Characters of a policy at most, without white space between its elements (Organizations User Guide, quotas)."""
ATTACHED = 5
"""Policies of one type directly attached to one target, at most."""
_KINDS = {SCP: PolicyKind.SCP, RCP: PolicyKind.RCP}


class ControlPolicies(Tree):
    """Policies of the organization."""

    def arn_of(self, ident: str) -> str | None:
        found = self.state.policies.get(ident)
        if found is None:
            return super().arn_of(ident)
        kind = found.type.lower()
        if found.managed:
            return f"arn:{self.world.partition}:organizations::aws:policy/{kind}/{ident}"
        return self.arn("policy", f"{kind}/{ident}")

    # -- types

    def enable_policy_type(self, call: Call) -> Mapping[str, Any]:
        """Every root, unit and account gets the policy that allows all (Organizations User Guide, enable types)."""
        kind = self._root_and_type(call)
        with self.lock:
            if self.state.enabled.get(kind):
                raise AwsError("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
            self.state.enabled[kind] = True
            for target in (self.state.root, *self.state.units, *self.state.accounts):
                self.state.attached.setdefault(target, []).append(MANAGED[kind])
        return {"Root": self.root()}

    def disable_policy_type(self, call: Call) -> Mapping[str, Any]:
        """All policies of the type are detached, for good."""
        kind = self._root_and_type(call)
        with self.lock:
            self._enabled_type(kind)
            self.state.enabled[kind] = False
            for target, attached in self.state.attached.items():
                self.state.attached[target] = [p for p in attached if self.state.policies[p].type != kind]
        return {"Root": self.root()}

    def _root_and_type(self, call: Call) -> str:
        if call.params["RootId"] != self.state.root:
            raise AwsError("RootNotFoundException", "You specified a root that doesn't exist.")
        return _type(str(call.params["PolicyType"]))

    def _enabled_type(self, kind: str) -> None:
        if not self.state.enabled.get(kind):
            raise AwsError("PolicyTypeNotEnabledException", "The specified policy type isn't currently enabled in this "
                           "root. You can't attach policies of the specified type to entities in a root until you "
                           "enable that type in the root.")

    # -- policies

    def create_policy(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        kind, name, content = _type(str(p["Type"])), str(p["Name"]), str(p["Content"])
        _check(kind, content)
        with self.lock:
            self._free_name(name)
            ident = new_id("p-")
            made = self.state.policies[ident] = OrganizationPolicy(
                id=ident, name=name, type=kind, content=content, description=str(p.get("Description") or ""))
            if p.get("Tags"):
                self.state.tags[ident] = {tag["Key"]: tag["Value"] for tag in p["Tags"]}
        return {"Policy": self._policy(made)}

    def _free_name(self, name: str) -> None:
        if any(found.name == name for found in self.state.policies.values()):
            raise AwsError("DuplicatePolicyException", "A policy with the same name already exists.")

    def update_policy(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        with self.lock:
            found = self._own(call)
            if p.get("Content") is not None:
                _check(found.type, str(p["Content"]))
            if p.get("Name") and p["Name"] != found.name:
                self._free_name(str(p["Name"]))
            found.name = str(p.get("Name") or found.name)
            found.description = str(p["Description"]) if p.get("Description") is not None else found.description
            found.content = str(p["Content"]) if p.get("Content") is not None else found.content
        return {"Policy": self._policy(found)}

    def delete_policy(self, call: Call) -> None:
        with self.lock:
            found = self._own(call)
            if any(found.id in attached for attached in self.state.attached.values()):
                raise AwsError("PolicyInUseException", "The policy is attached to one or more entities. You must "
                               "detach it from all roots, OUs, and accounts before performing this operation.")
            del self.state.policies[found.id]
            self.state.tags.pop(found.id, None)

    def describe_policy(self, call: Call) -> Mapping[str, Any]:
        return {"Policy": self._policy(self._named(call))}

    def list_policies(self, call: Call) -> Mapping[str, Any]:
        kind = _type(str(call.params["Filter"]))
        return page(call, "Policies", [self._summary(p) for p in self.state.policies.values() if p.type == kind])

    def _named(self, call: Call) -> OrganizationPolicy:
        found = self.state.policies.get(str(call.params["PolicyId"]))
        if found is None:
            raise AwsError("PolicyNotFoundException", "You specified a policy that doesn't exist.")
        return found

    def _own(self, call: Call) -> OrganizationPolicy:
        found = self._named(call)
        if found.managed:
            raise AwsError("InvalidInputException", "You specified a policy that is managed by Amazon Web Services and "
                           "can't be modified.", Reason="IMMUTABLE_POLICY")
        return found

    def _policy(self, found: OrganizationPolicy) -> dict[str, Any]:
        return {"PolicySummary": self._summary(found), "Content": found.content}

    def _summary(self, found: OrganizationPolicy) -> dict[str, Any]:
        return {"Id": found.id, "Arn": self.arn_of(found.id), "Name": found.name, "Description": found.description,
                "Type": found.type, "AwsManaged": found.managed}

    # -- attachments

    def attach_policy(self, call: Call) -> None:
        with self.lock:
            found, target = self._named(call), self._target(call)
            self._enabled_type(found.type)
            attached = self.state.attached.get(target, [])
            if found.id in attached:
                raise AwsError("DuplicatePolicyAttachmentException", "The selected policy is already attached to the "
                               "specified target.")
            if len(self._of_type(attached, found.type)) >= ATTACHED:
                raise AwsError("ConstraintViolationException", "You have attached the maximum number of policies of "
                               "this type to the target.", Reason="MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
            self.state.attached[target] = [*attached, found.id]

    def detach_policy(self, call: Call) -> None:
        """Every entity keeps one service control policy, and RCPFullAWSAccess (Organizations User Guide)."""
        with self.lock:
            found, target = self._named(call), self._target(call)
            attached = self.state.attached.get(target, [])
            if found.id not in attached:
                raise AwsError("PolicyNotAttachedException", "The policy isn't attached to the specified target in the "
                               "specified root.")
            if found.id == MANAGED[RCP] or (found.type == SCP and len(self._of_type(attached, SCP)) == 1):
                raise AwsError("ConstraintViolationException", "You attempted to remove the last policy of this type "
                               "from an entity.", Reason="MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
            self.state.attached[target] = [ident for ident in attached if ident != found.id]

    def list_policies_for_target(self, call: Call) -> Mapping[str, Any]:
        kind, target = _type(str(call.params["Filter"])), self._target(call)
        own = self._of_type(self.state.attached.get(target, []), kind)
        return page(call, "Policies", [self._summary(found) for found in own])

    def list_targets_for_policy(self, call: Call) -> Mapping[str, Any]:
        ident = self._named(call).id
        targets = [self._summary_of(target) for target, held in self.state.attached.items() if ident in held]
        return page(call, "Targets", targets)

    def _summary_of(self, target: str) -> dict[str, Any]:
        state = self.state
        if target == state.root:
            name, kind = "Root", "ROOT"
        elif target in state.units:
            name, kind = state.units[target].name, "ORGANIZATIONAL_UNIT"
        else:
            name, kind = state.accounts[target].name, "ACCOUNT"
        return {"TargetId": target, "Arn": super().arn_of(target), "Name": name, "Type": kind}

    def _target(self, call: Call) -> str:
        target = str(call.params["TargetId"])
        if super().arn_of(target) is None:
            raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.")
        return target

    def _of_type(self, attached: list[str], kind: str) -> list[OrganizationPolicy]:
        return [self.state.policies[ident] for ident in attached if self.state.policies[ident].type == kind]

    # -- what binds

    def levels(self, account: str, kind: str) -> tuple[tuple[OrganizationPolicy, ...], ...]:
        """The policies of one type that bind a member account, from the root down; none for the management account,
        for accounts outside, and while the type is not enabled."""
        if account == self.world.management_account or not self.state.enabled.get(kind):
            return ()
        with self.lock:
            return tuple(tuple(self._of_type(self.state.attached.get(at, []), kind))
                         for at in self.state.path(account))


def _type(kind: str) -> str:
    if kind not in TYPES:
        raise NotEmulated(f"organization policies of type {kind}")
    return kind


def _check(kind: str, content: str) -> None:
    """Raises AwsError for a document that AWS would not store."""
    problems = iam.validate(content, _KINDS[kind])
    if problems:
        raise AwsError("MalformedPolicyDocumentException", "The provided policy document does not meet the "
                       f"requirements of the specified policy type: {'; '.join(problems)}")
    if len(json.dumps(json.loads(content), separators=(",", ":"))) > SIZE[kind]:
        raise AwsError("ConstraintViolationException", "You have exceeded the maximum size of a policy.",
                       Reason="POLICY_CONTENT_LIMIT_EXCEEDED")
