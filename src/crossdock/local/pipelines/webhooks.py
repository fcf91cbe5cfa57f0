"""What starts a pipeline from outside AWS: pushes to git hosts, and posts to webhooks (CodePipeline User Guide,
webhooks and triggers; API reference, PutWebhook)."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossdock.local.engine import AwsError, Call, HttpRequest, HttpResponse, NotEmulated
from crossdock.local.pipelines import answers, triggers
from crossdock.local.pipelines.actions.githosts import GITHUB
from crossdock.local.pipelines.executions import Executions
from crossdock.local.pipelines.state import Declaration, Pipeline, Webhook, now
from crossdock.local.repositories import Push

_STEP = re.compile(r"\.([\w-]+)|\['([^']+)'\]|\[(\d+)\]")
MASK = "****"


class Webhooks(Executions):
    """Webhooks and the pushes that git hosts tell of."""

    # -- pushes

    def pushed(self, push: Push) -> None:
        """A reference of a repository at a git host moved."""
        for pipeline in list(self.state.pipelines.values()):
            for action in triggers.started(pipeline.declaration, push, self._host_of):
                detail = {"ConnectionArn": action["configuration"]["ConnectionArn"], "FullRepositoryName": push.name,
                          "ReferenceName": push.reference, "CommitId": push.after}
                self.begin(pipeline, "WebhookV2", json.dumps(detail), overrides={action["name"]: push.after})
                self.keep(("pipelines", pipeline.arn))
        if push.host != GITHUB or not push.after:
            return
        for webhook in list(self.state.webhooks.values()):
            if webhook.registered and (target := self._target(webhook)) is not None:
                where = target[1]["configuration"]
                if f"{where['Owner']}/{where['Repo']}" == push.name:
                    self._trigger(webhook, _github_push(push))

    def _host_of(self, arn: str) -> str:
        hosts: Any = self.world.engine("codestar-connections")
        held = hosts.state.connections.get(arn)
        return held.host if held else ""

    # -- webhooks

    def put_webhook(self, call: Call) -> Mapping[str, Any]:
        """A new webhook, or the changed one under its URL of before."""
        given = call.params["webhook"]
        arn = call.arn(f"webhook:{given['name']}")
        for one in given["filters"]:
            _steps(one["jsonPath"])
        kind, secret = given["authentication"], given["authenticationConfiguration"]
        if kind == "GITHUB_HMAC" and not secret.get("SecretToken"):
            raise AwsError("InvalidWebhookAuthenticationParametersException", "GITHUB_HMAC needs a SecretToken")
        if kind == "IP" and not secret.get("AllowedIPRange"):
            raise AwsError("InvalidWebhookAuthenticationParametersException", "IP needs an AllowedIPRange")
        pipeline = self.pipeline(_named(call, given["targetPipeline"]), "name")
        if _source(pipeline, given["targetAction"]) is None:
            raise AwsError("ValidationException", f"Pipeline {pipeline.name} has no source action "
                           f"{given['targetAction']}")
        held = self.state.webhooks.get(arn)
        tags = {tag["key"]: tag["value"] for tag in call.params.get("tags") or ()}
        self.state.webhooks[arn] = Webhook(
            arn=arn, name=given["name"], key=held.key if held else uuid.uuid4().hex, definition=dict(given),
            registered=held.registered if held else False, tags=tags or (held.tags if held else {}))
        return {"webhook": self._shown(self.state.webhooks[arn])}

    def list_webhooks(self, call: Call) -> Mapping[str, Any]:
        own = [one for one in self.state.webhooks.values() if one.arn.startswith(call.arn("webhook:"))]
        shown, more = answers.page([self._shown(one) for one in sorted(own, key=lambda one: one.name)], call,
                                   marker="NextToken", limit="MaxResults")
        return {"webhooks": list(shown), **more}

    def delete_webhook(self, call: Call) -> None:
        """Nothing happens for a webhook that isn't there, as on AWS."""
        self.state.webhooks.pop(call.arn(f"webhook:{call.params['name']}"), None)

    def register_webhook_with_third_party(self, call: Call) -> None:
        """Have the git host call the webhook: here, whatever stands in for GitHub."""
        webhook = self._webhook(call)
        target = self._target(webhook)
        if target is None or target[1]["actionTypeId"]["provider"] != "GitHub":
            raise AwsError("ValidationException", f"The webhook {webhook.name} has no source action at GitHub")
        webhook.registered = True

    def deregister_webhook_with_third_party(self, call: Call) -> None:
        self._webhook(call).registered = False

    def http(self, request: HttpRequest) -> HttpResponse:
        """A post to a webhook's URL: authenticated, then filtered; what does not pass starts nothing."""
        key = request.path.removeprefix("/webhooks/")
        webhook = next((one for one in self.state.webhooks.values() if one.key == key), None)
        if request.method != "POST" or webhook is None:
            return HttpResponse(status=404, body=b"no such webhook\n")
        if not _authentic(webhook, request):
            return HttpResponse(status=403, body=b"the webhook's authentication failed\n")
        try:
            body = json.loads(request.body)
        except ValueError:
            return HttpResponse(status=400, body=b"the payload is not JSON\n")
        self._trigger(webhook, body)
        return HttpResponse(status=200)

    def _trigger(self, webhook: Webhook, body: Any) -> None:
        target = self._target(webhook)
        if target is None:
            return
        pipeline, action = target
        for one in webhook.definition["filters"]:
            found = _select(body, one["jsonPath"])
            wanted = re.sub(r"\{(\w+)\}", lambda m: action["configuration"].get(m[1], m[0]), one.get("matchEquals", ""))
            if found is None or (wanted and str(found) != wanted):
                return
        webhook.triggered = now()
        self.begin(pipeline, "Webhook", webhook.arn)
        self.keep(("pipelines", pipeline.arn))

    def _target(self, webhook: Webhook) -> tuple[Pipeline, Declaration] | None:
        region, account = webhook.arn.split(":")[3:5]
        arn = f"arn:{self.world.partition}:codepipeline:{region}:{account}:{webhook.definition['targetPipeline']}"
        pipeline = self.state.pipelines.get(arn)
        action = _source(pipeline, webhook.definition["targetAction"]) if pipeline else None
        return (pipeline, action) if pipeline and action else None

    def _webhook(self, call: Call) -> Webhook:
        arn = call.arn(f"webhook:{call.params.get('webhookName', '')}")
        if arn not in self.state.webhooks:
            raise AwsError("WebhookNotFoundException", f"The webhook {call.params.get('webhookName')} does not exist")
        return self.state.webhooks[arn]

    def _shown(self, webhook: Webhook) -> dict[str, Any]:
        hidden = {"SecretToken": MASK} if "SecretToken" in webhook.definition["authenticationConfiguration"] else {}
        definition = {**webhook.definition, "authenticationConfiguration": {
            **webhook.definition["authenticationConfiguration"], **hidden}}
        return {
            "definition": definition, "arn": webhook.arn,
            "url": f"{self.world.endpoint}/_aws/codepipeline/webhooks/{webhook.key}",
            "tags": [{"key": key, "value": value} for key, value in webhook.tags.items()],
            **({"lastTriggered": webhook.triggered} if webhook.triggered else {}),
        }


def _named(call: Call, name: str) -> Call:
    return replace(call, params={"name": name})


def _source(pipeline: Pipeline, name: str) -> Declaration | None:
    return next((a for a in pipeline.declaration["stages"][0]["actions"] if a["name"] == name), None)


def _github_push(push: Push) -> dict[str, Any]:
    """What filters ask of GitHub's payload of a push (GitHub documentation, webhook events and payloads)."""
    owner, _, name = push.name.rpartition("/")
    commit = {"id": push.after, "message": push.message, "modified": list(push.files), "added": [], "removed": []}
    zero = "0" * 40
    return {
        "ref": push.reference, "before": push.before or zero, "after": push.after, "created": not push.before,
        "deleted": False, "forced": False, "head_commit": commit, "commits": [commit],
        "repository": {"name": name, "full_name": push.name, "owner": {"name": owner, "login": owner}},
    }


def _authentic(webhook: Webhook, request: HttpRequest) -> bool:
    settings = webhook.definition["authenticationConfiguration"]
    match webhook.definition["authentication"]:
        case "GITHUB_HMAC":
            secret = settings["SecretToken"].encode()
            for header, name in (("x-hub-signature-256", "sha256"), ("x-hub-signature", "sha1")):
                if header in request.headers:
                    signed = f"{name}={hmac.new(secret, request.body, getattr(hashlib, name)).hexdigest()}"
                    return hmac.compare_digest(signed, request.headers[header])
            return False
        case "IP":
            return ipaddress.ip_address("127.0.0.1") in ipaddress.ip_network(settings["AllowedIPRange"], strict=False)
        case _:
            return True


def _steps(path: str) -> list[str | int]:
    """A JSON path of members and indexes. Raises NotEmulated for more than that."""
    if not re.fullmatch(r"\$(?:\.[\w-]+|\['[^']+'\]|\[\d+\])*", path):
        raise NotEmulated(f"the JSON path {path} of a webhook's filter")
    return [int(index) if index else member or quoted for member, quoted, index in _STEP.findall(path)]


def _select(body: Any, path: str) -> Any:
    """What a path finds in a payload; None when there is nothing."""
    for step in _steps(path):
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            return None
    return body
