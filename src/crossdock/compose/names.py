"""Every name that a platform has in AWS, and whether it fits there.

Arithmetic of the longest ones, with the limits of the services that hold them:

- roles `<platform>-<environment>-<service>-<purpose>`: at most 64 (IAM User Guide, quotas). The service's own roles
  need room for a purpose too, so what comes before it is at most 48: 48 + `-` + 15.
- functions begin with the same 48; at most 64 (Lambda, CreateFunction).
- buckets `<platform>-artifacts-<12 digits>-<region>`: 20 + 11 + 12 + 1 + 14 = 58 of 63 (S3, bucket naming rules).
- repositories `<platform>-<service>`: 20 + 1 + 30 = 51 of 100 (CodeCommit quotas).
- pipelines `<platform>-<environment>-<service>`: at most 48 of 100. CodePipeline keeps artifacts under the first 20
  characters of a pipeline's name (CloudFormation, AWS::CodePipeline::Pipeline ArtifactStore).
"""

from __future__ import annotations

LONGEST_PREFIX = 48
ARTIFACT_FOLDER = 20
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


def base(platform: str, environment: str, service: str) -> str:
    """What a service's stack, pipeline, functions and roles in one environment are named, or begin with."""
    return f"{platform}-{environment}-{service}"


def repository(platform: str, service: str) -> str:
    return f"{platform}-{service}"


def artifact_bucket(platform: str, account_id: str, region: str) -> str:
    return f"{platform}-artifacts-{account_id}-{region}"


def artifact_folder(pipeline: str) -> str:
    """The folder of the artifact bucket where CodePipeline keeps what this pipeline hands on."""
    return pipeline[:ARTIFACT_FOLDER]


def artifact_folders(platform: str, environment: str) -> str:
    """What the artifact folders of all pipelines into an environment begin with."""
    return f"{platform}-{environment}-"[:ARTIFACT_FOLDER]


def package_prefix(environment: str, service: str) -> str:
    """Where in the artifact bucket a service's packaged code for an environment lies."""
    return f"packages/{environment}/{service}"


def configuration_prefix(environment: str, service: str) -> str:
    """Where in the artifact bucket a service's configuration for an environment lies."""
    return f"configuration/{environment}/{service}"


def partition(region: str) -> str:
    """The AWS partition of a region, by its name (AWS General Reference, ARNs)."""
    return next((name for prefix, name in _PARTITIONS.items() if region.startswith(prefix)), "aws")


def object_url(platform: str, account_id: str, region: str, key: str) -> str:
    """Where CloudFormation reads an object of the artifact bucket (S3 User Guide, virtual hosting of buckets)."""
    suffix = "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"
    return f"https://{artifact_bucket(platform, account_id, region)}.s3.{region}.{suffix}/{key}"


def role_arn(region: str, account_id: str, name: str) -> str:
    return f"arn:{partition(region)}:iam::{account_id}:role/{name}"


def sentence_case(name: str) -> str:
    """`pre-production` -> `PreProduction`, for statement ids and logical ids."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))
