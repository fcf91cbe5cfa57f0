"""Change sets: what they say, and what becomes of them."""

from __future__ import annotations

from typing import Any

from witnessing.asking import Facts, Side, await_true, question, refusal
from witnessing.questions.stacks_changed import queue
from witnessing.stacks import Stacks, given


def made(stacks: Stacks, name: str, stack: str, **members: Any) -> dict[str, Any]:
    """A change set that is ready, or failed."""
    stacks.cfn.create_change_set(StackName=stack, ChangeSetName=name, **members)

    def ready() -> dict[str, Any] | None:
        found: dict[str, Any] = stacks.cfn.describe_change_set(StackName=stack, ChangeSetName=name)
        return found if found["Status"] in ("CREATE_COMPLETE", "FAILED") else None

    found: dict[str, Any] = await_true(ready, f"change set {name}")
    return found


def told(found: dict[str, Any]) -> Facts:
    changes = sorted((each["ResourceChange"] for each in found["Changes"]),
                     key=lambda change: str(change["LogicalResourceId"]))
    return {
        "status": found["Status"], "execution": found.get("ExecutionStatus"), "reason": found.get("StatusReason", ""),
        "changes": {change["LogicalResourceId"]: [change["Action"], change.get("Replacement", ""),
                                                  ",".join(change.get("Scope", []))] for change in changes},
        "details": {change["LogicalResourceId"]: sorted(
            f"{detail['Target'].get('Attribute')}/{detail['Target'].get('Name', '')} "
            f"{detail['Target'].get('RequiresRecreation', '')} {detail.get('Evaluation', '')} "
            f"{detail.get('ChangeSource', '')} {detail.get('CausingEntity', '')}"
            for detail in change.get("Details", [])) for change in changes},
    }


@question
def of_a_new_stack(side: Side) -> Facts:
    """A stack in review, then made."""
    stacks = Stacks(side)
    found = made(stacks, "first", "reviewed", TemplateBody=queue("reviewed"), ChangeSetType="CREATE")
    before = stacks.now("reviewed")["StackStatus"]
    events = stacks.told("reviewed")["events"]
    again = refusal(stacks.cfn.create_change_set, StackName="reviewed", ChangeSetName="first",
                    TemplateBody=queue("reviewed"), ChangeSetType="CREATE")
    as_update = refusal(stacks.cfn.create_change_set, StackName="reviewed", ChangeSetName="second",
                        TemplateBody=queue("reviewed"), ChangeSetType="UPDATE")
    stacks.cfn.execute_change_set(StackName="reviewed", ChangeSetName="first")
    await_true(lambda: stacks.now("reviewed")["StackStatus"] == "CREATE_COMPLETE", "reviewed")
    return told(found) | {
        "before": before, "events before": events, "same name": again, "as update": as_update,
        "events": stacks.told("reviewed")["events"],
        "executed again": refusal(stacks.cfn.execute_change_set, StackName="reviewed", ChangeSetName="first"),
        "create of what exists": refusal(stacks.cfn.create_change_set, StackName="reviewed", ChangeSetName="third",
                                         TemplateBody=queue("reviewed"), ChangeSetType="CREATE"),
    }


@question
def of_changes(side: Side) -> Facts:
    """A change in place, a replacement with a dependant, an addition and a removal."""
    stacks = Stacks(side)
    more = "\n  Extra: {Type: AWS::SQS::Queue}\n"
    stacks.create("varied", queue("varied", more))
    new = "\n  Fresh: {Type: AWS::SNS::Topic}\n"
    return {
        "parameter": told(made(stacks, "place", "varied", TemplateBody=queue("varied", more),
                               Parameters=given(Seconds="61"))),
        "replacement": told(made(stacks, "name", "varied", TemplateBody=queue("varied-new", more))),
        "in and out": told(made(stacks, "inout", "varied", TemplateBody=queue("varied", new))),
        "listed": sorted(each["ChangeSetName"] for each in
                         stacks.cfn.list_change_sets(StackName="varied")["Summaries"]),
    }


@question
def of_nothing(side: Side) -> Facts:
    """No change, an unknown change set, a deleted one, one of an unknown stack."""
    stacks = Stacks(side)
    cfn = stacks.cfn
    stacks.create("idle", queue("idle"))
    found = told(made(stacks, "none", "idle", TemplateBody=queue("idle")))
    executed = refusal(cfn.execute_change_set, StackName="idle", ChangeSetName="none")
    return found | {
        "executed": executed,
        "unknown": refusal(cfn.describe_change_set, StackName="idle", ChangeSetName="nothing"),
        "execute unknown": refusal(cfn.execute_change_set, StackName="idle", ChangeSetName="nothing"),
        "deleted": refusal(cfn.delete_change_set, StackName="idle", ChangeSetName="none"),
        "deleted again": refusal(cfn.delete_change_set, StackName="idle", ChangeSetName="none"),
        "of no stack": refusal(cfn.create_change_set, StackName="nobody", ChangeSetName="one",
                               TemplateBody=queue("nobody"), ChangeSetType="UPDATE"),
        "list of no stack": refusal(cfn.list_change_sets, StackName="nobody"),
        "bad template": refusal(cfn.create_change_set, StackName="idle", ChangeSetName="bad",
                                TemplateBody="Resources: {}"),
    }


@question
def outdated(side: Side) -> Facts:
    """Of two change sets one is executed: what becomes of the other."""
    stacks = Stacks(side)
    stacks.create("twice", queue("twice"))
    made(stacks, "left", "twice", TemplateBody=queue("twice"), Parameters=given(Seconds="1"))
    made(stacks, "right", "twice", TemplateBody=queue("twice"), Parameters=given(Seconds="2"))
    stacks.cfn.execute_change_set(StackName="twice", ChangeSetName="left")
    await_true(lambda: stacks.now("twice")["StackStatus"] == "UPDATE_COMPLETE", "twice")
    return {"other": refusal(stacks.cfn.execute_change_set, StackName="twice", ChangeSetName="right"),
            "stack names its change set": "changeSet" in stacks.now("twice").get("ChangeSetId", "")}
