"""Tokens of user pools: made and verified (Cognito Developer Guide, "Understanding user pool JSON web tokens")."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crossdock.local.userpools.state import Client, Pool, User

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def new_key() -> str:
    """A new signing key, as PEM."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption()).decode()


@lru_cache(maxsize=64)
def _key(pem: str) -> rsa.RSAPrivateKey:
    found = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(found, rsa.RSAPrivateKey)  # noqa: S101  it was made here
    return found


def of(pool: Pool, client: Client, user: User, *, overridden: Mapping[str, Any]) -> dict[str, Any]:
    """Access and id token. `overridden`: claims that a trigger added, and those that it took away (None)."""
    now = int(time.time())
    common = {"sub": user.sub, "iss": pool.issuer, "origin_jti": str(uuid.uuid4()), "event_id": str(uuid.uuid4()),
              "auth_time": now, "iat": now, **({"cognito:groups": list(user.groups)} if user.groups else {})}
    access = {**common, "client_id": client.id, "token_use": "access", "scope": "aws.cognito.signin.user.admin",
              "exp": now + _seconds(client, "Access"), "jti": str(uuid.uuid4()), "username": user.name}
    shown = {name: value == "true" if name.endswith("_verified") else value for name, value in user.attributes.items()}
    identity = {**common, **shown, "aud": client.id, "token_use": "id", "cognito:username": user.name,
                "exp": now + _seconds(client, "Id"), "jti": str(uuid.uuid4())}
    for name, value in overridden.items():
        if value is None:
            identity.pop(name, None)
        else:
            identity[name] = value
    return {"AccessToken": _signed(pool, access), "IdToken": _signed(pool, identity), "TokenType": "Bearer",
            "ExpiresIn": _seconds(client, "Access")}


def _seconds(client: Client, kind: str) -> int:
    unit = str((client.members.get("TokenValidityUnits") or {}).get(f"{kind}Token") or "hours")
    return int(client.members.get(f"{kind}TokenValidity") or 1) * _UNITS[unit]


def _signed(pool: Pool, claims: Mapping[str, Any]) -> str:
    head = _part({"kid": pool.id, "alg": "RS256"})
    body = f"{head}.{_part(claims)}"
    signature = _key(pool.key).sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{body}.{_encoded(signature)}"


def verified(pool: Pool, token: str) -> dict[str, Any] | None:
    """The claims of a token that this pool signed and that is in time; None for any other."""
    try:
        head, body, signature = token.removeprefix("Bearer ").strip().split(".")
        if json.loads(_decoded(head)).get("alg") != "RS256":
            return None
        _key(pool.key).public_key().verify(
            _decoded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        claims: dict[str, Any] = json.loads(_decoded(body))
    except (ValueError, InvalidSignature):
        return None
    late = claims.get("exp", 0) < time.time()
    return None if claims.get("iss") != pool.issuer or late or claims.get("origin_jti") in pool.revoked else claims


def issuer(token: str) -> str:
    """Who a token says that it is from; empty when it is none."""
    try:
        return str(json.loads(_decoded(token.removeprefix("Bearer ").split(".")[1])).get("iss", ""))
    except (ValueError, IndexError, AttributeError):
        return ""


def keys(pool: Pool) -> dict[str, Any]:
    """The pool's JSON web key set."""
    numbers = _key(pool.key).public_key().public_numbers()
    n, e = (_encoded(value.to_bytes((value.bit_length() + 7) // 8, "big")) for value in (numbers.n, numbers.e))
    return {"keys": [{"alg": "RS256", "e": e, "kid": pool.id, "kty": "RSA", "n": n, "use": "sig"}]}


def _part(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(dict(value), separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
