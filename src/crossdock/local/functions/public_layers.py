"""Layers that AWS publishes for everybody: a function may name them, though no account here has them.

Powertools for AWS Lambda (Python), "Install"; CloudWatch User Guide, "Lambda Insights"; AWS SDK for pandas, "AWS Lambda
Managed Layers". Powertools is taken from the package index, in the same major version; the extension of
Lambda Insights changes nothing for a function. What is in the others isn't here: functions that name them are made, and
refused by name when they are to run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection
from pathlib import Path

from crossdock.local import toolchain
from crossdock.local.engine import NotEmulated

_ARN = re.compile(r"arn:[\w-]+:lambda:[\w-]+:(?P<account>\d{12}):layer:(?P<name>[\w-]+):(?P<number>\d+)")
_PUBLISHED = (
    ("017000801446", r"AWSLambdaPowertools\w+.*"), ("094274105915", r"AWSLambdaPowertoolsTypeScript\w*"),
    ("580247275435", r"LambdaInsightsExtension.*"), ("753240598075", r"LambdaAdapterLayer\w+"),
    ("336392948345", r"AWSSDKPandas-.*"), ("901920570463", r"aws-otel-.*"),
    ("", r"AWS-AppConfig-Extension.*"), ("", r"AWS-Parameters-and-Secrets-Lambda-Extension.*"),
)  # fmt: skip
"""Account (empty where each region has its own) and name."""
_INSTALLING = threading.Lock()
_missed: set[str] = set()


def is_public(arn: str, accounts: Collection[str]) -> bool:
    """Whether an ARN is of a layer version that AWS publishes, in an account that isn't here."""
    found = _ARN.fullmatch(arn)
    if found is None or found["account"] in accounts:
        return False
    return any(account in ("", found["account"]) and re.fullmatch(name, found["name"]) for account, name in _PUBLISHED)


def policy(arn: str) -> str:
    """What everybody may do with it."""
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion", "Resource": arn}]})


def folder(arn: str, runtime: str, cache: Path) -> Path | None:
    """A folder that holds what is in a layer; None where nothing of it concerns the function. Raises NotEmulated."""
    found = _ARN.fullmatch(arn)
    name = found["name"] if found else arn
    if name.startswith("LambdaInsightsExtension"):
        return None
    major = re.fullmatch(r"AWSLambdaPowertoolsPython(?:V(?P<major>\d))?(?:-.*)?", name)
    if major is None or not runtime.startswith("python"):
        raise NotEmulated(f"what is in the layer {arn}")
    version = int(major["major"] or 1)
    python = toolchain.python(runtime).version
    target = cache / "layers" / f"aws-lambda-powertools-{version}-python{python}"
    with _INSTALLING:
        if not target.is_dir() and (target.name in _missed or not _install(version, python, target)):
            _missed.add(target.name)
            raise NotEmulated(f"the layer {arn}: its package could not be fetched from the package index")
    return target


def _install(major: int, python: str, target: Path) -> bool:
    requirement = f"aws-lambda-powertools[all]>={major},<{major + 1}"
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    where = ("--retries", "0", "--only-binary", ":all:", "--python-version", python,
             "--target", str(temporary / "python"))
    try:
        subprocess.run([*pip, *where, requirement], capture_output=True, check=True, stdin=subprocess.DEVNULL,
                       timeout=120, env=os.environ | {"PIP_DEFAULT_TIMEOUT": "5"})
        temporary.rename(target)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return False
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return True
