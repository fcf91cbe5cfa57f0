"""The artifact bucket's statements for its readers: each role of a target account reads its own prefix and no other.

CloudFormation has no loop inside a policy, and a bucket has one policy; so the composer writes one statement per reader
in the place that the template `foundation/artifacts` marks.
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.compose import names
from crossdock.compose.assets import FOLDER
from crossdock.model.platform import ORGANIZATION_ROLE, Environment, Platform, Service

MARK = "          # crossdock: one statement for each reader and prefix\n"

_STATEMENT = """\
          - Sid: {sid}
            Effect: Allow
            Principal: {{AWS: !Sub "arn:${{AWS::Partition}}:iam::{account}:root"}}
            Action:
{actions}
            Resource: !Sub ${{ArtifactBucket.Arn}}/{keys}
            Condition:
              StringEquals: !If
                - HasOrganization
                - {{aws:PrincipalOrgID: !Ref OrganizationId}}
                - !Ref AWS::NoValue
              ArnLike: {{aws:PrincipalArn: !Sub "arn:${{AWS::Partition}}:iam::{account}:role/{role}"}}
"""


def written(template: str, platform: Platform) -> str:
    """The template `foundation/artifacts` with one statement per reader."""
    if template.count(MARK) != 1:
        raise ValueError("the template foundation/artifacts does not mark where its readers belong")
    return template.replace(MARK, "".join(statements(platform)))


def statements(platform: Platform) -> Iterator[str]:
    """YAML of the statements, environment by environment, then those of whoever deploys what is nested."""
    for environment in platform.environments:
        account = platform.account(environment.account).id
        prefix, title = f"{platform.name}-{environment.name}", names.sentence_case(environment.name)
        yield _statement(
            f"DeploymentInto{title}ReadsWhatItsPipelinesHandOn", account, f"{prefix}-deployment",
            f"{names.artifact_folders(platform.name, environment.name)}*", "s3:GetObject", "s3:GetObjectVersion",
        )
        yield _statement(
            f"CloudFormationIn{title}ReadsItsPackages", account, f"{prefix}-execution",
            f"packages/{environment.name}/*", "s3:GetObject", "s3:GetObjectVersion",
        )
        for service in platform.services:
            yield _configuration(platform, environment, service, account)
    for account in dict.fromkeys(e.account for e in platform.environments if e.infrastructure is not None):
        yield _statement(
            f"DeployersOf{names.sentence_case(account)}ReadNestedTemplates", platform.account(account).id,
            ORGANIZATION_ROLE, f"{FOLDER}/*", "s3:GetObject",
        )


def _configuration(platform: Platform, environment: Environment, service: Service, account: str) -> str:
    sid = f"{names.sentence_case(service.name)}In{names.sentence_case(environment.name)}ReadsItsConfiguration"
    return _statement(
        sid, account, f"{names.base(platform.name, environment.name, service.name)}-*",
        f"{names.configuration_prefix(environment.name, service.name)}/*", "s3:GetObject",
    )


def _statement(sid: str, account: str, role: str, keys: str, *actions: str) -> str:
    listed = "\n".join(f"              - {action}" for action in actions)
    return _STATEMENT.format(sid=sid, account=account, role=role, keys=keys, actions=listed)
