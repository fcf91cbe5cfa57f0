"""The two clouds that are asked: crossdock's local AWS, and ministack in an environment of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

from witnessing.asking import CONFIG, HOME, OTHER, REGION, Key, Side

WITNESS = "ministack==1.5.33"
"""On PyPI: MIT, its own code base. Its answers are recorded for this version."""
ENVIRONMENT = Path(__file__).resolve().parents[2] / "build" / "witness"
STARTING_SECONDS = 30.0
EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


@contextmanager
def crossdock() -> Iterator[Side]:
    """The local AWS with two accounts of one organization; it ends with the block."""
    from crossdock.local import cloud

    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
        state = Path(folder) / "local"
        running = cloud.up(state, accounts={"home": HOME, "other": OTHER}, shared="home", organization="o-a1b2c3d4e5",
                           region=REGION)
        try:
            keys = {}
            for name, account in running.accounts.items():
                first = _profile_key(running.credentials_file, name)
                keys[account] = _administrator(running.endpoint, first)
            yield Side(name="crossdock", endpoint=running.endpoint, keys=keys)
        finally:
            cloud.reset(state)


def _profile_key(credentials: Path, profile: str) -> Key:
    import configparser

    read = configparser.ConfigParser()
    read.read(credentials, encoding="utf-8")
    return Key(read[profile]["aws_access_key_id"], read[profile]["aws_secret_access_key"])


def _administrator(endpoint: str, first: Key) -> Key:
    """A user of the same name on both sides, who may do everything (an account's root may assume no role)."""
    iam = boto3.client("iam", endpoint_url=endpoint, region_name=REGION, config=CONFIG, aws_access_key_id=first.id,
                       aws_secret_access_key=first.secret)
    iam.create_user(UserName="asker")
    iam.put_user_policy(UserName="asker", PolicyName="everything", PolicyDocument=EVERYTHING)
    made = iam.create_access_key(UserName="asker")["AccessKey"]
    return Key(made["AccessKeyId"], made["SecretAccessKey"])


def installed() -> bool:
    """Whether the witness's environment is there, in the version that is named here."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        return False
    name, _, version = WITNESS.partition("==")
    asked = subprocess.run([python, "-c", f"from importlib.metadata import version; print(version({name!r}))"],
                           capture_output=True, text=True, check=False)
    return asked.stdout.strip() == version


def install() -> None:
    """Make the witness's environment, from the package index that pip is set up for."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
    subprocess.run([ENVIRONMENT / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                    WITNESS], check=True)


@contextmanager
def ministack() -> Iterator[Side]:
    """The witness with IAM enforced, in a process that sees no AWS settings and no network but loopback's; it ends with
    the block. Raises RuntimeError when it does not answer in time."""
    with tempfile.TemporaryDirectory(prefix="witness-") as folder, (Path(folder) / "log").open("w+") as log:
        port = _free_port()
        endpoint = f"http://127.0.0.1:{port}"
        environment = {
            "PATH": f"{ENVIRONMENT / 'bin'}:{os.environ['PATH']}", "HOME": folder, "TMPDIR": folder, "AUTH": "true",
            "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "MINISTACK_HOST": "localhost",
            "AWS_SECRET_ACCESS_KEY": "first", "DOCKER_HOST": f"unix://{folder}/none", "S3_DATA_DIR": f"{folder}/s3",
            "LOG_LEVEL": "WARNING",
        }
        process = subprocess.Popen([ENVIRONMENT / "bin" / "ministack"], env=environment, cwd=folder,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _await(process, f"{endpoint}/_ministack/health", log.name)
            keys = {account: _administrator(endpoint, Key(account, "first")) for account in (HOME, OTHER)}
            yield Side(name=WITNESS.replace("==", " "), endpoint=endpoint, keys=keys)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(process: subprocess.Popen[bytes], url: str, log: str) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  loopback, written above
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"the witness does not answer:\n{Path(log).read_text(encoding='utf-8')[-2000:]}")
