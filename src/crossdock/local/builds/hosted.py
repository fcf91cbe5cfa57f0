"""CodeBuild's operations beside projects and builds: webhooks, credentials of git hosts, report groups."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crossdock.local.builds import webhooks
from crossdock.local.builds.projects import invalid
from crossdock.local.builds.source import SourceError, at_host
from crossdock.local.builds.state import Build, Project, Settings, State
from crossdock.local.engine import AwsError, Call, Engine
from crossdock.local.repositories import Push

Answer = Mapping[str, Any]


class Hosted(Engine):
    """The engine stands on this."""

    state: State

    def _project(self, call: Call, name: str) -> Project:
        raise NotImplementedError

    def _start(self, project: Project, settings: Settings, *, initiator: str, overrides: Any) -> Build:
        raise NotImplementedError

    # -- webhooks

    def create_webhook(self, call: Call) -> Answer:
        project = self._project(call, call.params["projectName"])
        if project.webhook is not None:
            raise AwsError("ResourceAlreadyExistsException", f"Project {project.name} has a webhook already")
        known = [one["serverType"] for arn, one in self.state.credentials.items() if arn.startswith(call.arn("token/"))]
        url = f"https://api.github.com/repos/{project.name}/hooks/{uuid.uuid4().hex[:9]}"
        project.webhook = webhooks.made(project, call.params, known, url)
        return {"webhook": project.webhook}

    def update_webhook(self, call: Call) -> Answer:
        project = self._project(call, call.params["projectName"])
        if project.webhook is None:
            raise AwsError("ResourceNotFoundException", f"Project {project.name} has no webhook")
        project.webhook = {**webhooks.changed(call.params), "url": project.webhook["url"]}
        return {"webhook": project.webhook}

    def delete_webhook(self, call: Call) -> None:
        project = self._project(call, call.params["projectName"])
        if project.webhook is None:
            raise AwsError("ResourceNotFoundException", f"Project {project.name} has no webhook")
        project.webhook = None

    def pushed(self, push: Push) -> None:
        """A reference of a repository at a git host moved: builds of the projects whose webhooks ask for it begin."""
        for project in list(self.state.projects.values()):
            if project.webhook is None or not webhooks.matches(project.webhook, push):
                continue
            try:
                where = at_host(str(project.settings["source"].get("location", "")))
            except SourceError:
                continue
            if where == (push.host, push.name):
                settings = {**project.settings, "sourceVersion": push.after}
                self._start(project, settings, initiator="GitHub-Hookshot/local", overrides=webhooks.variables(push))
                self.keep(("projects", project.arn))

    # -- credentials of git hosts

    def import_source_credentials(self, call: Call) -> Answer:
        """One token for each host, account and region. It opens nothing here and is not kept."""
        given = call.params
        arn = call.arn(f"token/{given['serverType'].lower()}")
        if arn in self.state.credentials and not given.get("shouldOverwrite", True):
            raise AwsError("ResourceAlreadyExistsException", f"Access token with server type {given['serverType']} "
                           "already exists")
        self.state.credentials[arn] = {"serverType": given["serverType"], "authType": given["authType"]}
        return {"arn": arn}

    def list_source_credentials(self, call: Call) -> Answer:
        return {"sourceCredentialsInfos": [
            {"arn": arn, **one} for arn, one in self.state.credentials.items() if arn.startswith(call.arn("token/"))]}

    def delete_source_credentials(self, call: Call) -> Answer:
        if self.state.credentials.pop(call.params["arn"], None) is None:
            raise AwsError("ResourceNotFoundException", f"{call.params['arn']} does not exist")
        return {"arn": call.params["arn"]}

    # -- report groups

    def create_report_group(self, call: Call) -> Answer:
        arn = call.arn(f"report-group/{call.params['name']}")
        if arn in self.state.groups:
            raise AwsError("ResourceAlreadyExistsException", f"Report group already exists: {arn}")
        moment = datetime.now(UTC)
        self.state.groups[arn] = {**call.params, "arn": arn, "created": moment, "lastModified": moment,
                                  "status": "ACTIVE"}
        return {"reportGroup": self.state.groups[arn]}

    def update_report_group(self, call: Call) -> Answer:
        held = self._group(call.params["arn"])
        given = {name: value for name, value in call.params.items() if name != "arn"}
        self.state.groups[held["arn"]] = {**held, **given, "lastModified": datetime.now(UTC)}
        return {"reportGroup": self.state.groups[held["arn"]]}

    def delete_report_group(self, call: Call) -> None:
        """Reports are not made here, so no group holds any."""
        self.state.groups.pop(call.params["arn"], None)

    def batch_get_report_groups(self, call: Call) -> Answer:
        found = [self.state.groups[arn] for arn in call.params["reportGroupArns"] if arn in self.state.groups]
        lost = [arn for arn in call.params["reportGroupArns"] if arn not in self.state.groups]
        return {"reportGroups": found, "reportGroupsNotFound": lost}

    def list_report_groups(self, call: Call) -> Answer:
        return {"reportGroups": sorted(arn for arn in self.state.groups if arn.startswith(call.arn("report-group/")))}

    def _group(self, arn: str) -> dict[str, Any]:
        if arn not in self.state.groups:
            raise invalid(f"Report group does not exist: {arn}")
        return self.state.groups[arn]
