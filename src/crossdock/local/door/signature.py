"""Signatures: who signed this request, and is it true.

Implements the verifying side of AWS Signature Version 4 (AWS General Reference, "Create a signed AWS API request"):
in the Authorization header, in a pre-signed query string, and in the HTTPS password of CodeCommit's credential helper.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from crossdock.local.door.wire import Wire
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller, Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
_EMPTY = hashlib.sha256(b"").hexdigest()

Find = Callable[[str], tuple[Credentials, Caller] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a signature claims: key, scope, and over which headers it was taken."""

    access_key: str
    date: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str
    timestamp: str
    token: str
    payload: str
    presigned: bool


def read(wire: Wire) -> Signed | None:
    """The signature that a request carries, or None when it is unsigned. Raises AwsError for a malformed one."""
    authorization = wire.headers.get("authorization", "")
    if authorization.startswith(ALGORITHM):
        parts = dict(
            part.strip().split("=", 1) for part in authorization[len(ALGORITHM) :].split(",") if "=" in part
        )
        try:
            scope = parts["Credential"].split("/")
            headers = tuple(parts["SignedHeaders"].split(";"))
            signature = parts["Signature"]
        except KeyError as error:
            raise AwsError("IncompleteSignature", f"Authorization header requires '{error.args[0]}' parameter.", 400) \
                from None
        timestamp = wire.headers.get("x-amz-date", "")
        payload = wire.headers.get("x-amz-content-sha256", "")
        token = wire.headers.get("x-amz-security-token", "")
        presigned = False
    elif wire.argument("X-Amz-Algorithm") == ALGORITHM:
        scope = (wire.argument("X-Amz-Credential") or "").split("/")
        headers = tuple((wire.argument("X-Amz-SignedHeaders") or "").split(";"))
        signature = wire.argument("X-Amz-Signature") or ""
        timestamp = wire.argument("X-Amz-Date") or ""
        payload = "UNSIGNED-PAYLOAD"
        token = wire.argument("X-Amz-Security-Token") or ""
        presigned = True
    elif authorization.startswith(("AWS ", "AWS4-ECDSA")) or wire.argument("AWSAccessKeyId") is not None:
        raise AwsError("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use "
                       "AWS4-HMAC-SHA256.", 400)
    else:
        return None
    if len(scope) < 5 or scope[-1] != "aws4_request":
        raise AwsError("IncompleteSignature", "Credential must have at least 5 slash-delimited elements.", 400)
    return Signed(
        access_key="/".join(scope[:-4]), date=scope[-4], region=scope[-3], service=scope[-2], headers=headers,
        signature=signature, timestamp=timestamp, token=token, payload=payload, presigned=presigned,
    )


def verify(wire: Wire, signed: Signed, find: Find) -> Caller:
    """The caller who really made this signature.

    Raises AwsError: InvalidClientTokenId (unknown key or wrong token), SignatureDoesNotMatch, ExpiredToken,
    RequestExpired; S3 words the first two in its own way.
    """
    s3 = signed.service == "s3"
    found = find(signed.access_key)
    if found is None:
        raise _unknown_key(s3)
    credentials, caller = found
    if not hmac.compare_digest(credentials.token.encode(), signed.token.encode()):
        raise AwsError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400) \
            if s3 and signed.token else _unknown_key(s3)
    if credentials.expires and credentials.expires < datetime.now(UTC):
        raise AwsError("ExpiredToken" if s3 else "ExpiredTokenException",
                       "The security token included in the request is expired", 400 if s3 else 403)
    _check_time(wire, signed)
    if "host" not in signed.headers:
        raise AwsError("SignatureDoesNotMatch", "'Host' or ':authority' must be a 'SignedHeader' in the AWS "
                       "Authorization.", 403)
    opaque = signed.payload in ("", "UNSIGNED-PAYLOAD") or signed.payload.startswith("STREAMING-")
    if not signed.presigned and not opaque:
        actual = hashlib.sha256(wire.body).hexdigest()
        if actual != signed.payload:
            raise AwsError("XAmzContentSHA256Mismatch",
                           "The provided 'x-amz-content-sha256' header does not match what was computed.", 400)
    expected = _signature(credentials.secret_key, signed, _canonical(wire, signed))
    if not hmac.compare_digest(expected.encode(), signed.signature.encode()):
        raise AwsError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your "
            + ("key and signing method." if s3 else "AWS Secret Access Key and signing method. Consult the service "
               "documentation for details."), 403,
        )
    return caller


def verify_git(wire: Wire, find: Find, *, region: str) -> Caller | None:
    """The caller behind CodeCommit's HTTPS credentials: user name `KEY[%TOKEN]`, password `TIMESTAMPZSIGNATURE`.

    None when there are no Basic credentials. The string signed is `GIT`, path, host (AWS CLI, codecommit
    credential-helper). Raises AwsError when they are wrong.
    """
    kind, _, encoded = wire.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        raise AwsError("InvalidRequest", "malformed Basic credentials", 400) from None
    access_key, _, token = user.partition("%")
    found = find(access_key)
    if found is None or not hmac.compare_digest(found[0].token.encode(), unquote(token).encode()):
        raise _unknown_key(False)
    credentials, caller = found
    timestamp, _, signature = password.partition("Z")
    signed = Signed(
        access_key=access_key, date=timestamp[:8], region=region, service="codecommit", headers=("host",),
        signature=signature, timestamp=timestamp, token=token, payload="", presigned=False,
    )
    try:
        when = datetime.strptime(timestamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise _unknown_key(False) from None
    if abs(datetime.now(UTC) - when) > SKEW or (credentials.expires and credentials.expires < datetime.now(UTC)):
        raise AwsError("ExpiredTokenException", "The credentials are expired", 403)
    host = wire.headers.get("host", "").partition(":")[0]
    for path in _repository_paths(wire.raw_path):
        canonical = f"GIT\n{path}\n\nhost:{host}\n\nhost\n"
        if hmac.compare_digest(_signature(credentials.secret_key, signed, canonical).encode(), signature.encode()):
            return caller
    raise AwsError("SignatureDoesNotMatch", "The request signature we calculated does not match", 403)


def _repository_paths(raw_path: str) -> list[str]:
    """git asks its helper once per remote, with the remote's own path, then calls paths below it."""
    remote = re.sub(r"/(info/refs|git-upload-pack|git-receive-pack)$", "", raw_path).rstrip("/")
    return [remote, f"{remote}/"]


def _unknown_key(s3: bool) -> AwsError:
    if s3:
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


def _check_time(wire: Wire, signed: Signed) -> None:
    try:
        when = datetime.strptime(signed.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise AwsError("IncompleteSignature", "Date must be in ISO-8601 'basic format'.", 400) from None
    now = datetime.now(UTC)
    if signed.presigned:
        seconds = wire.argument("X-Amz-Expires") or "0"
        if seconds.startswith("-") or not seconds.removeprefix("-").isdigit():
            what = "be non-negative" if seconds.startswith("-") else "be a number"
            raise AwsError("AuthorizationQueryParametersError", f"X-Amz-Expires must {what}", 400)
        if when + timedelta(seconds=int(seconds)) < now:
            raise AwsError("AccessDenied", "Request has expired", 403)
    elif abs(now - when) > SKEW:
        raise AwsError("RequestTimeTooSkewed" if signed.service == "s3" else "SignatureDoesNotMatch",
                       f"Signature expired: {signed.timestamp} is not within 15 minutes of now", 403)


def _canonical(wire: Wire, signed: Signed) -> str:
    pairs = [(k, v) for k, v in wire.pairs if k != "X-Amz-Signature"]
    query = "&".join(f"{k}={v}" for k, v in sorted((_quote(k), _quote(v)) for k, v in pairs))
    headers = "".join(f"{name}:{' '.join(wire.headers.get(name, '').split())}\n" for name in signed.headers)
    path = wire.raw_path or "/"
    if signed.service != "s3":
        path = quote(_normalised(path), safe="/~-_.")
    payload = signed.payload or (hashlib.sha256(wire.body).hexdigest() if wire.body else _EMPTY)
    return "\n".join((wire.method, path, query, headers, ";".join(signed.headers), payload))


def _normalised(path: str) -> str:
    """RFC 3986 path without empty and dot segments, as every service but S3 signs it."""
    out: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            out = out[:-1]
        elif segment not in ("", "."):
            out.append(segment)
    return "/" + "/".join(out) + ("/" if out and path.endswith("/") else "")


def _quote(text: str) -> str:
    return quote(text, safe="-_.~")


def _signature(secret: str, signed: Signed, canonical: str) -> str:
    scope = f"{signed.date}/{signed.region}/{signed.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{signed.timestamp}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in (signed.date, signed.region, signed.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
