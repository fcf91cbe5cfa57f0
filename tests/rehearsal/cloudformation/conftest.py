"""One account as a person with its administrator's key sees it, and stacks that are waited for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from crossdock.local.identity import Caller
    from crossdock.local.server import LocalWorld

CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class Account:
    """`create`, `update` and `delete` answer when the stack is done; nothing is asserted here."""

    def __init__(self, world: LocalWorld, number: str, caller: Caller, region: str) -> None:
        self.world, self.number, self.caller, self.region = world, number, caller, region
        self.cloudformation = self.client("cloudformation")

    def client(self, service: str) -> Any:
        return self.world.client(service, self.caller, self.region)

    def as_role(self, arn: str) -> Account:
        """The same account as a session of a role sees it."""
        return Account(self.world, self.number, self.world.role_session(arn, "test"), self.region)

    def _ask(self, operation: str, template: Mapping[str, Any] | str, name: str, **more: Any) -> str:
        body = template if isinstance(template, str) else json.dumps(template)
        parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in more.pop("parameters", {}).items()]
        asked = {"StackName": name, "TemplateBody": body, "Parameters": parameters, "Capabilities": CAPABILITIES}
        return str(getattr(self.cloudformation, operation)(**asked | more)["StackId"])

    def _done(self, stack_id: str) -> str:
        engine: Any = self.world.engine("cloudformation")
        engine.wait(stack_id)
        return str(self.stack(stack_id)["StackStatus"])

    def create(self, template: Mapping[str, Any] | str, name: str = "one", **more: Any) -> str:
        """The status in which it ends."""
        return self._done(self._ask("create_stack", template, name, **more))

    def update(self, template: Mapping[str, Any] | str, name: str = "one", **more: Any) -> str:
        return self._done(self._ask("update_stack", template, name, **more))

    def delete(self, name: str = "one", **more: Any) -> str:
        stack_id = self.stack(name)["StackId"]
        self.cloudformation.delete_stack(StackName=name, **more)
        return self._done(stack_id)

    def wait(self, name: str = "one") -> str:
        return self._done(self.stack(name)["StackId"])

    def stack(self, name: str = "one") -> dict[str, Any]:
        found: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return found

    def outputs(self, name: str = "one") -> dict[str, str]:
        return {o["OutputKey"]: o["OutputValue"] for o in self.stack(name)["Outputs"]}

    def physical(self, logical: str, name: str = "one") -> str:
        detail = self.cloudformation.describe_stack_resource(StackName=name, LogicalResourceId=logical)
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    def events(self, name: str = "one") -> list[tuple[str, str]]:
        """(logical id, status), oldest first."""
        return [(e["LogicalResourceId"], e["ResourceStatus"]) for e in self._events(name)]

    def reasons(self, logical: str, name: str = "one") -> list[str]:
        return [e["ResourceStatusReason"] for e in self._events(name)
                if e["LogicalResourceId"] == logical and e.get("ResourceStatusReason")]

    def _events(self, name: str) -> list[dict[str, Any]]:
        return list(reversed(self.cloudformation.describe_stack_events(StackName=name)["StackEvents"]))


SHARED, NONPROD, PRODUCTION = "111111111111", "222222222222", "333333333333"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    """Three accounts of one organization, kept for a file of tests: each test has a region of its own in them."""
    from moto.core.base_backend import BackendDict

    from crossdock.local.server import LocalWorld

    BackendDict.reset()  # the store keeps its state in the process
    accounts = {SHARED: "shared", NONPROD: "nonprod", PRODUCTION: "production"}
    made = LocalWorld(tmp_path_factory.mktemp("local"), accounts=accounts, management=SHARED,
                      organization="o-a1b2c3d4e5", region="us-east-1")
    made.settle()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def regions(world: LocalWorld) -> Iterator[str]:
    return iter(["us-east-1", *(f"{area}-{side}-{n}" for area in ("us", "eu", "ap", "sa", "ca")
                                for side in ("west", "central", "south", "north") for n in (1, 2, 3))])


@pytest.fixture
def enter(world: LocalWorld, regions: Iterator[str]) -> Callable[[str], Account]:
    """An account by number, in the test's region."""
    region = next(regions)

    def found(number: str) -> Account:
        keys = world.client("iam", world.root_user(number)).list_access_keys(UserName="administrator")
        return Account(world, number, world.session(keys["AccessKeyMetadata"][0]["AccessKeyId"]), region)

    return found


@pytest.fixture
def account(enter: Callable[[str], Account]) -> Account:
    return enter(NONPROD)
