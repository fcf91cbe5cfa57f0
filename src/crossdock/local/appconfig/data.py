"""The AppConfig Data API: sessions that fetch what is deployed.

AppConfig API, StartConfigurationSession and GetLatestConfiguration: a token serves once; nothing comes back where
nothing changed since. What may be fetched is asked about the resolved configuration, which a request may call by names.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from crossdock.local.appconfig.state import Application, Part, Session
from crossdock.local.engine import AwsError, Call, Engine

if TYPE_CHECKING:
    from crossdock.local.appconfig.engine import AppConfig

FLAGS = "AWS.AppConfig.FeatureFlags"


class AppConfigData(Engine):
    """Reads what the engine of AppConfig holds."""

    service: ClassVar[str] = "appconfigdata"

    def start_configuration_session(self, call: Call) -> Mapping[str, Any]:
        p = call.params
        app = _named(self._held.state.applications.values(), str(p["ApplicationIdentifier"]), "Application")
        environment = _named(app.environments.values(), str(p["EnvironmentIdentifier"]), "Environment")
        profile = _named(app.profiles.values(), str(p["ConfigurationProfileIdentifier"]), "ConfigurationProfile")
        if (app.account, app.region) != (call.account, call.region):
            raise AwsError("ResourceNotFoundException", "Application does not exist", 404)
        made = Session(application=app.id, environment=environment.id, profile=profile.id,
                       seconds=int(p.get("RequiredMinimumPollIntervalInSeconds") or 60))
        self._may(call, made, "StartConfigurationSession")
        return {"InitialConfigurationToken": self._issue(made)}

    def get_latest_configuration(self, call: Call) -> Mapping[str, Any]:
        state = self._held.state
        session = state.sessions.pop(str(call.params["ConfigurationToken"]), None)
        if session is None:
            raise AwsError("BadRequestException", "Request invalid: the configuration token is unknown", 400)
        self._may(call, session, "GetLatestConfiguration")
        app = state.applications[session.application]
        environment, profile = app.environments[session.environment], app.profiles[session.profile]
        number = environment.active.get(profile.id, 0)
        if not number:
            raise AwsError("ResourceNotFoundException", "No deployment of this configuration exists", 404)
        deployed = environment.deployments[number]
        changed, session.given = number != session.given, number
        content = deployed["content"] if changed else b""
        if content and profile.members["Type"] == FLAGS:
            content = _flags(content)
        return {"NextPollConfigurationToken": self._issue(session), "NextPollIntervalInSeconds": session.seconds,
                "ContentType": deployed["type"], "Configuration": content,
                "VersionLabel": profile.versions.get(_number(deployed), {}).get("VersionLabel")}

    @property
    def _held(self) -> AppConfig:
        found: Any = self.world.engine("appconfig")
        return found  # type: ignore[no-any-return]

    def _issue(self, session: Session) -> str:
        token = secrets.token_urlsafe(48)
        self._held.state.sessions[token] = session
        return token

    def _may(self, call: Call, session: Session, action: str) -> None:
        """The caller's own permission, of the configuration by its ids."""
        resource = (f"arn:{call.partition}:appconfig:{call.region}:{call.account}:application/{session.application}/"
                    f"environment/{session.environment}/configuration/{session.profile}")
        self.world.authorize(call.caller, action=f"appconfig:{action}", resource=resource, account=call.account,
                             region=call.region)


def _named(parts: Any, name: str, what: str) -> Any:
    """What has this id or this name."""
    found: list[Application | Part] = [one for one in parts if name in (one.id, one.name)]
    if not found:
        raise AwsError("ResourceNotFoundException", f"{what} {name} does not exist", 404)
    return next((one for one in found if one.id == name), found[0])


def _number(deployed: Mapping[str, Any]) -> int:
    version = str(deployed["ConfigurationVersion"])
    return int(version) if version.isdigit() else 0


def _flags(content: bytes) -> bytes:
    """Feature flags as they are fetched: values alone, attributes of those that are off left out (User Guide, "Creating
    feature flags")."""
    values = json.loads(content)["values"]
    shown = {name: value if value.get("enabled") else {"enabled": False} for name, value in values.items()
             if isinstance(value, dict)}
    return json.dumps({name: {key: item for key, item in value.items() if not key.startswith("_")}
                       for name, value in shown.items()}).encode()
