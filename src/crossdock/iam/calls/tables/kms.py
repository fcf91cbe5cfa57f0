"""KMS: what the generated table can't know. Sources: KMS Developer Guide, kms-api-permissions-reference (actions and
resources), alias-authorization (an alias operation needs both alias and key), conditions-kms (context keys).
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

KEY = ("{key:KeyId}",)
ALIAS = ("arn:${Partition}:kms:${Region}:${Account}:{AliasName}",)
NAMED = {"kms:RequestAlias": "RequestAlias"}
ENCRYPTED = NAMED | {
    "kms:EncryptionContext:*": "EncryptionContext",
    "kms:EncryptionContextKeys": "EncryptionContext{}",
}
ALGORITHM = ENCRYPTED | {"kms:EncryptionAlgorithm": "EncryptionAlgorithm|=SYMMETRIC_DEFAULT"}
DATA_KEY = ENCRYPTED | {"kms:EncryptionAlgorithm": "=SYMMETRIC_DEFAULT"}
PAIR = ENCRYPTED | {"kms:DataKeyPairSpec": "KeyPairSpec"}
SIGN = NAMED | {"kms:SigningAlgorithm": "SigningAlgorithm", "kms:MessageType": "MessageType|=RAW"}
MAC = NAMED | {"kms:MacAlgorithm": "MacAlgorithm"}
GRANT = NAMED | {"kms:GrantIsForAWSResource": "=false"}  # the door says true where a service grants for the caller
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}


def on_key(action: str, context: dict[str, str]) -> Rules:
    return (Rule(f"kms:{action}", KEY, context),)


RULES: dict[str, Rules] = {
    "CreateKey": (
        Rule("kms:CreateKey", ("*",), TAGS | {
            "kms:KeySpec": "KeySpec|CustomerMasterKeySpec|=SYMMETRIC_DEFAULT",
            "kms:KeyUsage": "KeyUsage|=ENCRYPT_DECRYPT",
            "kms:KeyOrigin": "Origin|=AWS_KMS",
            "kms:MultiRegion": "MultiRegion|=false",
            "kms:BypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck|=false",
        }),
        # "The permission must cover all KMS keys in the account and Region" (manage-tags-api).
        Rule("kms:TagResource", ("arn:${Partition}:kms:${Region}:${Account}:key/*",), TAGS, ("Tags",)),
    ),
    "CreateAlias": (
        Rule("kms:CreateAlias", ALIAS),
        Rule("kms:CreateAlias", ("{key:TargetKeyId}",)),
    ),
    "UpdateAlias": (
        Rule("kms:UpdateAlias", ALIAS),
        Rule("kms:UpdateAlias", ("{key:TargetKeyId}", "{key:AliasName}")),  # the new key and the one it leaves
    ),
    "DeleteAlias": (
        Rule("kms:DeleteAlias", ALIAS),
        Rule("kms:DeleteAlias", ("{key:AliasName}",)),
    ),
    "Encrypt": on_key("Encrypt", ALGORITHM),
    # Without KeyId the key is named inside the ciphertext: the door reads it there and passes it as KeyId.
    "Decrypt": (Rule("kms:Decrypt", ("{key:KeyId|=*}",), ALGORITHM),),
    "ReEncrypt": (
        Rule("kms:ReEncryptFrom", ("{key:SourceKeyId|=*}",), {
            "kms:EncryptionContext:*": "SourceEncryptionContext",
            "kms:EncryptionContextKeys": "SourceEncryptionContext{}",
            "kms:EncryptionAlgorithm": "SourceEncryptionAlgorithm|=SYMMETRIC_DEFAULT",
        }),
        Rule("kms:ReEncryptTo", ("{key:DestinationKeyId}",), {
            "kms:EncryptionContext:*": "DestinationEncryptionContext",
            "kms:EncryptionContextKeys": "DestinationEncryptionContext{}",
            "kms:EncryptionAlgorithm": "DestinationEncryptionAlgorithm|=SYMMETRIC_DEFAULT",
        }),
    ),
    "GenerateDataKey": on_key("GenerateDataKey", DATA_KEY),
    "GenerateDataKeyWithoutPlaintext": on_key("GenerateDataKeyWithoutPlaintext", DATA_KEY),
    "GenerateDataKeyPair": on_key("GenerateDataKeyPair", PAIR),
    "GenerateDataKeyPairWithoutPlaintext": on_key("GenerateDataKeyPairWithoutPlaintext", PAIR),
    "Sign": on_key("Sign", SIGN),
    "Verify": on_key("Verify", SIGN),
    "GenerateMac": on_key("GenerateMac", MAC),
    "VerifyMac": on_key("VerifyMac", MAC),
    "CreateGrant": on_key("CreateGrant", GRANT | {
        "kms:GrantOperations": "Operations[]",
        "kms:GranteePrincipal": "GranteePrincipal",
        "kms:RetiringPrincipal": "RetiringPrincipal",
        "kms:GrantConstraintType": "GrantConstraintType",
        "kms:EncryptionContext:*": "GrantedContext",
        "kms:EncryptionContextKeys": "GrantedContext{}",
    }),
    "ListGrants": on_key("ListGrants", GRANT),
    "RevokeGrant": on_key("RevokeGrant", GRANT),
    "RetireGrant": (Rule("kms:RetireGrant", ("{key:KeyId|=*}",)),),
    "DescribeKey": on_key("DescribeKey", NAMED),
    "GetPublicKey": on_key("GetPublicKey", NAMED),
    "PutKeyPolicy": on_key("PutKeyPolicy", {
        "kms:BypassPolicyLockoutSafetyCheck": "BypassPolicyLockoutSafetyCheck|=false",
    }),
    "ScheduleKeyDeletion": on_key("ScheduleKeyDeletion", {
        "kms:ScheduleKeyDeletionPendingWindowInDays": "PendingWindowInDays|=30",
    }),
}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """The alias by which the request names the key, and the constraint of a grant."""
    more: dict[str, object] = {}
    named = str(params.get("KeyId") or "")
    if named.startswith("alias/") or ":alias/" in named:
        more["RequestAlias"] = "alias/" + named.partition("alias/")[2]
    if constraints := params.get("Constraints"):
        kind = next((k for k in ("EncryptionContextEquals", "EncryptionContextSubset") if constraints.get(k)), None)
        if kind:
            more |= {"GrantConstraintType": kind, "GrantedContext": constraints[kind]}
    return {**params, **more}
