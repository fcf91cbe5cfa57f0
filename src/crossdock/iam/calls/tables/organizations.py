"""Organizations: requests hold ids, ARNs also the organization's and its management account's, which the store knows.

Source: Service Authorization Reference, list_awsorganizations.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}
POLICY = "PolicyId"
ACCOUNT = "AccountId"

_MEMBERS: dict[str, tuple[str, ...]] = {
    "AcceptHandshake": ("HandshakeId",),
    "CancelHandshake": ("HandshakeId",),
    "DeclineHandshake": ("HandshakeId",),
    "DescribeHandshake": ("HandshakeId",),
    "AttachPolicy": (POLICY, "TargetId"),
    "DetachPolicy": (POLICY, "TargetId"),
    "DeletePolicy": (POLICY,),
    "DescribePolicy": (POLICY,),
    "UpdatePolicy": (POLICY,),
    "ListTargetsForPolicy": (POLICY,),
    "ListPoliciesForTarget": ("TargetId",),
    "DescribeEffectivePolicy": ("TargetId",),
    "CloseAccount": (ACCOUNT,),
    "DescribeAccount": (ACCOUNT,),
    "RegisterDelegatedAdministrator": (ACCOUNT,),
    "DeregisterDelegatedAdministrator": (ACCOUNT,),
    "ListDelegatedServicesForAccount": (ACCOUNT,),
    "ListEffectivePolicyValidationErrors": (ACCOUNT,),
    "RemoveAccountFromOrganization": (ACCOUNT,),
    "MoveAccount": (ACCOUNT, "SourceParentId", "DestinationParentId"),
    "CreateOrganizationalUnit": ("ParentId",),
    "DeleteOrganizationalUnit": ("OrganizationalUnitId",),
    "DescribeOrganizationalUnit": ("OrganizationalUnitId",),
    "UpdateOrganizationalUnit": ("OrganizationalUnitId",),
    "EnablePolicyType": ("RootId",),
    "DisablePolicyType": ("RootId",),
    "ListAccountsForParent": ("ParentId",),
    "ListChildren": ("ParentId",),
    "ListOrganizationalUnitsForParent": ("ParentId",),
    "ListParents": ("ChildId",),
    "ListTagsForResource": ("ResourceId",),
    "TagResource": ("ResourceId",),
    "UntagResource": ("ResourceId",),
}
_CONTEXT: dict[str, dict[str, str]] = {
    "TagResource": TAGS,
    "CreateOrganizationalUnit": TAGS,
    "UntagResource": {"aws:TagKeys": "TagKeys[]"},
    "DescribeEffectivePolicy": {"organizations:PolicyType": "PolicyType"},
    "ListPoliciesForTarget": {"organizations:PolicyType": "Filter"},
    "EnablePolicyType": {"organizations:PolicyType": "PolicyType"},
    "DisablePolicyType": {"organizations:PolicyType": "PolicyType"},
    "RegisterDelegatedAdministrator": {"organizations:ServicePrincipal": "ServicePrincipal"},
    "DeregisterDelegatedAdministrator": {"organizations:ServicePrincipal": "ServicePrincipal"},
}
NEW_POLICY = ("arn:${Partition}:organizations::${Account}:policy/*",)

RULES: dict[str, Rules] = {
    name: (
        Rule(f"organizations:{name}", tuple(f"{{organizations:{m}}}" for m in members), _CONTEXT.get(name, {})),
        *((Rule("organizations:TagResource", ("*",), TAGS, ("Tags",)),) if name.startswith("Create") else ()),
    )
    for name, members in _MEMBERS.items()
} | {
    "CreatePolicy": (
        Rule("organizations:CreatePolicy", NEW_POLICY, TAGS | {"organizations:PolicyType": "Type"}),
        Rule("organizations:TagResource", NEW_POLICY, TAGS, ("Tags",)),
    ),
}
