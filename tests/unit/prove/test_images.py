"""Images: pushed by the build that makes them, pulled by who runs them, touched by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from proving import NONPROD, SHARED, failing, lacks

from crossdock import library
from crossdock.model.assembly import Literal, Stack
from crossdock.model.proof import Proof
from crossdock.prove import Source, of, stage
from crossdock.prove.needs.images import PULL, PUSH

HERE = Path(__file__).parent
REPOSITORY = f"arn:aws:ecr:us-east-1:{SHARED}:repository/desk-lending"
AGENT, BUILD = "desk-develop-task-agent", "desk-develop-lending-build"
TOLD = "          - {Name: PLATFORM, Value: !Ref Platform}\n"
URI = f"          - {{Name: IMAGE, Value: !Sub '{SHARED}.dkr.ecr.${{AWS::Region}}.amazonaws.com/desk-${{Service}}'}}\n"
PUSHES = f"""\
              - {{Sid: EnterTheRegistry, Effect: Allow, Action: 'ecr:GetAuthorizationToken', Resource: '*'}}
              - Sid: PushImages
                Effect: Allow
                Action: [{", ".join(f"'{action}'" for action in PUSH)}]
                Resource: !Sub arn:aws:ecr:${{AWS::Region}}:${{AWS::AccountId}}:repository/desk-${{Service}}
"""
MARK = "              - Sid: ReadSourceAndHandOnResults\n"


def stack(id_: str, account: str, template: str, **parameters: str) -> Stack:
    return Stack(id=id_, name=f"desk-{id_.replace('/', '-')}", account=id_.partition("/")[0], account_id=account,
                 region="us-east-1", template=template, sha256="", tags={"environment": "develop"},
                 parameters={name: Literal(value=value) for name, value in parameters.items()})


@pytest.fixture
def imaged(small) -> Callable[..., Proof]:
    """The proof of a platform whose lending is a task; `old` becomes `new` in the registry's or another template."""

    def prove(old: str = "", new: str = "", template: str = "registry") -> Proof:
        registry, agents = "templates/registry.yaml", "templates/task-roles.yaml"
        texts = dict(small.texts)
        texts[registry], texts[agents] = (HERE / "images.yaml").read_text(), library.load("compute/task-roles")
        build = "templates/delivery-build.yaml"
        texts[build] = texts[build].replace(TOLD, TOLD + URI).replace(MARK, PUSHES + MARK)
        changed = f"templates/{template}.yaml"
        assert old in texts[changed]
        texts[changed] = texts[changed].replace(old, new)
        more = (
            stack("shared/registry", SHARED, registry, Platform="desk", Service="lending", PullerAccountId=NONPROD,
                  PullerRoleArn=f"arn:aws:iam::{NONPROD}:role/{AGENT}"),
            stack("nonprod/tasks", NONPROD, agents, Platform="desk", Environment="develop", SharedAccountId=SHARED,
                  TaskLogGroupName="/aws/ecs/desk-develop"),
        )
        sources = {**small.sources, "lending": Source(file="task.yaml", text=(HERE / "task.yaml").read_text())}
        return of(stage(replace(small.assembly, stacks=(*small.assembly.stacks, *more)), texts, sources))

    return prove


def of_ecr(proof: Proof) -> dict[str, set[str]]:
    """Role -> the actions on images that it needs and has."""
    found: dict[str, set[str]] = {}
    for finding in proof.needs:
        if finding.need.action.startswith("ecr:") and finding.allowed:
            found.setdefault(finding.need.who.rpartition("/")[2], set()).add(finding.need.action)
    return found


def test_the_build_pushes_and_the_task_s_execution_role_pulls(imaged):
    proof = imaged()
    assert proof.unread == ()
    login = {"ecr:GetAuthorizationToken"}
    assert of_ecr(proof) == {BUILD: {*PUSH} | login, AGENT: {*PULL} | login}
    assert not [f for f in proof.failing if f.need.action.startswith("ecr:")]
    assert proof.breached == ()
    pull = next(f for f in proof.needs if f.need.action == "ecr:BatchGetImage" and f.need.who.endswith(AGENT))
    assert {place.statement for place in pull.because} == {"RolesOfTargetAccountsPull", "FetchImagesOfThisPlatform"}


def test_a_pull_by_the_id_of_a_role_that_was_made_again_fails(imaged):
    """aws/aws-cdk#13360: once the role that a policy names is made again, AWS keeps its former id, which nobody has."""
    proof = imaged("Principal: {AWS: !Ref PullerAccountId}", "Principal: {AWS: AROAQWERTYUIOPASDFGHJ}")
    found = [f for f in proof.failing if f.need.action in PULL]
    assert {f.need.who.rpartition("/")[2] for f in found} == {AGENT}
    assert lacks(found) == {"no statement of the policy of repository desk-lending allows it"}


def test_a_policy_that_names_a_role_itself_is_noted(imaged):
    """The state before that failure: it works until the role is made again."""
    proof = imaged("Principal: {AWS: !Ref PullerAccountId}", "Principal: {AWS: !Ref PullerRoleArn}")
    assert not failing(proof, "ecr:BatchGetImage")
    assert any("RolesOfTargetAccountsPull" in note and AGENT in note for note in proof.notes)


def test_the_build_does_not_push_without_login_or_layers(imaged):
    for action in ("ecr:GetAuthorizationToken", "ecr:UploadLayerPart"):
        found = failing(imaged(f"'{action}'", "'ecr:DescribeImages'", "delivery-build"), action)
        assert {f.need.who.rpartition("/")[2] for f in found} == {BUILD}


@pytest.mark.parametrize(("old", "new", "what"), [
    ("              - ecr:BatchGetImage\n", "              - ecr:BatchGetImage\n              - ecr:PutImage\n",
     "no target account pushes an image"),
    ("            Condition:\n              StringEquals: {aws:PrincipalOrgID: o-a1b2c3d4e5}\n"
     "              ArnEquals: {aws:PrincipalArn: !Ref PullerRoleArn}\n", "",
     "no role pulls an image that its part does not run"),
    ("StringEquals: {aws:PrincipalOrgID: o-a1b2c3d4e5}", "StringLike: {aws:PrincipalOrgID: '*'}",
     "nobody outside of the organization comes in"),
])  # fmt: skip
def test_a_registry_that_lets_in_too_much_breaks_what_must_never_be(imaged, old, new, what):
    assert what in {never.what for never in imaged(old, new).breached}


def test_a_build_that_pushes_everywhere_breaks_what_must_never_be(imaged):
    proof = imaged("repository/desk-${Service}", "repository/*", "delivery-build")
    assert "nobody pushes an image but the build that makes it" in {never.what for never in proof.breached}


def test_what_ecs_hands_a_task_is_needed_by_its_execution_role(imaged):
    needed = {(f.need.action, f.need.resource) for f in imaged().needs if f.need.who.endswith(AGENT)}
    assert ("secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:us-east-1:{NONPROD}:secret:desk/develop/token-AbCdEf") in needed
    assert ("ssm:GetParameters", f"arn:aws:ssm:us-east-1:{NONPROD}:parameter/desk/develop/level") in needed
    assert {a for a, _ in needed} >= {"logs:CreateLogStream", "logs:PutLogEvents"}
