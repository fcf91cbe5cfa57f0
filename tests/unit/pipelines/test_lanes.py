"""Stages as locks, without threads (rules E1, E2, E5)."""

from crossdock.local.pipelines import lanes
from crossdock.local.pipelines.state import Execution, Pipeline, now


def some(count: int) -> tuple[Pipeline, list[Execution]]:
    pipeline = Pipeline(account="1", region="r", name="p", arn="a", version=1, versions={}, created=now(),
                        updated=now())
    stages = {"stages": [{"name": "S1", "actions": []}, {"name": "S2", "actions": []}]}
    made = [Execution(id=f"e{n}", number=n, version=1, declaration=stages, trigger="", trigger_detail="")
            for n in range(1, count + 1)]
    pipeline.executions = {e.id: e for e in made}
    return pipeline, made


def test_e1_one_execution_holds_a_stage_until_it_is_released() -> None:
    pipeline, (first, second) = some(2)
    assert lanes.arrive(pipeline, first, "S1") is None
    assert lanes.admit(pipeline, "S1") is first
    lanes.arrive(pipeline, second, "S1")
    assert lanes.admit(pipeline, "S1") is None
    lanes.release(pipeline, first, "S1")
    assert lanes.admit(pipeline, "S1") is second


def test_e2_the_newer_of_two_waiting_executions_stays() -> None:
    pipeline, (first, second, third) = some(3)
    lanes.arrive(pipeline, first, "S1")
    assert lanes.arrive(pipeline, third, "S1") is first
    assert lanes.arrive(pipeline, second, "S1") is second
    assert lanes.admit(pipeline, "S1") is third


def test_e5_nobody_enters_through_a_disabled_transition() -> None:
    pipeline, (first,) = some(1)
    pipeline.lane("S1").inbound.enabled = False
    lanes.arrive(pipeline, first, "S1")
    assert lanes.admit(pipeline, "S1") is None
    assert lanes.withdraw(pipeline, first)
    pipeline.lane("S1").inbound.enabled = True
    assert lanes.admit(pipeline, "S1") is None


def test_the_last_stage_has_none_behind_it() -> None:
    _, (first,) = some(1)
    assert (lanes.following(first, "S1"), lanes.following(first, "S2")) == ("S2", None)
