"""What a Custom::StackSet does, one operation of CloudFormation at a time.

A stack set runs one operation at a time and tells by account how it went (CloudFormation User Guide, stack set
operation status codes). An account that lets nobody in is told apart from one in which a stack failed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

LOG = logging.getLogger()
NOT_LET_IN = re.compile(r"should have '.+' role with trust relationship|suspended|not authorized to perform: sts:")
"""How CloudFormation says that it did not get into an account at all."""
_PHASES = {"Create": ["put", "add", "outputs"], "Update": ["remove", "put", "add", "outputs"],
           "Delete": ["clear", "drop"]}


class Waiting(Exception):
    """An operation is under way."""


class Unready(Exception):
    """Another operation of the same stack set is under way: ask again."""


class Failed(Exception):
    """It could not be done; the reasons by account and region."""


Place = tuple[str, str]
"""Account and region."""
Reader = Callable[[str, str], Any]


def phases(request_type: str) -> list[str]:
    """What a request consists of, in order."""
    return list(_PHASES[request_type])


class Work:
    """One request. Everything that must outlast an invocation is in `event["State"]`.

    reader  (account, region) -> a client of CloudFormation that may look at instances there
    """

    def __init__(self, event: dict[str, Any], cloudformation: Any, reader: Reader) -> None:
        self.properties, self.state = event["ResourceProperties"], event["State"]
        self.cloudformation, self.reader = cloudformation, reader
        self.name = self.properties.get("StackSetName") or event["PhysicalResourceId"]
        self.physical = event.get("PhysicalResourceId", self.name)
        if event["RequestType"] == "Delete":
            self.name = self.physical
        self.phase = ""

    def step(self) -> dict[str, str] | None:
        """Begin or look at one operation. None: there is more to do; a mapping: it is done, and these are attributes.

        Raises Waiting, Unready, Failed.
        """
        if self.state["operation"]:
            self._look(self.state["operation"])
            self.state["operation"] = ""
        elif self.state["phases"]:
            self.phase = phase = self.state["phases"].pop(0)
            try:
                outcome: str | dict[str, str] = getattr(self, f"_{phase}")()
            except ClientError as error:
                if error.response["Error"]["Code"] != "OperationInProgressException":
                    raise
                self.state["phases"].insert(0, phase)
                raise Unready(f"{self.name} is being changed by somebody else") from error
            if isinstance(outcome, dict):
                return outcome
            self.state["operation"] = outcome
        return None if self.state["phases"] or self.state["operation"] else {}

    def _look(self, operation: str) -> None:
        """How an operation goes. Within the tolerance, what failed is reported and no failure."""
        found = self.cloudformation.describe_stack_set_operation(StackSetName=self.name, OperationId=operation)
        status = found["StackSetOperation"]["Status"]
        if status in ("RUNNING", "QUEUED", "STOPPING"):
            raise Waiting(f"operation {operation} of {self.name} is {status}")
        reasons = dict(self._reasons(operation))
        skipped = {place for place, why in reasons.items() if self._skips and NOT_LET_IN.search(why)}
        failed = [f"{place}: {why}" for place, why in reasons.items() if place not in skipped]
        for line in failed:
            LOG.warning("%s", line)
        self.state["skipped"] = sorted({*self.state["skipped"], *skipped})
        self.state["failed"] = sorted({*self.state["failed"], *failed})
        unexplained = status != "SUCCEEDED" and not reasons
        if len(failed) > self._tolerance or unexplained:
            raise Failed(f"{self.name}: {'; '.join(failed) or f'the operation ended {status}'}")

    def _reasons(self, operation: str) -> Iterator[tuple[str, str]]:
        """Place -> why, of the instances that did not succeed."""
        pages = self.cloudformation.get_paginator("list_stack_set_operation_results")
        for page in pages.paginate(StackSetName=self.name, OperationId=operation):
            for one in page["Summaries"]:
                if one["Status"] != "SUCCEEDED":
                    yield f"{one['Account']}/{one['Region']}", one.get("StatusReason", one["Status"])

    @property
    def _skips(self) -> bool:
        return bool(self.properties.get("AccountsThatCannotBeReached", "fail") == "skip")

    @property
    def _tolerance(self) -> int:
        return int(self.properties.get("FailureToleranceCount", 0))

    def _put(self) -> str:
        """The stack set with its template and parameters; the instances that there are follow."""
        given = {
            "StackSetName": self.name, "TemplateURL": self.properties["TemplateURL"],
            "Parameters": [{"ParameterKey": key, "ParameterValue": value}
                           for key, value in sorted(self.properties.get("Parameters", {}).items())],
            "Capabilities": self.properties.get("Capabilities", []),
            "AdministrationRoleARN": self.properties["AdministrationRoleArn"],
            "ExecutionRoleName": self.properties["ExecutionRoleName"],
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(self.properties.get("Tags", {}).items())],
        }
        if not self._exists():
            self.cloudformation.create_stack_set(**given, PermissionModel="SELF_MANAGED")
            return ""
        # What an instance failed of earlier is tried anew; the tolerance is judged over all of them.
        updated = self.cloudformation.update_stack_set(**given, OperationPreferences=self._preferences())
        return str(updated["OperationId"])

    def _add(self) -> str:
        """Instances that are wanted and not there."""
        missing = sorted(self._wanted() - set(self._instances()))
        return self._instances_call("create_stack_instances", missing)

    def _remove(self) -> str:
        """Instances that are there and no longer wanted, with their stacks."""
        return self._gone(sorted(set(self._instances()) - self._wanted())) if self._exists() else ""

    def _clear(self) -> str:
        """All instances, with their stacks."""
        if not self._exists():
            self.state["phases"].clear()
            return ""
        return self._gone(sorted(self._instances()))

    def _gone(self, places: list[Place]) -> str:
        """Those whose stack never came to be are forgotten first: nobody has to get into their accounts."""
        held = self._instances()
        unmade = [place for place in places if not held[place].get("StackId")]
        if unmade and len(unmade) < len(places):
            self.state["phases"].insert(0, self.phase)
        return self._instances_call("delete_stack_instances", unmade or places, RetainStacks=bool(unmade))

    def _drop(self) -> str:
        """The stack set itself. An account that could not be reached keeps its stack; the stack set forgets it."""
        if left := sorted(self._instances()):
            self.state["phases"].insert(0, "drop")
            return self._instances_call("delete_stack_instances", left, RetainStacks=True)
        self.cloudformation.delete_stack_set(StackSetName=self.name)
        return ""

    def _outputs(self) -> dict[str, str]:
        """Attributes: outputs that OutputKeys names, `ACCOUNT.REGION.Output`, of a single instance also `Output`."""
        keys, found = self.properties.get("OutputKeys", []), {}
        instances = {place: one for place, one in self._instances().items() if one.get("StackId")}
        unreached = {*self.state["skipped"], *(line.partition(":")[0] for line in self.state["failed"])}
        for (account, region), one in sorted(instances.items()) if keys else ():
            if f"{account}/{region}" in unreached:
                continue
            stack = self.reader(account, region).describe_stacks(StackName=one["StackId"])["Stacks"][0]
            given = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", ())}
            for key in keys:
                found[f"{account}.{region}.{key}"] = given[key]
                if len(self._wanted()) == 1:
                    found[key] = given[key]
        return found | {"Skipped": ",".join(self.state["skipped"]), "Failed": "; ".join(self.state["failed"])[:500]}

    def _instances_call(self, call: str, places: list[Place], **more: Any) -> str:
        """One operation for these places: all accounts that have the regions of the first. The others come next."""
        if not places:
            return ""
        by_account: dict[str, list[str]] = {}
        for account, region in places:
            by_account.setdefault(account, []).append(region)
        regions = by_account[places[0][0]]
        alike = [account for account, theirs in by_account.items() if theirs == regions]
        if len(alike) < len(by_account):
            self.state["phases"].insert(0, self.phase)
        begun = getattr(self.cloudformation, call)(
            StackSetName=self.name, Accounts=alike, Regions=regions, OperationPreferences=self._preferences(), **more)
        return str(begun["OperationId"])

    def _preferences(self) -> dict[str, Any]:
        """An account that is skipped counts as failed for CloudFormation, so all may; `_look` judges the others."""
        return {
            "FailureToleranceCount": len(self._wanted()) if self._skips else self._tolerance,
            "MaxConcurrentCount": int(self.properties.get("MaxConcurrentCount", 10)),
            "RegionConcurrencyType": "PARALLEL", "ConcurrencyMode": "SOFT_FAILURE_TOLERANCE",
        }

    def _wanted(self) -> set[Place]:
        return {(account, region) for account in self.properties.get("Accounts", ())
                for region in self.properties.get("Regions", ())}

    def _exists(self) -> bool:
        try:
            found = self.cloudformation.describe_stack_set(StackSetName=self.name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "StackSetNotFoundException":
                raise
            return False
        return bool(found["StackSet"]["Status"] == "ACTIVE")

    def _instances(self) -> dict[Place, dict[str, Any]]:
        """Every instance's summary."""
        pages = self.cloudformation.get_paginator("list_stack_instances").paginate(StackSetName=self.name)
        return {(one["Account"], one["Region"]): one for page in pages for one in page["Summaries"]}
