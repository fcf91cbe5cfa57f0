"""What images need: the build pushes them, whoever runs them pulls them, nobody else touches them.

Sources: ECR User Guide, image-push-iam (pushing), repository-policy-examples; CodeBuild User Guide, sample-ecr; Lambda
Developer Guide, images-create (functions of another account: the service itself pulls, for the function).
"""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.model.proof import Need, Step
from crossdock.prove.images import pushed, repository_of
from crossdock.prove.needs.asking import Actor
from crossdock.prove.resources import Resource, of_type
from crossdock.prove.scene import Line, Scene

PUSH = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload",
        "ecr:PutImage", "ecr:UploadLayerPart")
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_FOR_FUNCTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


def needs(scene: Scene, line: Line) -> Iterator[Need]:
    """Who pushes and pulls the images of one line: its builds, and the functions of its service."""
    for action in line.actions:
        if action.provider == "CodeBuild":
            yield from _of_build(scene, line, action.title, line.project(action))
    for function in of_type(line.service, "AWS::Lambda::Function"):
        yield from _of_function(scene, line, function)


def _of_build(scene: Scene, line: Line, title: str, project: Resource) -> Iterator[Need]:
    step = Step(environment=line.home.environment, service=line.home.service, action=title)
    actor = Actor(scene=scene, who=str(project.properties["ServiceRole"]), step=step, region=line.home.region)
    for repository in pushed(scene, project):
        yield from acts(actor, repository, PUSH, "the build pushes the image")
    image = repository_of(scene, str(project.properties["Environment"].get("Image", "")))
    if image is None:
        return
    if project.properties["Environment"].get("ImagePullCredentialsType") == "SERVICE_ROLE":
        yield from acts(actor, image, PULL, "the build's role pulls the image that it runs in")
        return
    codebuild = Actor(scene=scene, who="codebuild.amazonaws.com", step=step, region=line.home.region)
    for right in PULL:
        yield codebuild.does(right, image.arn, "CodeBuild pulls the image that the build runs in", image.home.account,
                             aws__SourceArn=project.arn, aws__SourceAccount=project.home.account)


def _of_function(scene: Scene, line: Line, function: Resource) -> Iterator[Need]:
    code = function.properties.get("Code")
    image = repository_of(scene, str(code.get("ImageUri", ""))) if isinstance(code, dict) else None
    if image is None:
        return
    step = Step(environment=line.home.environment, service=line.home.service, action="run")
    service = Actor(scene=scene, who="lambda.amazonaws.com", step=step, region=line.home.region)
    for right in _FOR_FUNCTIONS:
        yield service.does(right, image.arn, "Lambda pulls the function's image", image.home.account,
                           aws__SourceArn=function.arn, aws__SourceAccount=function.home.account)
    for action in line.actions:
        if role := action.configuration.get("RoleArn"):
            maker = Actor(scene=scene, who=role, step=Step(
                environment=step.environment, service=step.service, action=action.title), region=line.home.region)
            for right in _FOR_FUNCTIONS:
                yield maker.does(right, image.arn, "who makes a function of an image may pull it", image.home.account)


def acts(actor: Actor, repository: Resource, rights: tuple[str, ...], why: str) -> Iterator[Need]:
    """What docker's push or pull asks for, the login to the caller's own registry first."""
    yield actor.does("ecr:GetAuthorizationToken", "*", why, owner=actor.account)
    for right in rights:
        yield actor.does(right, repository.arn, why, repository.home.account)
