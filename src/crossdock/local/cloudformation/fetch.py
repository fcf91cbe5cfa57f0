"""A template by its URL: read from S3 as the caller, or as whoever pre-signed the URL.

Source: CloudFormation API reference, CreateStack, TemplateURL; S3 User Guide, "Methods for accessing a bucket".
"""

from __future__ import annotations

import http.client
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError

from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller

if TYPE_CHECKING:
    from crossdock.local.world import World

LIMIT = 1_000_000
_VIRTUAL = re.compile(r"(?P<bucket>.+?)\.s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")
_PATH = re.compile(r"s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True)
class Location:
    """An object of S3. `version` is empty for the latest."""

    bucket: str
    key: str
    version: str = ""


def locate(url: str, endpoint: str) -> Location | None:
    """The object that an S3 URL names, virtual-hosted or path style; on `endpoint` path style. None: no S3 URL."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme == "s3":
        key = parts.path.lstrip("/")
        return Location(parts.netloc, key) if parts.netloc and key else None
    host = (parts.hostname or "").lower()
    path = unquote(parts.path).lstrip("/")
    version = parse_qs(parts.query).get("versionId", [""])[0]
    if parts.netloc.lower() == urlsplit(endpoint).netloc.lower() or (parts.scheme == "https" and _PATH.fullmatch(host)):
        bucket, _, key = path.partition("/")
    elif parts.scheme == "https" and (found := _VIRTUAL.fullmatch(host)):
        bucket, key = found["bucket"], path
    elif host.endswith((".localhost", f".{urlsplit(endpoint).hostname}")):
        bucket, key = host.partition(".")[0], path
    else:
        return None
    return Location(bucket, key, version) if bucket and key else None


def template(world: World, url: str, caller: Caller, region: str) -> str:
    """The text behind TemplateURL. Raises AwsError ValidationError in CloudFormation's words."""
    found = locate(url, world.endpoint)
    if found is None:
        raise AwsError("ValidationError", "TemplateURL must be a supported URL.")
    if "X-Amz-Signature" in url or "Signature=" in url:
        body = _presigned(world, url)
    else:
        given = {"Bucket": found.bucket, "Key": found.key}
        try:
            s3 = world.client("s3", caller, region)
            answer = s3.get_object(**given, **({"VersionId": found.version} if found.version else {}))
            body = answer["Body"].read(LIMIT + 1)
        except ClientError as error:
            raise _s3_error(error.response["Error"].get("Message", "")) from error
    if len(body) > LIMIT:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value at 'templateURL' failed to satisfy constraint: "
            f"Template may not exceed {LIMIT} bytes in size.",
        )
    try:
        return str(body.decode())
    except UnicodeDecodeError as error:
        raise AwsError("ValidationError", "Template format error: the template is not UTF-8 text.") from error


def _s3_error(message: str) -> AwsError:
    return AwsError(
        "ValidationError",
        f"S3 error: {message}\nFor more information check "
        "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    )


def _presigned(world: World, url: str) -> bytes:
    """The URL carries its signer's rights; the request goes to the local endpoint whatever host it names."""
    parts, here = urlsplit(url), urlsplit(world.endpoint)
    connection = http.client.HTTPConnection(here.hostname or "127.0.0.1", here.port, timeout=30)
    try:
        connection.putrequest("GET", f"{parts.path}?{parts.query}", skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", parts.netloc)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read(LIMIT + 1)
    finally:
        connection.close()
    if answer.status != 200:
        found = re.search(rb"<Message>(.*?)</Message>", body, re.S)
        raise _s3_error(found[1].decode() if found else f"status {answer.status}")
    return body
