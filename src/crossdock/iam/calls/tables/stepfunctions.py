"""Step Functions: aliases and versions are authorised on their state machine (Service Authorization Reference,
list_awsstepfunctions); their ARN is the state machine's and one more part.
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

MACHINE = ("{StateMachine[]}",)

RULES: dict[str, Rules] = {
    **{
        name: (Rule(f"states:{name}", MACHINE),)
        for name in (
            "CreateStateMachineAlias", "UpdateStateMachineAlias", "DescribeStateMachineAlias",
            "DeleteStateMachineAlias", "DeleteStateMachineVersion",
        )
    },
    "DescribeExecution": (Rule("states:DescribeExecution", ("{executionArn}",)),),
}


def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """The state machines that aliases and versions belong to."""
    routes = params.get("routingConfiguration") or ()
    arns = [params.get("stateMachineAliasArn"), params.get("stateMachineVersionArn")]
    arns += [route.get("stateMachineVersionArn") for route in routes]
    machines = [":".join(str(arn).split(":")[:7]) for arn in arns if arn]
    return {**params, "StateMachine": list(dict.fromkeys(machines))}
