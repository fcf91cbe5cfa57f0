from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.aws.fakes import Cloud, now
from tests.unit.deploy.assemblies import KEY, SHARED, TARGET, assembly

from crossdock.compose import texts
from crossdock.deploy.apply import apply, unsettled
from crossdock.deploy.observe import ASSEMBLY_TAG, observe
from crossdock.deploy.plan import plan, removal
from crossdock.errors import DeployError, EditedAssembly, StackFailed, StalePlan
from crossdock.model.assembly import Assembly
from crossdock.model.codec import dumps, loads
from crossdock.model.events import Event, Kind
from crossdock.model.plan import Plan, Verb


def applied(wanted: Assembly, directory: Path, cloud: Cloud) -> list[Event]:
    seen = observe(wanted, cloud)  # type: ignore[arg-type]
    return list(apply(plan(wanted, seen), wanted, directory, cloud, observed=seen))  # type: ignore[arg-type]


def verbs(wanted: Assembly, cloud: Cloud) -> list[Verb]:
    return [step.verb for step in plan(wanted, observe(wanted, cloud)).steps]  # type: ignore[arg-type]


def test_stacks_are_made_in_order_with_the_outputs_of_those_before(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path)
    events = applied(wanted, tmp_path, cloud)
    assert [e.subject for e in events if e.kind is Kind.STEP_ENDED] == ["shared/key", "nonprod/roles"]
    stack = cloud.formation(TARGET).describe_stacks("nonprod-roles")["Stacks"][0]
    assert stack["Parameters"] == [{"ParameterKey": "Name", "ParameterValue": "shared-key-out"}]


def test_a_resource_is_told_with_its_sentence(tmp_path: Path) -> None:
    events = applied(assembly(tmp_path), tmp_path, Cloud())
    told = [e.facts["sentence"] for e in events if e.kind is Kind.RESOURCE and e.subject == "Key"]
    assert told[0] == "encrypts artifacts"


def test_what_was_applied_is_kept_the_second_time(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path)
    applied(wanted, tmp_path, cloud)
    assert verbs(wanted, cloud) == [Verb.KEEP, Verb.KEEP]
    cloud.formation(SHARED).calls.clear()
    applied(wanted, tmp_path, cloud)
    assert cloud.formation(SHARED).calls == []


def test_a_stack_whose_giver_changes_is_looked_at_again(tmp_path: Path) -> None:
    cloud = Cloud()
    applied(assembly(tmp_path), tmp_path, cloud)
    changed = assembly(tmp_path, key=KEY + "# changed\n")
    steps = plan(changed, observe(changed, cloud)).steps  # type: ignore[arg-type]
    assert [(s.verb, s.because) for s in steps] == [
        (Verb.UPDATE, ("template",)), (Verb.UPDATE, ("parameter Name",)),
    ]
    events = applied(changed, tmp_path, cloud)
    assert [e.facts["detail"] for e in events if e.kind is Kind.STEP_ENDED] == ["updated", "unchanged"]


def test_another_assembly_alone_changes_no_tag(tmp_path: Path) -> None:
    cloud = Cloud()
    applied(assembly(tmp_path), tmp_path, cloud)
    first = cloud.formation(SHARED).describe_stacks("shared-key")["Stacks"][0]
    assert ASSEMBLY_TAG in {tag["Key"] for tag in first["Tags"]}
    other = assembly(tmp_path, roles="Resources: {R: {Type: AWS::IAM::Role}}\n")
    assert verbs(other, cloud) == [Verb.KEEP, Verb.UPDATE]


def test_a_failed_stack_tells_the_failed_events_and_the_denial(tmp_path: Path) -> None:
    with pytest.raises(StackFailed) as caught:
        applied(assembly(tmp_path, key=KEY + "# FAIL\n"), tmp_path, Cloud())
    text = "\n".join(caught.value.details)
    assert "Key (AWS::KMS::Key) CREATE_FAILED" in text
    assert "action     kms:CreateKey" in text
    assert "because no identity-based policy allows the kms:CreateKey action" in text


def test_what_an_earlier_try_left_is_deleted_and_made_again(tmp_path: Path) -> None:
    cloud = Cloud()
    with pytest.raises(StackFailed):
        applied(assembly(tmp_path, key=KEY + "# FAIL\n"), tmp_path, cloud)
    wanted = assembly(tmp_path)
    assert verbs(wanted, cloud) == [Verb.REPLACE, Verb.CREATE]
    events = applied(wanted, tmp_path, cloud)
    ended = [e.facts["detail"] for e in events if e.kind is Kind.STEP_ENDED]
    assert ended == ["created, after what an earlier try left was deleted", "created"]


def test_a_stale_plan_is_refused(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path)
    made = plan(wanted, observe(wanted, cloud))  # type: ignore[arg-type]
    applied(wanted, tmp_path, cloud)
    with pytest.raises(StalePlan):
        list(apply(made, wanted, tmp_path, cloud))  # type: ignore[arg-type]


def test_a_plan_for_another_cloud_is_refused(tmp_path: Path) -> None:
    wanted = assembly(tmp_path)
    made = plan(wanted, observe(wanted, Cloud()))  # type: ignore[arg-type]
    with pytest.raises(StalePlan, match="the cloud"):
        list(apply(made, wanted, tmp_path, Cloud("333333333333")))  # type: ignore[arg-type]


def test_a_plan_survives_the_disk(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path)
    made = plan(wanted, observe(wanted, cloud))  # type: ignore[arg-type]
    assert loads(Plan, dumps(made)) == made


def test_a_template_edited_after_composing_is_refused(tmp_path: Path) -> None:
    wanted = assembly(tmp_path)
    (tmp_path / wanted.stacks[0].template).write_text("Resources: {}\n")
    with pytest.raises(EditedAssembly):
        applied(wanted, tmp_path, Cloud())


def test_a_stack_being_changed_by_somebody_is_not_planned_for(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path)
    applied(wanted, tmp_path, cloud)
    stack = cloud.formation(SHARED).describe_stacks("shared-key")["Stacks"][0]
    stack["StackStatus"] = "UPDATE_IN_PROGRESS"  # type: ignore[index]
    seen = observe(wanted, cloud)  # type: ignore[arg-type]
    assert unsettled(seen) == ("shared/key",)
    with pytest.raises(DeployError, match="is being changed"):
        plan(wanted, seen)


def test_a_stack_no_longer_named_is_deleted(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path)
    applied(wanted, tmp_path, cloud)
    smaller = Assembly(
        platform="hello", organization="", region="us-east-1", shared="shared", accounts=wanted.accounts,
        stacks=wanted.stacks[:1], deliveries=wanted.deliveries, platform_digest="y",
    )
    assert verbs(smaller, cloud) == [Verb.KEEP, Verb.DELETE]
    applied(smaller, tmp_path, cloud)
    assert cloud.formation(TARGET).describe_stacks()["Stacks"] == []


def test_destroying_takes_last_first_and_lifts_protection_and_names_what_is_kept(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path, key=KEY + "# KEEP\n", protected=True)
    applied(wanted, tmp_path, cloud)
    assert verbs(wanted, cloud) == [Verb.KEEP, Verb.KEEP]
    seen = observe(wanted, cloud)  # type: ignore[arg-type]
    events = list(apply(removal(wanted, seen, texts(wanted, tmp_path)), wanted, tmp_path, cloud, observed=seen,
                        allow_data_loss=["shared/key"]))  # type: ignore[arg-type]
    ended = [(e.subject, e.facts["detail"]) for e in events if e.kind is Kind.STEP_ENDED]
    assert ended == [
        ("nonprod/roles", "deleted"), ("shared/key", "deleted; kept by its policy: Bucket (physical-Bucket)"),
    ]


def test_what_a_failed_first_delivery_left_is_cleared(tmp_path: Path) -> None:
    cloud, wanted = Cloud(), assembly(tmp_path)
    applied(wanted, tmp_path, cloud)
    service = wanted.deliveries[0]
    cloud.formation(TARGET).stacks["arn:left"] = {
        "StackName": service.stack, "StackId": "arn:left", "StackStatus": "ROLLBACK_COMPLETE", "CreationTime": now(),
        "template": "",
    }
    cloud.formation(TARGET).history["arn:left"] = []
    steps = plan(wanted, observe(wanted, cloud)).changes  # type: ignore[arg-type]
    assert [(s.verb, s.stack.name) for s in steps] == [(Verb.DELETE, service.stack)]
    applied(wanted, tmp_path, cloud)
    assert verbs(wanted, cloud) == [Verb.KEEP, Verb.KEEP]
