"""Templates with their local artifacts uploaded, as `aws cloudformation package` does it: by its own code."""

from __future__ import annotations

import contextlib
import re
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casework.stage import TOOLS, Stage

BUCKET = "cases-artifacts"
_PATHS = {"AWS::Serverless::Function": ("CodeUri",), "AWS::Lambda::Function": ("Code",),
          "AWS::Serverless::LayerVersion": ("ContentUri",)}


def package(stage: Stage, file: Path, scratch: Path) -> tuple[dict[str, Any], list[str]]:
    """The template at `file` with S3 locations in the place of paths, and what was missing in the checkout.

    What a build would have to make first (compiled code) is an empty folder here: the function is there, its code not.
    """
    from awscli.customizations.cloudformation.artifact_exporter import Template  # type: ignore[import-untyped]
    from awscli.customizations.s3uploader import S3Uploader  # type: ignore[import-untyped]

    s3 = stage.client("s3")
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    folder = scratch / "package"
    shutil.copytree(file.parent, folder, symlinks=False, ignore_dangling_symlinks=True, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns(".git"))
    _render(folder / file.name)
    uploader = S3Uploader(s3, BUCKET, "code")
    uploader.to_path_style_s3_url = _address  # its own takes the client's endpoint, which in this process is no address
    template = Template(file.name, str(folder), uploader)
    notes = _prepare(stage, template.template_dict, folder)
    with contextlib.chdir(folder):  # the packager looks for single files in the current directory
        return dict(template.export()), notes


def _address(key: str, version: str | None = None) -> str:
    return f"https://s3.amazonaws.com/{BUCKET}/{key}" + (f"?versionId={version}" if version else "")


def _render(file: Path) -> None:
    """A cookiecutter template is filled with its own defaults first."""
    text = file.read_text(encoding="utf-8")
    if "cookiecutter." not in text:
        return
    text = re.sub(r"(?m)^[ \t]*\{%-?.*?-?%\}[ \t]*\n", "", text)
    known = {"project_name": "given", "runtime": "python3.13"}
    text = re.sub(r"\{\{\s*cookiecutter\.(\w+)[^}]*\}\}", lambda found: known.get(found[1], "given"), text)
    text = re.sub(r"\{\{\s*arch\s*\}\}", "x86_64", text)
    file.write_text(text, encoding="utf-8")


def _prepare(stage: Stage, body: Mapping[str, Any], folder: Path) -> list[str]:
    notes: list[str] = []
    common = ((body.get("Globals") or {}).get("Function") or {}).get("CodeUri")
    for name, resource in (body.get("Resources") or {}).items():
        properties = resource.get("Properties") or {}
        if properties.get("PackageType") == "Image" and "ImageUri" not in properties:
            properties["ImageUri"] = f"{TOOLS}.dkr.ecr.{stage.world.region}.amazonaws.com/given:latest"
        for key in _PATHS.get(resource.get("Type"), ()):
            if key == "CodeUri" and common is not None and resource.get("Type") == "AWS::Serverless::Function" \
                    and not {"CodeUri", "InlineCode", "ImageUri"} & properties.keys():
                properties[key] = common  # SAM's own packager knows globals, the AWS CLI's does not
            place = properties.get(key)
            if isinstance(place, str) and "://" not in place and not (folder / place).exists():
                notes.append(f"{name}: {place} is not in the repository (a build makes it)")
                made = folder / place
                (made if not made.suffix else made.parent).mkdir(parents=True, exist_ok=True)
                if made.suffix in (".jar", ".zip"):
                    with zipfile.ZipFile(made, "w") as archive:
                        archive.writestr("missing", "not built\n")
                else:
                    (made / "missing" if not made.suffix else made).write_text("not built\n", encoding="utf-8")
    return notes
