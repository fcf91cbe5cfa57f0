"""What it costs that the local AWS keeps its state: the same calls with and without, in one process and over HTTP.

Each call goes in turns to a local AWS whose state is on disk and to one whose state is in memory alone: an object of
1 KB put (always the same, and each time another), a role made, a parameter put, a log line written, a message sent. The
state is an ordinary platform's: roles, objects and parameters by the hundred. Goal: a median of at most 1.3 times that
of memory alone for objects and roles; a start that takes at most 0.5 s longer.
"""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from measuring import Ratio, Result, Series, alternately, main, progress

RUNS, WARM, GOAL, START_GOAL, STARTS = 300, 30, 1.3, 0.5, 5
SHARED, NONPROD, REGION = "111111111111", "222222222222", "us-east-1"
ROLES, OBJECTS, PARAMETERS = 60, 500, 100
BUCKET, BODY = "persistence-benchmark", b"x" * 1024
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}}]})
GOALS = frozenset({"put_object", "put_object, each another", "create_role"})
ACCOUNTS = {"shared": SHARED, "nonprod": NONPROD}

Client = Callable[[str], Any]
Calls = Mapping[str, Callable[[], object]]


def prepared(client: Client) -> Calls:
    """An ordinary platform's state, made by these clients, and the calls to measure upon it."""
    iam, s3, ssm, logs, sqs = (client(service) for service in ("iam", "s3", "ssm", "logs", "sqs"))
    names = (f"made-{number}" for number in itertools.count())
    s3.create_bucket(Bucket=BUCKET)
    for number in range(ROLES):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName=f"role-{number}", PolicyName="use", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    for number in range(OBJECTS):
        s3.put_object(Bucket=BUCKET, Key=f"object/{number}", Body=BODY)
    for number in range(PARAMETERS):
        ssm.put_parameter(Name=f"/parameter/{number}", Value="value", Type="String")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    queue = sqs.create_queue(QueueName="queue")["QueueUrl"]
    return {
        "put_object": lambda: s3.put_object(Bucket=BUCKET, Key="key", Body=BODY),
        "put_object, each another": lambda: s3.put_object(Bucket=BUCKET, Key=next(names), Body=BODY),
        "get_object": lambda: s3.get_object(Bucket=BUCKET, Key="object/1"),
        "create_role": lambda: iam.create_role(RoleName=next(names), AssumeRolePolicyDocument=TRUST),
        "put_parameter": lambda: ssm.put_parameter(Name="/parameter/1", Value="v", Type="String", Overwrite=True),
        "put_log_events": lambda: logs.put_log_events(
            logGroupName="group", logStreamName="stream",
            logEvents=[{"timestamp": int(time.time() * 1000), "message": "a line of a log"}]),
        "send and receive a message": lambda: _message(sqs, queue),
    }


def _message(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="message")
    for message in sqs.receive_message(QueueUrl=queue)["Messages"]:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def over_http(state: Path, *, keep: bool) -> Iterator[Calls]:
    """A server as users have it."""
    import boto3

    from crossdock.local import cloud

    running = cloud.up(state, accounts=ACCOUNTS, shared="shared", organization="o-a1b2c3d4e5", region=REGION, keep=keep)
    try:
        import configparser

        written = configparser.RawConfigParser()
        written.read(running.credentials_file)
        session = boto3.session.Session(region_name=REGION, **dict(written["rehearsal"]))
        yield prepared(lambda service: session.client(service, endpoint_url=running.endpoint))
    finally:
        running.down()


def in_process(scratch: Path, calls: int) -> list[Series]:
    """Both in this process. The store belongs to the process, so that the two worlds come one after the other, in
    turns of rounds; each round starts anew. Processor time: what else the machine does falls on one of them."""
    from crossdock.local.server import LocalWorld

    found: dict[str, list[float]] = {}
    for number in range(4):
        for keep in (True, False):
            world = LocalWorld(
                scratch / f"{number}-{keep}", accounts={i: n for n, i in ACCOUNTS.items()}, management=SHARED,
                organization="o-a1b2c3d4e5", region=REGION, keep=keep)
            world.resume()
            world.settle()
            caller = world.root_user(SHARED)
            made = prepared(lambda service, world=world, caller=caller: world.client(service, caller))
            for name, action in made.items():
                for turn in range(WARM + calls):
                    seconds = _worked(action)
                    if turn >= WARM:
                        found.setdefault(f"{name}, {_kind(keep)}, in process", []).append(seconds)
            world.log.close()
    return [Series(name, seconds) for name, seconds in found.items()]


def starts(scratch: Path) -> tuple[Series, Series]:
    """Seconds until a server answers, with the state of `prepared` on disk and without any."""
    from crossdock.local import cloud

    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(STARTS):
        for keep, seconds in found.items():
            began = time.perf_counter()
            running = cloud.up(scratch, accounts=ACCOUNTS, shared="shared", organization="o-a1b2c3d4e5", region=REGION,
                               keep=keep)
            seconds.append(time.perf_counter() - began)
            running.down()
    return Series("start, kept", found[True]), Series("start, from nothing", found[False])


def _kind(keep: bool) -> str:
    return "kept" if keep else "in memory"


def compared(series: list[Series], where: str) -> Iterator[Ratio]:
    """Of each call, kept by in memory."""
    by_name = {one.name: one for one in series}
    for name, one in by_name.items():
        if name.endswith(f", kept, {where}"):
            call = name.removesuffix(f", kept, {where}")
            other = by_name[f"{call}, in memory, {where}"]
            yield Ratio(f"{call}, {where}: kept / in memory", one.median / other.median,
                        GOAL if call in GOALS else None)


def _worked(action: Callable[[], object]) -> float:
    """Processor seconds of this thread that an action takes."""
    began = time.thread_time()
    action()
    return time.thread_time() - began


def measure() -> Result:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with progress(f"{RUNS} calls of each kind over HTTP, in turns"), ExitStack() as servers:
            sides = {keep: servers.enter_context(over_http(scratch / _kind(keep), keep=keep)) for keep in (True, False)}
            series: list[Series] = []
            for name in sides[True]:
                series += alternately(RUNS, {
                    f"{name}, {_kind(keep)}, over HTTP": calls[name] for keep, calls in sides.items()}, warm=WARM)
        with progress(f"{STARTS} starts, with that state and without"):
            kept, fresh = starts(scratch / "kept")
        with progress("the same calls in this process, in rounds"):
            series += in_process(scratch, RUNS // 4)
    ratios = [*compared(series, "over HTTP"), *compared(series, "in process")]
    more = Ratio("start: seconds more than from nothing", kept.median - fresh.median, START_GOAL)
    return Result(benchmark="persistence", series=[*series, kept, fresh], ratios=[*ratios, more])


if __name__ == "__main__":
    main(measure, __doc__ or "")
