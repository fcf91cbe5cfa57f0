"""KMS: keys in their states, contexts, aliases, another account's keys."""

from __future__ import annotations

import json

from witnessing.asking import HOME, OTHER, Facts, Side, question, refusal


@question
def keys(side: Side) -> Facts:
    """Encrypted and back; a wrong context; a key that is disabled, pending deletion, or nobody's."""
    kms = side.client("kms")
    made = kms.create_key(Description="d")["KeyMetadata"]
    key = made["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"text", EncryptionContext={"a": "b"})["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"a": "b"})
    kms.create_alias(AliasName="alias/asked", TargetKeyId=key)
    data = kms.generate_data_key(KeyId="alias/asked", KeySpec="AES_256")
    told: Facts = {
        "made": {name: made.get(name) for name in ("KeyState", "KeyManager", "KeySpec", "KeyUsage", "Origin", "Enabled",
                                                   "EncryptionAlgorithms", "MultiRegion")},
        "opened": [opened["Plaintext"].decode(), opened["KeyId"].replace(key, "KEY")],
        "data key": len(data["Plaintext"]),
        "by alias": kms.describe_key(KeyId="alias/asked")["KeyMetadata"]["KeyId"] == key,
        "wrong context": refusal(kms.decrypt, CiphertextBlob=sealed, EncryptionContext={"a": "c"}),
        "no context": refusal(kms.decrypt, CiphertextBlob=sealed),
        "no ciphertext": refusal(kms.decrypt, CiphertextBlob=b"nonsense"),
        "alias again": refusal(kms.create_alias, AliasName="alias/asked", TargetKeyId=key).replace(key, "KEY"),
        "alias of AWS": refusal(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key),
        "bad alias": refusal(kms.create_alias, AliasName="mine", TargetKeyId=key),
        "unknown alias": refusal(kms.encrypt, KeyId="alias/nothing", Plaintext=b"x"),
        "unknown key": refusal(kms.encrypt, KeyId="11111111-2222-3333-4444-555555555555", Plaintext=b"x"),
        "too large": refusal(kms.encrypt, KeyId=key, Plaintext=b"x" * 4097)[:60],
        "rotation": kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
    }
    kms.disable_key(KeyId=key)
    told["disabled"] = refusal(kms.encrypt, KeyId=key, Plaintext=b"x").replace(key, "KEY")
    kms.enable_key(KeyId=key)
    told["too soon"] = refusal(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=3)[:60]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    told["pending"] = refusal(kms.encrypt, KeyId=key, Plaintext=b"x").replace(key, "KEY")
    told["state"] = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    told["enabled while pending"] = refusal(kms.enable_key, KeyId=key).replace(key, "KEY")
    kms.cancel_key_deletion(KeyId=key)
    return told | {"cancelled": kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]}


@question
def key_policies(side: Side) -> Facts:
    """A key without its account in its policy, one that lets another account in, one that is none."""
    kms, other = side.client("kms"), side.client("kms", OTHER)
    arn = kms.create_key()["KeyMetadata"]["Arn"]

    def policy(*principals: str) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "kms:*", "Resource": "*"}]})

    root, theirs = f"arn:aws:iam::{HOME}:root", f"arn:aws:iam::{OTHER}:root"
    told = {
        "another, before": refusal(other.encrypt, KeyId=arn, Plaintext=b"x"),
        "let in": refusal(kms.put_key_policy, KeyId=arn, PolicyName="default", Policy=policy(root, theirs)),
        "another, after": refusal(other.encrypt, KeyId=arn, Plaintext=b"x"),
        "shut out": refusal(kms.put_key_policy, KeyId=arn, PolicyName="default", Policy=policy(theirs)),
        "unknown principal": refusal(kms.put_key_policy, KeyId=arn, PolicyName="default",
                                     Policy=policy(root, f"arn:aws:iam::{HOME}:role/nobody")),
        "not JSON": refusal(kms.put_key_policy, KeyId=arn, PolicyName="default", Policy="{"),
    }
    told["shut out, checked not"] = refusal(kms.put_key_policy, KeyId=arn, PolicyName="default", Policy=policy(theirs),
                                            BypassPolicyLockoutSafetyCheck=True)
    told["own account, shut out"] = refusal(kms.encrypt, KeyId=arn, Plaintext=b"x")
    return {what: each.replace(arn, "KEY") for what, each in told.items()}
