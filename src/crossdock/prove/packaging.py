"""What `aws cloudformation package` makes of a template: local paths become objects of a bucket (AWS CLI Command
Reference, cloudformation package, which lists the properties)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HASH = "0" * 32
"""Stands for the digest that names a packaged object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where packages go."""

    bucket: str
    prefix: str


_URI = {
    ("AWS::Serverless::Function", "CodeUri"), ("AWS::Serverless::Api", "DefinitionUri"),
    ("AWS::Serverless::LayerVersion", "ContentUri"), ("AWS::Serverless::StateMachine", "DefinitionUri"),
    ("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location"),
}  # fmt: skip
_OBJECT = {
    ("AWS::Lambda::Function", "Code"): ("S3Bucket", "S3Key"), ("AWS::ApiGateway::RestApi", "BodyS3Location"):
    ("Bucket", "Key"), ("AWS::Lambda::LayerVersion", "Content"): ("S3Bucket", "S3Key"),
    ("AWS::StepFunctions::StateMachine", "DefinitionS3Location"): ("Bucket", "Key"),
}  # fmt: skip


def packaged(body: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The template with every local path replaced. A function without code is its whole folder."""
    made: dict[str, Any] = copy.deepcopy(dict(body))
    for resource in (made.get("Resources") or {}).values():
        type_, properties = resource.get("Type"), resource.setdefault("Properties", {})
        code = {"CodeUri", "InlineCode", "ImageUri"}
        if type_ == "AWS::Serverless::Function" and not code & set(properties):
            properties["CodeUri"] = "."
        for name, value in properties.items():
            if not isinstance(value, str) or value.startswith(("s3://", "https://", "http://")):
                continue
            if (type_, name) in _URI:
                properties[name] = f"s3://{place.bucket}/{place.prefix}/{HASH}"
            elif keys := _OBJECT.get((str(type_), name)):
                properties[name] = {keys[0]: place.bucket, keys[1]: f"{place.prefix}/{HASH}"}
    return made
