"""A small world for builds: S3, Parameter Store and Secrets Manager in dicts, one role, everything else recorded."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from crossdock.local.builds import ArtifactLocation, CodeBuild, PipelineBuild
from crossdock.local.engine import AwsError, Call
from crossdock.local.identity import Caller, Kind
from crossdock.local.packages import Configuration, PackageIndex
from crossdock.local.processes import Process

ACCOUNT, REGION = "111111111111", "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"
USER = Caller(kind=Kind.USER, arn=f"arn:aws:iam::{ACCOUNT}:user/ada", account=ACCOUNT, user_name="ada")


class Body:
    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.read = self._file.read

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while piece := self._file.read(size):
            yield piece


@dataclass
class Clouds:
    """The services that a build's role calls."""

    objects: dict[str, bytes] = field(default_factory=dict)
    puts: dict[str, dict[str, Any]] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    callers: list[Caller] = field(default_factory=list)

    def _refuse(self, operation: str) -> None:
        if operation in self.denied:
            raise ClientError({
                "Error": {"Code": "AccessDenied", "Message": "Access Denied"},
                "ResponseMetadata": {"HTTPStatusCode": 403, "RequestId": "R", "HostId": "H"},
            }, operation)

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._refuse("GetObject")
        return {"Body": Body(self.objects[f"{Bucket}/{Key}"])}

    def put_object(self, Bucket: str, Key: str, Body: Any, **options: Any) -> None:  # noqa: N803
        self._refuse("PutObject")
        self.objects[f"{Bucket}/{Key}"] = Body if isinstance(Body, bytes) else Body.read()
        self.puts[f"{Bucket}/{Key}"] = options

    def get_parameters(self, Names: list[str], WithDecryption: bool) -> dict[str, Any]:  # noqa: N803
        found = [{"Name": n, "ARN": f"arn:{n}", "Value": self.parameters[n]} for n in Names if n in self.parameters]
        return {"Parameters": found, "InvalidParameters": [n for n in Names if n not in self.parameters]}

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        return {"SecretString": self.secrets[SecretId]}


class SmallWorld:
    """What `World` asks for, as far as builds use it."""

    endpoint, region, partition, organization, management_account = "http://127.0.0.1:9", REGION, "aws", "", ACCOUNT

    def __init__(self, root: Path) -> None:
        self.root, self.clouds = root, Clouds()
        self.roles, self.may_log = {ROLE}, True
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.logs: dict[str, list[str]] = {}
        self.substitutions: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.forbidden: set[str] = set()

    def client(self, service: str, caller: Caller, region: str | None = None) -> Clouds:
        self.clouds.callers.append(caller)
        return self.clouds

    def assume(self, role_arn: str, *, service: str, session: str, **_: str) -> Caller:
        if role_arn not in self.roles:
            raise AwsError("AccessDenied", f"{service} may not assume {role_arn}", 403)
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/build/{session}"
        return Caller(kind=Kind.ROLE, arn=arn, principal_arn=role_arn, account=ACCOUNT)

    def authorize(self, caller: Caller, *, action: str, resource: str, **_: Any) -> None:
        self.asked.append((action, resource))
        if action in self.forbidden:
            raise AwsError("AccessDeniedException", f"{caller.arn} may not {action}", 400)

    def environment(self, caller: Caller, region: str) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": "ASIAROLE", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": region,
                "AWS_DEFAULT_REGION": region, "AWS_ENDPOINT_URL": self.endpoint}

    def emit(self, *, detail_type: str, detail: dict[str, Any], **_: Any) -> None:
        self.events.append((detail_type, json.loads(json.dumps(detail))))

    def spawn(self, argv, *, env, cwd, name, stdin=False) -> Process:
        return Process(argv, env=env, cwd=cwd, stdin=stdin)

    def substitution(self, what: str) -> None:
        self.substitutions.append(what)

    def log_lines(self, caller: Caller, *, region: str, group: str, stream: str, lines: list[str]) -> None:
        if not self.may_log:
            raise AwsError("AccessDeniedException", "not authorized to perform: logs:CreateLogStream", 400)
        self.logs.setdefault(f"{group} {stream}", []).extend(lines)


def zipped(files: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if name.endswith(".sh") else 0o100644) << 16
            archive.writestr(info, text)
    return target.getvalue()


class Builds:
    """Runs builds in a small world and shows what became of them."""

    def __init__(self, root: Path) -> None:
        self.world = SmallWorld(root / "state")
        self.engine = CodeBuild(self.world, PackageIndex(root / "cache", lambda: Configuration(sources=())))
        self.engine.start()

    def call(self, operation: str, **params: Any) -> Any:
        return self.engine.handle(Call(
            service="codebuild", operation=operation, params=params, caller=USER, account=ACCOUNT, region=REGION,
            request_id="r",
        ))

    def project(self, buildspec: str = "", *, source: dict[str, Any] | None = None, **settings: Any) -> None:
        environment = {"type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                       "computeType": "BUILD_GENERAL1_SMALL", **settings.pop("environment", {})}
        self.call("CreateProject", **{
            "name": "shop", "source": source or {"type": "NO_SOURCE", "buildspec": buildspec}, "serviceRole": ROLE,
            "artifacts": {"type": "NO_ARTIFACTS"}, "environment": environment, **settings,
        })

    def finish(self, build_id: str) -> dict[str, Any]:
        """The build's record once it is complete; also kept as `self.build`."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.build = self.call("BatchGetBuilds", ids=[build_id])["builds"][0]
            if self.build["buildComplete"]:
                return self.build
            time.sleep(0.01)
        raise AssertionError("the build did not end")

    def run(self, buildspec: str, *, start: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
        """Create a project with this buildspec and build it."""
        self.project(buildspec, **settings)
        return self.finish(self.call("StartBuild", projectName="shop", **(start or {}))["build"]["id"])

    def deliver(
        self, files: dict[str, str], *, outputs: tuple[str, ...] = ("Built",), buildspec: str = "", key: str = "",
        more: dict[str, dict[str, str]] | None = None, environment: tuple[dict[str, str], ...] = (),
    ) -> dict[str, Any]:
        """Build as an action of a pipeline does; `more`: further input artifacts."""
        self.project(source={"type": "CODEPIPELINE", "buildspec": buildspec}, artifacts={"type": "CODEPIPELINE"})
        inputs = {"Source": files, **(more or {})}
        for name, content in inputs.items():
            self.world.clouds.objects[f"store/in/{name}"] = zipped(content)
        return self.finish(self.engine.start_pipeline_build(PipelineBuild(
            project="shop", account=ACCOUNT, region=REGION, caller=USER, pipeline="shop-pipeline",
            inputs=tuple(ArtifactLocation(name=name, bucket="store", key=f"in/{name}") for name in inputs),
            outputs=tuple(ArtifactLocation(name=name, bucket="store", key=f"out/{name}") for name in outputs),
            environment=environment, encryption_key=key, revision="c0ffee",
        )))

    def uploaded(self, key: str) -> dict[str, str]:
        """The files of a zip in S3."""
        with zipfile.ZipFile(io.BytesIO(self.world.clouds.objects[key])) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    @property
    def lines(self) -> list[str]:
        """All log lines."""
        return [line for lines in self.world.logs.values() for line in lines]

    @property
    def output(self) -> list[str]:
        """What the commands printed."""
        own = [line for line in self.lines if not line.startswith("[Container]")]
        return [line for line in own if line.strip()]

    @property
    def phases(self) -> dict[str, str]:
        return {phase["phaseType"]: phase.get("phaseStatus", "") for phase in self.build["phases"]}

    def context(self, phase: str) -> tuple[str, str]:
        found = next(one for one in self.build["phases"] if one["phaseType"] == phase)["contexts"][0]
        return found["statusCode"], found["message"]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the tests' own, kept from one to the next as a user's is."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def builds(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builds]:
    monkeypatch.setenv("CROSSDOCK_CACHE", str(cache))
    made = Builds(tmp_path)
    yield made
    made.engine.stop()
