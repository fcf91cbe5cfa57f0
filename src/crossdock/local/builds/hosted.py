"""CodeBuild's operations beside projects and builds: webhooks, credentials of git hosts, reports."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crossdock.local.builds import webhooks
from crossdock.local.builds.projects import invalid
from crossdock.local.builds.reports import Case, summary
from crossdock.local.builds.source import SourceError, at_host
from crossdock.local.builds.state import Build, Project, Settings, State
from crossdock.local.engine import AwsError, Call, Engine
from crossdock.local.identity import Caller
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
        """One that holds reports goes only with them (deleteReports)."""
        arn = call.params["arn"]
        held = [report for report, one in self.state.reports.items() if one["reportGroupArn"] == arn]
        if held and not call.params.get("deleteReports"):
            raise invalid(f"Cannot delete report group {arn}: it contains reports")
        for report in held:
            self._forget(report)
        self.state.groups.pop(arn, None)

    # -- reports

    def file_report(self, build: Build, role: Caller, name: str, cases: Sequence[Case]) -> None:
        """A report of a build, in the group of its name, which is made where there is none. Raises AwsError when the
        build's role may not."""
        head = build.arn.partition(":build/")[0]
        group = name if ":report-group/" in name else f"{head}:report-group/{build.project}-{name}"
        known = group in self.state.groups
        for right in (() if known else ("CreateReportGroup",)) + ("CreateReport", "BatchPutTestCases", "UpdateReport"):
            self.world.authorize(role, action=f"codebuild:{right}", resource=group, account=build.account,
                                 region=build.region)
        if not known:
            moment = datetime.now(UTC)
            self.state.groups[group] = {
                "arn": group, "name": group.rpartition("/")[2], "type": "TEST", "created": moment,
                "lastModified": moment, "status": "ACTIVE", "exportConfig": {"exportConfigType": "NO_EXPORT"}}
        arn = f"{group.replace(':report-group/', ':report/')}:{uuid.uuid4()}"
        bad = any(case.status in ("FAILED", "ERROR") for case in cases)
        moment = datetime.now(UTC)
        self.state.cases[arn] = [{**case.draw(arn), "expired": moment + timedelta(days=30)} for case in cases]
        self.state.reports[arn] = {
            "arn": arn, "type": "TEST", "name": f"{group.rpartition('/')[2]}-report", "reportGroupArn": group,
            "executionId": build.arn, "status": "FAILED" if bad else "SUCCEEDED", "created": moment,
            "expired": moment + timedelta(days=30), "exportConfig": self.state.groups[group]["exportConfig"],
            "truncated": False, "testSummary": summary(cases)}
        build.reports.append(arn)

    def batch_get_reports(self, call: Call) -> Answer:
        asked = call.params["reportArns"]
        return {"reports": [self.state.reports[arn] for arn in asked if arn in self.state.reports],
                "reportsNotFound": [arn for arn in asked if arn not in self.state.reports]}

    def describe_test_cases(self, call: Call) -> Answer:
        arn, wanted = call.params["reportArn"], call.params.get("filter") or {}
        if arn not in self.state.reports:
            raise AwsError("ResourceNotFoundException", f"Report does not exist: {arn}")
        return {"testCases": [case for case in self.state.cases[arn]
                              if wanted.get("status") in (None, case["status"])
                              and wanted.get("keyword", "") in case["name"]]}

    def list_reports(self, call: Call) -> Answer:
        return self._reports(call, call.arn("report/"))

    def list_reports_for_report_group(self, call: Call) -> Answer:
        group = self._group(call.params["reportGroupArn"])["arn"]
        return self._reports(call, f"{group.replace(':report-group/', ':report/')}:")

    def delete_report(self, call: Call) -> None:
        self._forget(call.params["arn"])

    def _reports(self, call: Call, prefix: str) -> Answer:
        wanted = (call.params.get("filter") or {}).get("status")
        newest = [arn for arn, one in reversed(self.state.reports.items())
                  if arn.startswith(prefix) and wanted in (None, one["status"])]
        return {"reports": newest[::-1] if call.params.get("sortOrder") == "ASCENDING" else newest}

    def _forget(self, report: str) -> None:
        self.state.reports.pop(report, None)
        self.state.cases.pop(report, None)

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
