"""The local AWS's door against the bare store behind it, over HTTP, with a stock boto3 client.

The same three calls go in turns to crossdock's server (signatures verified, every policy asked, across accounts) and to
moto's own server, which asks nobody: a session of a role of account B puts and gets an object of 1 KB in a bucket of
account A, and the administrator of A assumes that role. moto's server needs packages that crossdock does not; they go
into an environment of the benchmark's own, made once. Goal: a median of at most 1.3 times the bare store's.
"""

from __future__ import annotations

import importlib.metadata
import json
import logging
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import Ratio, Result, Series, alternately, main, progress

RUNS, WARM, GOAL = 300, 30, 1.3
SHARED, NONPROD, REGION = "111111111111", "222222222222", "us-east-1"
ROLE = f"arn:aws:iam::{NONPROD}:role/writer"
BUCKET, BODY = "door-benchmark", b"x" * 1024
BARE = {"own": "moto server", "waitress": "moto on waitress"}
ENVIRONMENT = Path(__file__).resolve().parent / ".venv"

Keys = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """A server with the calls that are measured on it. guarded: it refused a call that no policy allows."""

    name: str
    guarded: bool
    calls: Mapping[str, Callable[[], object]]


def client(service: str, endpoint: str, keys: Keys) -> Any:
    """A boto3 client as anybody would make it, of a session of its own: nothing of the user's settings is read."""
    import boto3

    return boto3.session.Session(region_name=REGION, **keys).client(service, endpoint_url=endpoint)


def _assume(sts: Any, session: str) -> Any:
    return sts.assume_role(RoleArn=ROLE, RoleSessionName=session)["Credentials"]


def prepared(name: str, endpoint: str, administrator: Keys) -> Side:
    """Make the bucket as the administrator and the session that uses it. The role must exist."""
    s3, sts = client("s3", endpoint, administrator), client("sts", endpoint, administrator)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Sid": "TheWriterWrites", "Effect": "Allow", "Principal": {"AWS": ROLE},
        "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }]}))
    given = _assume(sts, "benchmark")
    writer = client("s3", endpoint, {
        "aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    })

    def get() -> object:
        return writer.get_object(Bucket=BUCKET, Key="one")["Body"].read()

    def refused() -> bool:
        try:
            writer.delete_object(Bucket=BUCKET, Key="none")
        except writer.exceptions.ClientError as error:
            return str(error.response["Error"]["Code"]) == "AccessDenied"
        return False

    return Side(name, refused(), {
        "put_object": lambda: writer.put_object(Bucket=BUCKET, Key="one", Body=BODY),
        "get_object": get,
        "assume_role": lambda: _assume(sts, "benchmark"),
    })


@contextmanager
def crossdock(scratch: Path) -> Iterator[Side]:
    """crossdock's server with two accounts of one organization."""
    import boto3

    from crossdock.local import cloud

    running = cloud.up(scratch / "local", accounts={"shared": SHARED, "nonprod": NONPROD}, shared="shared",
                       organization="o-a1b2c3d4e5", region=REGION)
    try:
        keys = _profiles(running.credentials_file)
        iam = boto3.session.Session(region_name=REGION, **keys["nonprod"]).client("iam", endpoint_url=running.endpoint)
        _make_role(iam)
        yield prepared("crossdock", running.endpoint, keys["shared"])
    finally:
        cloud.reset(running.state)


def _profiles(file: Path) -> dict[str, Keys]:
    import configparser

    written = configparser.RawConfigParser()
    written.read(file)
    return {name: dict(written[name]) for name in written.sections()}


def _make_role(iam: Any) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}}
    use = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    iam.create_role(RoleName="writer", AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName="writer", PolicyName="use", PolicyDocument=_document(use))


def _document(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@contextmanager
def bare(which: str) -> Iterator[Side]:
    """moto without a door, in a process of its own."""
    program = Path(__file__).resolve().parent / "bare_store.py"
    process = subprocess.Popen([str(environment()), str(program), which], stdin=subprocess.PIPE, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        endpoint = process.stdout.readline().strip()
        if not endpoint:
            raise RuntimeError(f"moto's server did not start: try {environment()} {program} {which}")
        yield prepared(BARE[which], endpoint, {"aws_access_key_id": SHARED, "aws_secret_access_key": "any"})
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(10)


def environment() -> Path:
    """The interpreter of an environment that has moto's server, in the version that crossdock locks."""
    python = ENVIRONMENT / "bin" / "python"
    wanted = f"moto {importlib.metadata.version('moto')}"
    stamp = ENVIRONMENT / "ready"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        with progress(f"making an environment for {wanted}'s server (once)"):
            venv.create(ENVIRONMENT, clear=True, with_pip=True)
            same = [f"{name}=={importlib.metadata.version(name)}" for name in ("boto3", "botocore", "waitress")]
            subprocess.run(
                [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *same,
                 f"moto[iam,s3,sts]=={wanted.partition(' ')[2]}", "flask", "flask-cors"],
                check=True, stdout=sys.stderr,
            )
        stamp.write_text(wanted, "utf-8")
    return python


def measure() -> Result:
    logging.getLogger("botocore").setLevel(logging.ERROR)
    series: list[Series] = []
    ratios: list[Ratio] = []
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = stack.enter_context(crossdock(scratch))
        if not ours.guarded:
            raise AssertionError("crossdock's server allowed what no policy allows: its speed would mean nothing")
        sides = [ours, *(stack.enter_context(bare(which)) for which in BARE)]
        for call in ours.calls:
            with progress(f"{call}, {RUNS} times on each of {len(sides)} servers"):
                found = alternately(RUNS, {f"{call}, {s.name}": s.calls[call] for s in sides}, warm=WARM)
            series += found
            door, own, waitress = found
            ratios += [
                Ratio(f"{call} p50, {ours.name} / {BARE['own']}", door.median / own.median, GOAL),
                Ratio(f"{call} p90, {ours.name} / {BARE['own']}", door.quantile(0.9) / own.quantile(0.9)),
                Ratio(f"{call} p50, {ours.name} / {BARE['waitress']}", door.median / waitress.median),
            ]
    return Result(benchmark="door", series=series, ratios=ratios, notes=[
        f"{BARE['waitress']}: the same store behind the HTTP server that {ours.name} uses, to tell door from server",
    ])


if __name__ == "__main__":
    main(measure, __doc__ or "")
