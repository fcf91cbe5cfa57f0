"""IAM: what the generated table can't know. Source: Service Authorization Reference, list_awsidentityandaccess-
managementiam; IAM API reference (a call without UserName means the caller's own user).
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}
BOUNDARY = {"iam:PermissionsBoundary": "PermissionsBoundary"}
OIDC = ("{OpenIDConnectProviderArn}",)
NEW_OIDC = ("arn:${Partition}:iam::${Account}:oidc-provider/{ProviderName}",)
MFA = ("{SerialNumber}",)


def new(kind: str, name: str, tag: str, context: dict[str, str] | None = None) -> Rules:
    """A new entity has its path in the request."""
    resource = (f"arn:${{Partition}}:iam::${{Account}}:{kind}{{Path|=/}}{{{name}}}",)
    more = TAGS | (context or {})
    return (Rule(f"iam:Create{tag}", resource, more), Rule(f"iam:Tag{tag}", resource, TAGS, ("Tags",)))


def on_provider(action: str, context: dict[str, str] | None = None) -> Rules:
    return (Rule(f"iam:{action}", OIDC, context or {}),)


RULES: dict[str, Rules] = {
    "CreateRole": new("role", "RoleName", "Role", BOUNDARY),
    "CreateUser": new("user", "UserName", "User", BOUNDARY),
    "CreatePolicy": new("policy", "PolicyName", "Policy"),
    "CreateInstanceProfile": new("instance-profile", "InstanceProfileName", "InstanceProfile"),
    "CreateGroup": (Rule("iam:CreateGroup", ("arn:${Partition}:iam::${Account}:group{Path|=/}{GroupName}",)),),
    "CreateServiceLinkedRole": (
        Rule("iam:CreateServiceLinkedRole",
             ("arn:${Partition}:iam::${Account}:role/aws-service-role/{AWSServiceName}/*",),
             {"iam:AWSServiceName": "AWSServiceName"}),
    ),
    "AddRoleToInstanceProfile": (
        Rule("iam:AddRoleToInstanceProfile", ("{instance-profile:InstanceProfileName}",)),
        Rule("iam:PassRole", ("{role:RoleName}",), {"iam:PassedToService": "=ec2.amazonaws.com"}),
    ),
    "ChangePassword": (Rule("iam:ChangePassword", ("{user:UserName}",)),),
    "SimulatePrincipalPolicy": (Rule("iam:SimulatePrincipalPolicy", ("{PolicySourceArn}",)),),
    "GetContextKeysForPrincipalPolicy": (Rule("iam:GetContextKeysForPrincipalPolicy", ("{PolicySourceArn}",)),),
    "GetAccessKeyLastUsed": (Rule("iam:GetAccessKeyLastUsed", ("arn:${Partition}:iam::${Account}:user/*",)),),
    "GetServiceLinkedRoleDeletionStatus": (
        Rule("iam:GetServiceLinkedRoleDeletionStatus", ("arn:${Partition}:iam::${Account}:role/*",)),
    ),
    "CreateOpenIDConnectProvider": (
        Rule("iam:CreateOpenIDConnectProvider", NEW_OIDC, TAGS),
        Rule("iam:TagOpenIDConnectProvider", NEW_OIDC, TAGS, ("Tags",)),
    ),
    "AddClientIDToOpenIDConnectProvider": on_provider("AddClientIDToOpenIDConnectProvider"),
    "RemoveClientIDFromOpenIDConnectProvider": on_provider("RemoveClientIDFromOpenIDConnectProvider"),
    "UpdateOpenIDConnectProviderThumbprint": on_provider("UpdateOpenIDConnectProviderThumbprint"),
    "GetOpenIDConnectProvider": on_provider("GetOpenIDConnectProvider"),
    "DeleteOpenIDConnectProvider": on_provider("DeleteOpenIDConnectProvider"),
    "ListOpenIDConnectProviderTags": on_provider("ListOpenIDConnectProviderTags"),
    "TagOpenIDConnectProvider": on_provider("TagOpenIDConnectProvider", TAGS),
    "UntagOpenIDConnectProvider": on_provider("UntagOpenIDConnectProvider", {"aws:TagKeys": "TagKeys[]"}),
    "DeleteVirtualMFADevice": (Rule("iam:DeleteVirtualMFADevice", MFA),),
    "TagMFADevice": (Rule("iam:TagMFADevice", MFA, TAGS),),
    "UntagMFADevice": (Rule("iam:UntagMFADevice", MFA, {"aws:TagKeys": "TagKeys[]"}),),
    "ListMFADeviceTags": (Rule("iam:ListMFADeviceTags", MFA),),
}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """A provider's ARN holds its URL without the scheme."""
    url = params.get("Url")
    return {**params, "ProviderName": str(url).partition("://")[2] or str(url)} if url else params
