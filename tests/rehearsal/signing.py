"""A request signed as AWS's SDKs sign, then changed on its way."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CALLER = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


def keys(credentials_file: str, profile: str) -> tuple[str, str]:
    """Access key and secret of a profile."""
    written = configparser.RawConfigParser()
    written.read_string(Path(credentials_file).read_text(encoding="utf-8"))
    return written[profile]["aws_access_key_id"], written[profile]["aws_secret_access_key"]


def signed(
    url: str, access_key: str, secret_key: str, *, body: str = CALLER, headers: Mapping[str, str] = FORM,
    service: str = "sts", token: str | None = None,
) -> dict[str, str]:
    """Headers of a signed POST."""
    request = AWSRequest(method="POST", url=url, data=body, headers=dict(headers))
    SigV4Auth(Credentials(access_key, secret_key, token), service, "us-east-1").add_auth(request)
    return dict(request.headers.items())
