"""Where services differ in how they evaluate policies: facts, each with its source."""

from __future__ import annotations

from crossdock.iam.principals import Caller, PrincipalType
from crossdock.iam.request import Facts

# Organizations User Guide, resource control policies; machine list: rcpSupportedServices of iam-data, 2026.
# fmt: off
RCP_SERVICES = frozenset({
    "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront",
    "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity",
    "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql",
    "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan",
    "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
    "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3",
    "secretsmanager", "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract",
    "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2", "workspaces", "xray",
})
# fmt: on

# STS API: each is authorised on the role, whose trust policy must allow it.
_TRUSTED = frozenset(
    f"sts:{name}"
    for name in (
        "assumerole", "assumerolewithsaml", "assumerolewithwebidentity", "tagsession", "setsourceidentity", "setcontext"
    )
)  # fmt: skip

# KMS Developer Guide, permissions reference, "Cross-account use".
_KMS_ACROSS = frozenset(
    f"kms:{name}"
    for name in (
        "encrypt", "decrypt", "reencryptfrom", "reencryptto", "generatedatakey", "generatedatakeypair",
        "generatedatakeypairwithoutplaintext", "generatedatakeywithoutplaintext", "generatemac", "verifymac", "sign",
        "verify", "derivesharedsecret", "describekey", "getpublickey", "getkeyrotationstatus", "creategrant",
        "listgrants", "retiregrant", "revokegrant",
    )
)  # fmt: skip

# S3 API, PutBucketPolicy: the owner's root user is never locked out of the policy itself.
_BUCKET_POLICY = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})


def demands_resource_policy(facts: Facts) -> bool:
    """Role trust and KMS keys: identity policies count only as far as the resource policy delegates to the account."""
    return facts.action in _TRUSTED or (facts.service == "kms" and ":key/" in facts.resource)


def works_across_accounts(facts: Facts) -> bool:
    """May another account be let in at all? KMS lists the operations for which it may."""
    return facts.service != "kms" or facts.action in _KMS_ACROSS


def may_assume_roles(facts: Facts) -> bool:
    """The root user of an account may not (STS API, AssumeRole)."""
    return facts.caller.type is not PrincipalType.ROOT or facts.action not in _TRUSTED


def trust_policy_counts(facts: Facts) -> bool:
    """A role's trust policy is asked by STS only; it plays no part in iam:PassRole (IAM User Guide, pass a role)."""
    return facts.service == "sts"


def keeps_bucket_policy(facts: Facts) -> bool:
    """Is this the owner's root user at the bucket's policy?"""
    caller = facts.caller
    return (
        caller.type is PrincipalType.ROOT
        and caller.account == facts.request.resource_account
        and facts.action in _BUCKET_POLICY
    )


def bound_by_scps(caller: Caller) -> bool:
    """SCPs bind users, roles and root users of member accounts; no services, and no service-linked roles."""
    return caller.account != "" and not _service_linked(caller.issuer)


def bound_by_rcps(facts: Facts) -> bool:
    """RCPs bind every caller of a supported service, but for what Organizations exempts."""
    return (
        facts.service in RCP_SERVICES
        and facts.action != "kms:retiregrant"
        and not facts.request.aws_managed_key
        and not _service_linked(facts.caller.issuer)
        and not (facts.service == "sts" and _service_linked(facts.resource))
    )


def _service_linked(arn: str) -> bool:
    return ":role/aws-service-role/" in arn
