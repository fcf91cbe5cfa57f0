"""One AWS profile that becomes any account and region.

The seam between AWS and a local AWS is the profile (endpoint URL + credentials); nothing here asks which it is. A
profile whose endpoint is on loopback stays there: a request to any other host is refused before it is sent.
"""

from __future__ import annotations

import ipaddress
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crossdock.aws.faults import Translating, translate
from crossdock.errors import CloudError
from crossdock.model.plan import Identity
from crossdock.model.platform import ORGANIZATION_ROLE

_EXECUTE_API = re.compile(r"^https://(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?P<rest>/.*)?$")


def on_loopback(url: str) -> bool:
    """Whether a URL's host is this machine's loopback, by name or address."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Credentials at one moment."""

    access_key: str
    secret_key: str
    token: str


class Account:
    """One account as the profile's caller, or as the role that the caller assumes there."""

    def __init__(self, session: Any, account_id: str, cloud: Cloud) -> None:
        self.account_id, self.region, self._session, self._cloud = account_id, cloud.region, session, cloud
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str | None = None) -> Any:
        """A botocore client in this account. It raises CloudError, with AWS's code in `faults.code(error)`."""
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = self._cloud.make_client(self._session, *key)
        return self._clients[key]

    def keys(self) -> Keys:
        """The credentials that sign this account's calls now; renewed when they are about to expire."""
        return _frozen(self._session)


class Cloud:
    """All accounts that one profile reaches. Threads may share it once `account` has been asked for each account."""

    def __init__(
        self, *, profile: str | None, files: tuple[Path, Path] | None, region: str, role: str = ORGANIZATION_ROLE
    ) -> None:
        self.region, self.role, self._profile, self._files = region, role, profile, files
        self._making = threading.RLock()
        self._base = self._session()
        self.endpoint = self._endpoint()
        self._accounts: dict[str, Account] = {}
        self._identity: Identity | None = None

    @classmethod
    def from_profile(
        cls, profile: str | None, *, config_file: Path | None = None, credentials_file: Path | None = None,
        region: str, role: str = ORGANIZATION_ROLE,
    ) -> Cloud:
        """The cloud behind a profile; None is what the AWS SDK would use. Raises CloudError: no such profile."""
        files = (config_file, credentials_file) if config_file and credentials_file else None
        return cls(profile=profile, files=files, region=region, role=role)

    def identity(self) -> Identity:
        """Who and where: the caller's account and the endpoint. Asks AWS once. Raises CloudError."""
        if self._identity is None:
            caller = self.make_client(self._base, "sts", self.region).get_caller_identity()
            self._identity = Identity(
                account=str(caller["Account"]), caller=str(caller["Arn"]), endpoint=self.endpoint,
                partition=str(caller["Arn"]).split(":")[1],
            )
        return self._identity

    def account(self, account_id: str) -> Account:
        """A session in an account: the caller's own, or by assuming `role` there."""
        if account_id not in self._accounts:
            mine = self.identity().account == account_id
            session = self._base if mine else self._assumed(account_id)
            self._accounts[account_id] = Account(session, account_id, self)
        return self._accounts[account_id]

    def reachable(self, url: str) -> str:
        """An AWS-owned URL as this profile reaches it: below the profile's endpoint when it has one."""
        match = _EXECUTE_API.match(url)
        if self.endpoint and match:
            url = f"{self.endpoint}/_aws/execute-api/{match['api']}{match['rest'] or ''}"
        self.guard(url)
        return url

    def guard(self, url: str) -> None:
        """Refuse to leave loopback when the profile's endpoint is on it. Raises CloudError."""
        if self.local and not on_loopback(url):
            raise CloudError(
                message=f"refused to follow {url}: the profile's endpoint {self.endpoint} is on this machine",
                hint="a profile with an endpoint on loopback never reaches another host",
            )

    @property
    def local(self) -> bool:
        """Whether the profile's endpoint is on loopback."""
        return bool(self.endpoint) and on_loopback(self.endpoint)

    def make_client(self, session: Any, service: str, region: str, **credentials: str) -> Any:
        """A client of a session of this cloud."""
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        settings: dict[str, Any] = {
            "retries": {"mode": "adaptive", "total_max_attempts": 6}, "user_agent_extra": "crossdock",
        }
        if service == "s3":  # pre-signed URLs of objects under SSE-KMS need version 4
            settings["signature_version"] = "s3v4"
        if self.local:  # a proxy of the environment would carry requests away from this machine
            settings["proxies"] = {}
        try:
            with self._making:  # sessions share what they load, and are not made for threads
                return session.create_client(
                    service, region_name=region, config=Config(**settings),
                    endpoint_url=self.endpoint if self.local else None, **credentials,
                )
        except BotoCoreError as error:
            raise translate(error) from error

    def _session(self) -> Any:
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session

        session = Session(profile=self._profile)
        if self._files:
            session.set_config_variable("config_file", str(self._files[0]))
            session.set_config_variable("credentials_file", str(self._files[1]))
        session.register("creating-client-class", _translating)
        session.register("before-send", self._before_send)
        try:
            session.get_scoped_config()
        except BotoCoreError as error:
            raise translate(error) from error
        return session

    def _endpoint(self) -> str:
        """The endpoint URL that is in force; a profile on loopback is not moved by the environment."""
        configured = str(self._base.get_scoped_config().get("endpoint_url") or "")
        if configured and on_loopback(configured):
            return configured.rstrip("/")
        return (os.environ.get("AWS_ENDPOINT_URL") or configured).rstrip("/")

    def _before_send(self, request: Any, **_: Any) -> None:
        self.guard(str(request.url))

    def _assumed(self, account_id: str) -> Any:
        """A session of the role in another account, made like the profile's own so that its endpoint holds."""
        from botocore.credentials import (
            AssumeRoleCredentialFetcher,
            CredentialProvider,
            DeferredRefreshableCredentials,
        )

        def sts(service: str, **credentials: str) -> Any:
            credentials.pop("config", None)
            return self.make_client(self._base, service, self.region, **credentials)

        source = self._base.get_credentials()
        if source is None:
            raise CloudError(message="no AWS credentials", hint="name a profile with --profile, or set AWS_PROFILE")
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=sts, source_credentials=source,
            role_arn=f"arn:{self.identity().partition}:iam::{account_id}:role/{self.role}",
            extra_args={"RoleSessionName": "crossdock"},
        )

        class Assumed(CredentialProvider):  # type: ignore[misc]  # botocore has no types
            METHOD = CANONICAL_NAME = "crossdock-assume-role"

            def load(self) -> Any:
                return DeferredRefreshableCredentials(method=self.METHOD, refresh_using=fetcher.fetch_credentials)

        session = self._session()
        session.register_component("data_loader", self._base.get_component("data_loader"))
        session.get_component("credential_provider").providers.insert(0, Assumed())
        return session


def _translating(base_classes: list[type], **_: Any) -> None:
    base_classes.insert(0, Translating)


def _frozen(session: Any) -> Keys:
    from botocore.exceptions import BotoCoreError

    try:
        credentials = session.get_credentials()
        if credentials is None:
            raise CloudError(message="no AWS credentials", hint="name a profile with --profile, or set AWS_PROFILE")
        now = credentials.get_frozen_credentials()
    except BotoCoreError as error:
        raise translate(error) from error
    return Keys(access_key=now.access_key, secret_key=now.secret_key, token=now.token or "")
