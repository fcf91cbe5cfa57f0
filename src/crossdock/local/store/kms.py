"""Keys as the store keeps them."""

from __future__ import annotations

import json
import struct
from typing import Any

from moto.backends import get_backend
from moto.kms.utils import _deserialize_ciphertext_blob

from crossdock.iam import Grant
from crossdock.iam.grants import from_api
from crossdock.local.store import managed


def no_key(reference: str, *, account: str, region: str) -> str:
    """KMS's message for a key or alias that isn't there."""
    here = f"arn:aws:kms:{region}:{account}:"
    arn = reference if reference.startswith("arn:") else here + (
        reference if reference.startswith("alias/") else f"key/{reference}")
    return f"Alias {arn} is not found." if ":alias/" in arn else f"Key '{arn}' does not exist"


class KeyStore:
    """Reads moto's KMS. Keys are named by ARN; `resolve` turns what a request says into one."""

    def find(self, arn: str) -> Any | None:
        parts = arn.split(":", 5)
        if len(parts) < 6 or not parts[5].startswith("key/"):
            return None
        return get_backend("kms")[parts[4]][parts[3]].keys.get(parts[5][4:])

    def policy(self, arn: str) -> str | None:
        key = self.find(arn)
        if key is None:
            return None
        return key.policy if isinstance(key.policy, str) else json.dumps(key.policy)

    def resolve(self, reference: str, *, account: str, region: str, partition: str = "aws") -> str | None:
        """The ARN of the key that a key id, key ARN, alias name or alias ARN names, seen from this account (rule 89).

        None: nothing of that name exists.
        """
        if reference.startswith("arn:"):
            parts = reference.split(":", 5)
            region, account, reference = parts[3], parts[4], parts[5]
            if reference.startswith("key/"):
                reference = reference[4:]
        reference = managed.find(reference, account, region) or reference
        backend = get_backend("kms")[account][region]
        if reference.startswith("alias/"):
            key_id = backend.get_key_id_from_alias(reference)
            if key_id is None:
                return None
            reference = str(key_id).rpartition("/")[2]
        return f"arn:{partition}:kms:{region}:{account}:key/{reference}" if reference in backend.keys else None

    def grants(self, arn: str) -> tuple[Grant, ...]:
        """The grants of a key."""
        key = self.find(arn)
        if key is None:
            return ()
        return tuple(from_api(grant.to_json()) for grant in key.grants.values())

    def of_ciphertext(self, blob: bytes, *, region: str) -> str | None:
        """The ARN of the key that made a ciphertext: it carries the key's id. None when no key here did."""
        try:
            key_id = _deserialize_ciphertext_blob(blob).key_id
        except (ValueError, UnicodeDecodeError, struct.error):
            return None
        for account, regions in list(get_backend("kms").items()):
            if region in regions and key_id in regions[region].keys:
                return f"arn:aws:kms:{region}:{account}:key/{key_id}"
        return None

    def usable(self, arn: str) -> str:
        """Empty when the key can be used, else its state (`Disabled`, `PendingDeletion`)."""
        key = self.find(arn)
        if key is None:
            return "NotFound"
        return "" if key.key_state == "Enabled" else str(key.key_state)
