"""Keys: their state decides beside their policy (KMS Developer Guide, key-state), nobody locks himself out of a key
(rule 98; KMS API, PutKeyPolicy), and a ciphertext is decrypted by the key that made it."""

from __future__ import annotations

from crossdock.iam.calls import Ask
from crossdock.local.door.rules.asked import Asked
from crossdock.local.engine import AwsError, NotEmulated

USES = frozenset({
    "Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac", "Sign", "Verify", "DeriveSharedSecret",
    "GetPublicKey", "CreateGrant", "EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand", "ReplicateKey",
})
"""Operations that fail on a disabled key."""
_CHANGES = frozenset({
    "CreateAlias", "UpdateAlias", "EnableKey", "DisableKey", "ScheduleKeyDeletion", "TagResource", "UntagResource",
    "UpdateKeyDescription",
})
"""Operations that fail besides on a key that is pending deletion."""


def check(asked: Asked) -> None:
    """Raises AwsError DisabledException, KMSInvalidStateException, MalformedPolicyDocumentException,
    ValidationException."""
    keys = list(dict.fromkeys(ask.resource for ask in asked.asks if ":key/" in ask.resource))
    if asked.operation == "UpdateAlias":
        keys = keys[:1]  # the key that it leaves may be in any state
    for arn in keys:
        _state(asked.operation, arn, asked.store.keys.usable(arn))
    if asked.operation == "CreateAlias" and asked.text("AliasName").startswith("alias/aws/"):
        raise AwsError("NotAuthorizedException", "")  # KMS API, CreateAlias: reserved for AWS managed keys
    if asked.operation == "ScheduleKeyDeletion" and not 7 <= int(asked.params.get("PendingWindowInDays") or 30) <= 30:
        days = asked.params["PendingWindowInDays"]
        raise AwsError("ValidationException", f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' "
                       f"failed to satisfy constraint: Member must have value {_bound(int(days))}")
    if asked.operation == "ReEncrypt" and len({arn.split(":")[4] for arn in keys}) > 1:
        raise NotEmulated("kms:ReEncrypt between keys of two accounts")
    if asked.operation in ("CreateKey", "PutKeyPolicy") and asked.params.get("Policy"):
        _lockout(asked, keys)


def _bound(days: int) -> str:
    return "greater than or equal to 7" if days < 7 else "less than or equal to 30"


def _state(operation: str, arn: str, state: str) -> None:
    if operation == "CancelKeyDeletion":
        if state != "PendingDeletion":
            raise AwsError("KMSInvalidStateException", f"{arn} is not pending deletion.")
    elif state == "PendingDeletion" and operation in USES | _CHANGES:
        raise AwsError("KMSInvalidStateException", f"{arn} is pending deletion.")
    elif state == "Disabled" and operation in USES:
        raise AwsError("DisabledException", f"{arn} is disabled.")


def _lockout(asked: Asked, keys: list[str]) -> None:
    if asked.params.get("BypassPolicyLockoutSafetyCheck"):
        return
    arn = keys[0] if keys and asked.operation == "PutKeyPolicy" else \
        f"arn:aws:kms:{asked.region}:{asked.account}:key/00000000-0000-0000-0000-000000000000"
    ask = Ask("kms:PutKeyPolicy", arn, asked.account)
    if not asked.authorizer.decide(asked.caller, ask, region=asked.region,
                                   resource_policy=asked.text("Policy")).allowed:
        raise AwsError("MalformedPolicyDocumentException",
                       "The new key policy will not allow you to update the key policy in the future.")
