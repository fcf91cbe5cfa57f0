"""What ECS tasks need before and while they run: their image, their log, their secrets, by the execution role.

Sources: ECS Developer Guide, task_execution_IAM_role, task-iam-roles (trust, with SourceArn and SourceAccount),
using_awslogs, specifying-sensitive-data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crossdock.model.proof import Need, Step
from crossdock.prove.images import containers, repository_of, tasks
from crossdock.prove.needs.asking import Actor, assumed_by
from crossdock.prove.needs.images import PULL, acts
from crossdock.prove.resources import Resource
from crossdock.prove.scene import Line, Scene

TASKS = "ecs-tasks.amazonaws.com"


def needs(scene: Scene, line: Line) -> Iterator[Need]:
    """Everything that the tasks of one line's service need."""
    step = Step(environment=line.home.environment, service=line.home.service, action="run")
    for task in tasks(line):
        home = task.home
        source = f"arn:{home.partition}:ecs:{home.region}:{home.account}:*"
        if role := str(task.properties.get("TaskRoleArn", "")):
            yield assumed_by(TASKS, role, step, "ECS runs the task as its role", source)
        agent = str(task.properties.get("ExecutionRoleArn", ""))
        if agent:
            yield assumed_by(TASKS, agent, step, "ECS prepares the task as its execution role", source)
            actor = Actor(scene=scene, who=agent, step=step, region=home.region)
            for container in containers(task):
                yield from _prepared(actor, task, container)


def _prepared(actor: Actor, task: Resource, container: Mapping[str, Any]) -> Iterator[Need]:
    image = repository_of(actor.scene, str(container.get("Image", "")))
    if image is not None:
        yield from acts(actor, image, PULL, f"ECS pulls the image of {container['Name']}")
    log = container.get("LogConfiguration") or {}
    if log.get("LogDriver") == "awslogs":
        yield from _log(actor, log.get("Options") or {})
    for secret in container.get("Secrets") or ():
        yield from _secret(actor, task, str(secret["ValueFrom"]))
    if credentials := (container.get("RepositoryCredentials") or {}).get("CredentialsParameter"):
        yield from _secret(actor, task, str(credentials))


def _log(actor: Actor, options: Mapping[str, str]) -> Iterator[Need]:
    stream = {"logGroupName": options["awslogs-group"], "logStreamName": "*"}
    why = "ECS writes the task's log"
    if str(options.get("awslogs-create-group", "false")).lower() == "true":
        yield from actor.calls("logs", "CreateLogGroup", {"logGroupName": options["awslogs-group"]}, why)
    for operation in ("CreateLogStream", "PutLogEvents"):
        yield from actor.calls("logs", operation, stream, why)


def _secret(actor: Actor, task: Resource, value_from: str) -> Iterator[Need]:
    """A secret, with or without the key of a JSON field behind its ARN, or a parameter, by ARN or by name."""
    why = "ECS hands the task its secrets"
    if ":secretsmanager:" in value_from:
        yield actor.does("secretsmanager:GetSecretValue", ":".join(value_from.split(":")[:7]), why)
        return
    home = task.home
    arn = value_from if value_from.startswith("arn:") else \
        f"arn:{home.partition}:ssm:{home.region}:{home.account}:parameter/{value_from.lstrip('/')}"
    yield actor.does("ssm:GetParameters", arn, why)
