"""The irreducible parts of a delivery, each done by hand against the same local AWS."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml

from crossdock.local import toolchain
from crossdock.local.packages import PackageIndex
from crossdock.local.packages.server import default_cache

_IMPLIED = frozenset({"iam:PassRole", "lambda:TagResource", "iam:TagRole", "kms:TagResource"})
"""Rights that are asked for within another call, not calls of their own."""

_READS = {
    "apigateway": ("apigateway", "get_rest_apis"), "cloudformation": ("cloudformation", "list_stacks"),
    "iam": ("iam", "list_roles"), "lambda": ("lambda", "list_functions"), "logs": ("logs", "describe_log_groups"),
    "s3": ("s3", "list_buckets"),
}
"""A small call to each service, made in place of one that the log names: the log keeps no parameters."""

BUCKET = "delivery-benchmark"
_INVOKE = "from greeter.app import handler; print(handler({'path': '/health'}, None)['statusCode'])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the parts are done on.

    source   the service's folder; `aws` are variables with which the AWS CLI acts as the shared account's
             administrator, `project` those of the build project; `target` and `shared` are boto3 sessions
    """

    source: Path
    scratch: Path
    endpoint: str
    aws: Mapping[str, str]
    project: Mapping[str, str]
    target: boto3.session.Session
    shared: boto3.session.Session


def variables(shared: boto3.session.Session, endpoint: str, pipeline: str) -> dict[str, str]:
    """The environment variables of the build project that a pipeline uses, with a bucket and a key of our own in place
    of the platform's: those let builds write, and no administrator."""
    declared = shared.client("codepipeline", endpoint_url=endpoint).get_pipeline(name=pipeline)["pipeline"]
    name = next(action["configuration"]["ProjectName"] for action in _actions(declared, "CodeBuild"))
    found = shared.client("codebuild", endpoint_url=endpoint).batch_get_projects(names=[name])["projects"][0]
    key = shared.client("kms", endpoint_url=endpoint).create_key()["KeyMetadata"]["Arn"]
    shared.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    given = {v["name"]: v["value"] for v in found["environment"].get("environmentVariables", [])}
    return given | {"ARTIFACT_BUCKET_NAME": BUCKET, "ARTIFACT_KEY_ARN": key}


def execution_role(shared: boto3.session.Session, endpoint: str, pipeline: str) -> str:
    """The role that CloudFormation acts with in a pipeline's deployments."""
    declared = shared.client("codepipeline", endpoint_url=endpoint).get_pipeline(name=pipeline)["pipeline"]
    return next(str(action["configuration"]["RoleArn"]) for action in _actions(declared, "CloudFormation")
                if "RoleArn" in action["configuration"])


def _actions(declared: Mapping[str, Any], provider: str) -> Iterator[Mapping[str, Any]]:
    for stage in declared["stages"]:
        yield from (action for action in stage["actions"] if action["actionTypeId"]["provider"] == provider)


class Push:
    """A commit and a push to a bare repository over file://."""

    def __init__(self, ground: Ground) -> None:
        self.clone, bare = ground.scratch / "clone", ground.scratch / "bare.git"
        self.environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        self._git("init", "--quiet", "--bare", str(bare), cwd=ground.scratch)
        self._git("clone", "--quiet", f"file://{bare}", str(self.clone), cwd=ground.scratch)
        for key, value in (("user.name", "benchmark"), ("user.email", "benchmark@example.com")):
            self._git("config", key, value)
        copy(ground.source, self.clone)

    def __call__(self, number: int) -> None:
        (self.clone / "change").write_text(f"{number}\n", encoding="utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", f"change {number}")
        self._git("push", "--quiet", "origin", "HEAD:refs/heads/develop")

    def _git(self, *arguments: str, cwd: Path | None = None) -> None:
        subprocess.run(["git", *arguments], cwd=cwd or self.clone, env=self.environment, check=True,
                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Build:
    """The buildspec's commands in one shell: same interpreter, same package index, same tools as in the build."""

    def __init__(self, ground: Ground, index: PackageIndex) -> None:
        self.ground = ground
        self.variables = {**ground.aws, **ground.project, **index.environment("benchmark"), "LANG": "C.UTF-8"}
        phases = yaml.safe_load((ground.source / "buildspec.yaml").read_text("utf-8"))["phases"]
        wanted = phases.get("install", {}).get("runtime-versions", {}).get("python", "")
        self.python = toolchain.python(str(wanted))
        self.script = "\n".join(c for phase in ("install", "pre_build", "build", "post_build")
                                for c in phases.get(phase, {}).get("commands", ()))
        self.done = ground.scratch / "build"

    def prepare(self) -> None:
        """A fresh copy of the source and a fresh virtual environment: not measured."""
        shutil.rmtree(self.done, ignore_errors=True)
        copy(self.ground.source, self.done / "src")
        (self.done / "home").mkdir()
        toolchain.make_python(self.python, self.done / "python", default_cache())
        toolchain.write_aws(self.done / "bin")

    def __call__(self) -> None:
        path = os.pathsep.join([str(self.done / "python/bin"), str(self.done / "bin"), *toolchain.SYSTEM_PATH])
        done = subprocess.run(["/bin/sh", "-e", "-c", self.script], cwd=self.done / "src", check=False, text=True,
                              env={**self.variables, "PATH": path, "HOME": str(self.done / "home")},
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"the build's commands failed by hand: {done.stderr[-2000:] or done.stdout[-2000:]}")


def pack(build: Build) -> None:
    """The source and what was built, each as the archive that goes from one stage to the next."""
    for name, files in (("source", list_files(build.ground.source)), ("built", [build.done / "src/packaged.yaml"])):
        with zipfile.ZipFile(build.ground.scratch / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)


class Calls:
    """As many calls as CloudFormation made in an earlier delivery, to the same services, over HTTP."""

    def __init__(self, ground: Ground, log: Sequence[Mapping[str, Any]], role: str) -> None:
        self.actions = [str(line["action"]) for line in log
                        if line["role"] == role and not line["via"] and line["action"] not in _IMPLIED]
        reads = [_READS.get(action.partition(":")[0], ("sts", "get_caller_identity")) for action in self.actions]
        clients = {s: ground.target.client(s, endpoint_url=ground.endpoint) for s in {read[0] for read in reads}}
        self._reads = [getattr(clients[service], operation) for service, operation in reads]

    def __call__(self) -> None:
        for read in self._reads:
            read()


class ColdStart:
    """The handler's first answer in a new process, its configuration read from the bucket."""

    def __init__(self, build: Build) -> None:
        ground = build.ground
        self.build = build
        self.environment = {
            **ground.aws, "PYTHONPATH": str(build.done / "src" / "build"), "PYTHONDONTWRITEBYTECODE": "1",
            "CONFIGURATION_BUCKET_NAME": ground.project["ARTIFACT_BUCKET_NAME"],
            "CONFIGURATION_KEY": ground.project["CONFIGURATION_PREFIX"] + "/settings.json",
        }

    def __call__(self) -> None:
        done = subprocess.run([sys.executable, "-c", _INVOKE], env=self.environment, check=True, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        if done.stdout.strip() != "200":
            raise RuntimeError(f"the handler answered {done.stdout} by hand")


@contextmanager
def index() -> Iterator[PackageIndex]:
    """The package index that builds install from, with the same cache."""
    made = PackageIndex()
    made.start()
    try:
        yield made
    finally:
        made.stop()


def copy(source: Path, target: Path) -> None:
    """The service as git would have it."""
    ignored = shutil.ignore_patterns("__pycache__", ".crossdock", "build", ".git")
    shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)


def list_files(folder: Path) -> list[Path]:
    """The files below a folder, without what is only kept for speed."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
