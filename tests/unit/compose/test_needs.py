"""`needs:` of a service: spelled out, refused where nothing could grant it, written in without touching the rest."""

from __future__ import annotations

import pytest
import yaml

from crossdock import compose
from crossdock.compose.propose import with_needs
from crossdock.errors import PlatformError, UsageError
from crossdock.model.assembly import Grant, Literal

NEED = Grant(actions=("sqs:SendMessage", "sqs:Get*"), resources=("arn:aws:sqs:us-east-1:*:q",))


def with_(folder, needs: str):
    return folder.read(folder.write().read_text().replace("services/survey}", f"services/survey, needs: {needs}}}"))


def test_names_in_resources_stand_for_what_they_are_in_each_environment(folder):
    resource = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Platform}-${Environment}-${Service}"
    assembly = compose.compose(with_(folder, f"[{{actions: ['sqs:*'], resources: ['{resource}']}}]"))
    found = {d.environment: d.needs[0].resources[0] for d in assembly.deliveries if d.service == "survey"}
    assert found
    for delivery in assembly.deliveries:
        if delivery.service == "survey":
            assert found[delivery.environment] == (
                f"arn:aws:sqs:us-east-1:{delivery.account_id}:psl-{delivery.environment}-survey")


def test_a_zone_is_what_is_in_its_bucket_in_the_environment_s_account(folder):
    text = "infrastructure: {zones: [raw, warehouse]}\n" + folder.write().read_text().replace(
        "services/survey}", "services/survey, needs: [{actions: ['s3:PutObject'], resources: ['zone:raw']}]}")
    platform = folder.read(text)
    assembly, texts = compose.compose(platform), compose.templates(platform)
    needs = {d.environment: d.needs[0].resources for d in assembly.deliveries if d.service == "survey"}
    assert needs["staging"] == ("arn:aws:s3:::psl-staging-raw-222222222222/*",)
    assert needs["production"] == ("arn:aws:s3:::psl-production-raw-333333333333/*",)
    room = "arn:${AWS::Partition}:s3:::${Platform}-${Environment}-raw-${AWS::AccountId}/*"
    assert room in texts["templates/delivery-boundary.yaml"]
    stacks = {stack.id: stack for stack in assembly.stacks}
    given = stacks["nonprod/infrastructure/staging"].parameters
    assert given["DataZoneNames"] == Literal(value="raw,warehouse")


@pytest.mark.parametrize(("need", "what", "hint"), [
    ("actions: ['sqs:SendMessages'], resources: ['*']", "there is no action sqs:SendMessages",
     "did you mean sqs:SendMessage?"),
    ("actions: ['sqs:SendMessage'], resources: ['my-queue']", "my-queue is no ARN", "such as arn:"),
    ("actions: ['sqs:SendMessage'], resources: ['arn:aws:sqs:us-east-1:${AccountId}:q']", "holds ${AccountId}",
     "did you mean AWS::AccountId?"),
    ("actions: ['s3:GetObject'], resources: ['zone:raw']", "there is no zone raw in", "add it to"),
])  # fmt: skip
def test_a_need_that_nothing_could_grant_is_refused_where_it_stands(folder, need, what, hint):
    with pytest.raises(PlatformError) as raised:
        compose.compose(with_(folder, f"[{{{need}}}]"))
    problem, = raised.value.problems
    assert what in problem.what
    assert hint in problem.hint
    assert problem.position.line > 1


FILE = """\
services:
  one:                     # the first
    kind: serverless
    source: services/one   # its folder
    checks:
      - {get: /x, expect: 200}

# about the second
  two:
    kind: serverless
    source: services/two
    needs:
      - {actions: ["s3:GetObject"], resources: ["*"]}  # because

  three: {kind: serverless, source: services/three}
"""


@pytest.mark.parametrize("service", ["one", "two"])
def test_needs_are_written_where_their_service_stands_and_nothing_else_changes(service):
    written = with_needs(FILE, service, [NEED])
    rest = iter(written.splitlines())
    assert all(line in rest for line in FILE.splitlines())  # each after the one before
    needs = yaml.safe_load(written)["services"][service]["needs"]
    assert needs[-1] == {"actions": list(NEED.actions), "resources": list(NEED.resources)}
    assert yaml.safe_load(with_needs(written, service, [NEED]))["services"][service]["needs"][-2:] == [needs[-1]] * 2


def test_a_service_in_braces_is_left_to_its_author_who_is_told_what_to_write():
    with pytest.raises(UsageError) as raised:
        with_needs(FILE, "three", [NEED])
    assert "sqs:SendMessage" in raised.value.details[0]


def test_a_file_without_a_last_line_break_gets_needs_on_lines_of_their_own():
    text = FILE[: FILE.index("# about")].rstrip("\n")
    assert yaml.safe_load(with_needs(text, "one", [NEED]))["services"]["one"]["needs"]
