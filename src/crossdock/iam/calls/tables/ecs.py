"""ECS: new task definitions and tasks. Source: Service Authorization Reference, list_amazonelasticcontainerservice; ECS
Developer Guide, supported-iam-actions-tagging.

Running a task also passes the roles that its definition names; the store knows them, the engine asks for them.
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

FAMILY = ("arn:${Partition}:ecs:${Region}:${Account}:task-definition/{family}:*",)
CLUSTER = "arn:${Partition}:ecs:${Region}:${Account}:cluster/{cluster|=default}"
TAGS = {"aws:RequestTag/*": "tags", "aws:TagKeys": "tags{}"}
TO_TASKS = {"iam:PassedToService": "=ecs-tasks.amazonaws.com"}

RULES: dict[str, Rules] = {
    "RegisterTaskDefinition": (
        Rule("ecs:RegisterTaskDefinition", FAMILY, TAGS),
        Rule("iam:PassRole", ("{role:taskRoleArn}",), TO_TASKS, ("taskRoleArn",)),
        Rule("iam:PassRole", ("{role:executionRoleArn}",), TO_TASKS, ("executionRoleArn",)),
        Rule("ecs:TagResource", FAMILY, TAGS | {"ecs:CreateAction": "=RegisterTaskDefinition"}, ("tags",)),
    ),
    "RunTask": (
        Rule("ecs:RunTask", ("{task-definition:taskDefinition}",), {
            "ecs:cluster": CLUSTER, "ecs:enable-execute-command": "enableExecuteCommand",
        }),
        Rule("iam:PassRole", ("{role:overrides.taskRoleArn}",), TO_TASKS, ("overrides.taskRoleArn",)),
        Rule("iam:PassRole", ("{role:overrides.executionRoleArn}",), TO_TASKS, ("overrides.executionRoleArn",)),
        Rule("iam:PassRole", ("{role:volumeConfigurations[].managedEBSVolume.roleArn}",),
             {"iam:PassedToService": "=ecs.amazonaws.com"}, ("volumeConfigurations[].managedEBSVolume.roleArn",)),
        Rule("ecs:TagResource", ("arn:${Partition}:ecs:${Region}:${Account}:task/{cluster|=default}/*",),
             TAGS | {"ecs:CreateAction": "=RunTask", "ecs:cluster": CLUSTER}, ("tags",)),
    ),
}
