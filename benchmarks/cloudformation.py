"""The local CloudFormation, which asks every right, against moto's own engine, which asks none and rolls nothing back.

Both make, in a process of their own, 50 accounts x 20 stacks x 10 resources through boto3's API, and one stack of 200
resources: its creation, an update of which nothing comes, an update of every resource. `processor` is the time of the
processor, which what else the machine does disturbs less; the memory is what each process had at most. moto makes a
stack while its caller waits; here operations go on behind the call, four at a time.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import resource
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from measuring import Ratio, Result, Series, main, progress

ACCOUNTS, STACKS, REGION = 50, 20, "us-east-1"
ENVIRONMENT = Path(__file__).resolve().parent.parent / "build" / "moto-cloudformation"
CAPABILITIES = ["CAPABILITY_IAM"]
GOALS = {"update none": 1.0, "memory": 1.5}
Client = Callable[[str], Any]
"""Account -> a CloudFormation client that acts as its administrator."""

TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def ten(value: str = "a") -> str:
    """A template of ten resources that refer to each other."""
    resources: dict[str, Any] = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "RoleArn": parameter("RoleArn", {"Fn::GetAtt": ["Role", "Arn"]}),
        "GroupName": parameter("GroupName", {"Ref": "Group"}),
    }
    for number in (1, 2):
        resources[f"Topic{number}"] = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": value}}
        resources[f"Queue{number}"] = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30}}
        resources[f"Arn{number}"] = parameter(f"Arn{number}", {"Ref": f"Topic{number}"})
    return json.dumps({"Resources": resources})


def many(value: str, count: int = 200) -> str:
    """A template of many resources in chains of ten."""
    return json.dumps({"Resources": {
        f"P{n}": parameter(f"P{n}", value if n % 10 == 0 else {"Fn::Sub": f"{value}-${{P{n - 1}}}"})
        for n in range(count)}})


def parameter(name: str, value: Any) -> dict[str, Any]:
    """One whose name is given: moto makes none."""
    named = {"Fn::Sub": f"${{AWS::StackName}}-{name}"}
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": named, "Type": "String", "Value": value}}


def numbers() -> list[str]:
    return [f"{100000000000 + n}" for n in range(ACCOUNTS)]


@contextmanager
def ours() -> Iterator[tuple[Client, Callable[[str], None]]]:
    """Clients of the local AWS, and how to wait for a stack."""
    from crossdock.local.server import LocalWorld

    with tempfile.TemporaryDirectory() as directory:
        accounts = {number: f"account{number}" for number in numbers()}
        world = LocalWorld(Path(directory), accounts=accounts, management=numbers()[0], organization="o-a1b2c3d4e5",
                           region=REGION, services=["sts", "cloudformation"])
        keys = world.settle()
        world.start()
        engine: Any = world.engine("cloudformation")
        callers = {number: world.session(key.access_key) for number, key in keys.items()}
        yield lambda number: world.client("cloudformation", callers[number], REGION), lambda one: engine.wait(one, 600)
        world.stop()


@contextmanager
def motos() -> Iterator[tuple[Client, Callable[[str], None]]]:
    """The same of moto, whose calls answer when a stack is done."""
    import boto3
    from moto import mock_aws

    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": REGION}
    with mock_aws():
        sts = boto3.client("sts")

        def client(number: str) -> Any:
            given = sts.assume_role(RoleArn=f"arn:aws:iam::{number}:role/r", RoleSessionName="session")["Credentials"]
            return boto3.client(
                "cloudformation", aws_access_key_id=given["AccessKeyId"], aws_session_token=given["SessionToken"],
                aws_secret_access_key=given["SecretAccessKey"])

        yield client, lambda _: None


def interpreter(which: str) -> str:
    """The Python of one side: moto's engine needs packages that crossdock doesn't, in an environment of its own."""
    if which == "ours":
        return sys.executable
    wanted = f"moto {importlib.metadata.version('moto')}"
    mark, found = ENVIRONMENT / "has", ENVIRONMENT / "bin" / "python"
    if not mark.exists() or mark.read_text("utf-8") != wanted:
        with progress(f"making an environment with {wanted} and what its CloudFormation needs"):
            venv.create(ENVIRONMENT, clear=True, with_pip=True)
            subprocess.run(
                [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                 f"moto[cloudformation,iam,sns,sqs,ssm]=={wanted.partition(' ')[2]}"], check=True)
        mark.write_text(wanted, "utf-8")
    return str(found)


def part(which: str) -> dict[str, float]:
    """Seconds of each part, and megabytes at most."""
    found: dict[str, float] = {}
    with (ours() if which == "ours" else motos()) as (client, wait):
        clients = {number: client(number) for number in numbers()}

        def account(number: str) -> None:
            for n in range(STACKS):
                wait(clients[number].create_stack(
                    StackName=f"s{n}", TemplateBody=ten(), Capabilities=CAPABILITIES)["StackId"])

        began, busy = perf_counter(), process_time()
        with ThreadPoolExecutor(4 if which == "ours" else 1) as pool:
            list(pool.map(account, numbers()))
        found["many stacks"], found["many stacks, processor"] = perf_counter() - began, process_time() - busy
        one = clients[numbers()[0]]
        for name, call, value in (("create 200", one.create_stack, "a"), ("update none", one.update_stack, "a"),
                                  ("update 200", one.update_stack, "b")):
            began = perf_counter()
            try:
                wait(call(StackName="big", TemplateBody=many(value))["StackId"])
            except one.exceptions.ClientError as error:
                if "No updates are to be performed" not in str(error):
                    raise
            found[name] = perf_counter() - began
        statuses = {s["StackStatus"] for c in clients.values() for s in c.describe_stacks()["Stacks"]}
        assert statuses == {"CREATE_COMPLETE", "UPDATE_COMPLETE"}, statuses
        found["stacks"] = sum(len(c.describe_stacks()["Stacks"]) for c in clients.values())
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1e6)
    return found


def measure() -> Result:
    """Both in turn, each in a process of its own."""
    found: dict[str, Mapping[str, float]] = {}
    for which in ("ours", "moto"):
        with progress(f"{which}: {ACCOUNTS} accounts x {STACKS} stacks x 10 resources"):
            asked = [interpreter(which), __file__, "--part", which]
            ran = subprocess.run(asked, stdout=subprocess.PIPE, text=True, check=True)
        found[which] = json.loads(ran.stdout)
    timed = ("many stacks", "many stacks, processor", "create 200", "update none", "update 200")
    return Result(
        benchmark="cloudformation",
        series=[Series(f"{name}, {which}", [found[which][name]]) for name in timed for which in found],
        ratios=[
            *(Ratio(f"{name} / moto's", found["ours"][name] / found["moto"][name], GOALS.get(name)) for name in timed),
            Ratio("memory / moto's", found["ours"]["megabytes"] / found["moto"]["megabytes"], GOALS["memory"]),
        ],
        notes=[f"memory: {found['ours']['megabytes']:.0f} MB, moto's {found['moto']['megabytes']:.0f} MB",
               "moto's engine asks no rights, writes no event per resource and rolls nothing back"],
        more={"parts": found},
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        print(json.dumps(part(sys.argv[2])))
    else:
        main(measure, __doc__ or "")
