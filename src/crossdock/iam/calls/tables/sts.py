"""STS. Sources: STS API reference; IAM User Guide, id_session-tags and id_credentials_temp_control-access_monitor."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

ROLE = ("{RoleArn}",)
SESSION = {
    "sts:RoleSessionName": "RoleSessionName",
    "sts:ExternalId": "ExternalId",
    "sts:SourceIdentity": "SourceIdentity",
}
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}", "sts:TransitiveTagKeys": "TransitiveTagKeys[]"}

RULES: dict[str, Rules] = {
    "AssumeRole": (
        Rule("sts:AssumeRole", ROLE, SESSION | TAGS),
        Rule("sts:TagSession", ROLE, SESSION | TAGS, ("Tags",)),
        Rule("sts:SetSourceIdentity", ROLE, SESSION, ("SourceIdentity",)),
        Rule("sts:SetContext", ROLE, {"sts:RequestContextProviders": "ProvidedContexts[].ProviderArn"},
             ("ProvidedContexts",)),
    ),
    # The tags, subject and audience of these two come from the token, which only the door can read.
    "AssumeRoleWithWebIdentity": (
        Rule("sts:AssumeRoleWithWebIdentity", ROLE, {"sts:RoleSessionName": "RoleSessionName"}),
    ),
    "AssumeRoleWithSAML": (Rule("sts:AssumeRoleWithSAML", ROLE),),
    "GetFederationToken": (
        Rule("sts:GetFederationToken", ("arn:${Partition}:sts::${Account}:federated-user/{Name}",),
             {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}),
        Rule("sts:TagSession", ("arn:${Partition}:sts::${Account}:federated-user/{Name}",),
             {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}, ("Tags",)),
    ),
    "AssumeRoot": (
        Rule("sts:AssumeRoot", ("arn:${Partition}:iam::{TargetPrincipal}:root",),
             {"sts:TaskPolicyArn": "TaskPolicyArn.arn"}),
    ),
    "GetCallerIdentity": (),  # works despite an explicit deny
    "GetSessionToken": (),  # "no permissions are required"
}
