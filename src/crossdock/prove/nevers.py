"""What must never be possible, derived from what is needed: whatever nobody needs is refused.

Each claim gathers many requests; the comments say why a claim is asked as it is. Sources: IAM User Guide, the confused
deputy problem, id_roles_use_passrole, access_policies_boundaries; S3 User Guide, security best practices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from crossdock.model.proof import Given, Need, Step
from crossdock.prove.claims import Allowed, Claim, Probe, sides
from crossdock.prove.judge import ANONYMOUS, account_of, role_arn
from crossdock.prove.parts import Kind, Part, Thing, parts, things
from crossdock.prove.resources import of_type, partition
from crossdock.prove.scene import Scene

OUTSIDE = "999999999999"
"""An account that belongs to nobody here."""
OTHER_ORGANIZATION = "o-somebodyelse"
_WRITES = ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl")
_SELF = (
    "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRole",
)  # fmt: skip
_RECEIVERS = ("ec2.amazonaws.com", "lambda.amazonaws.com", "codebuild.amazonaws.com", "ecs-tasks.amazonaws.com")
_GUARDED = ("codepipeline.amazonaws.com", "codebuild.amazonaws.com", "events.amazonaws.com")
"""Services that name the resource for which they assume a role. Lambda and CloudFormation are handed a role by
somebody of its own account (PassRole), so another account cannot make them use it."""


def claims(scene: Scene, needs: Iterable[Need]) -> Iterator[Claim]:
    """Every request that must be refused, under what it would break."""
    listed = tuple(needs)
    probe = Probe(scene, Allowed(listed))
    cast, objects = parts(scene), tuple(things(scene))
    for part in cast:
        yield from _objects(probe, part, objects)
        yield from _stores(probe, part, objects)
        yield from _keys(probe, part)
        yield from _assumes(probe, part, cast)
        yield from _own_rights(probe, part, cast)
    for part in cast:
        yield from _other_deliveries(probe, part, cast)
        yield from _other_stacks(probe, part, cast)
        yield from _assumed_by_others(probe, part)
    for need in listed:
        yield from _outside(scene, need)
        yield from _confused(need)


def _objects(probe: Probe, part: Part, objects: tuple[Thing, ...]) -> Iterator[Claim]:
    for thing in objects:
        owner = probe.scene.owner(thing.bucket)
        root = f"arn:{partition(probe.region)}:s3:::{thing.bucket}/"
        for action in ("s3:GetObject", "s3:GetObjectVersion", *_WRITES):
            # Rights go by folder: what a role may do to one object of a folder it may do to the others.
            if not probe.allowed.below(part.who, action, root + thing.folder):
                what = _reach(part, thing, owner, writes=action in _WRITES)
                yield from probe.tries(part, action, root + thing.key, what, owner=owner, given=sides(part, owner))


def _reach(part: Part, thing: Thing, owner: str, *, writes: bool) -> str:
    if writes and part.account != owner:
        return "no target account changes anything in the artifact bucket"
    if part.environment != thing.environment:
        return f"{part.environment} touches nothing of {thing.environment}"
    if part.service and part.service != thing.service:
        return "no service touches what is another's"
    return "no role reads or changes what its part does not ask for"


def _stores(probe: Probe, part: Part, objects: tuple[Thing, ...]) -> Iterator[Claim]:
    """Logs stay as they were written, buckets as they were made, and nobody comes without TLS."""
    for bucket in of_type(probe.scene.platform, "AWS::S3::Bucket"):
        owner = bucket.home.account
        for action in ("s3:PutBucketPolicy", "s3:DeleteBucket", "s3:PutEncryptionConfiguration"):
            yield from probe.tries(part, action, bucket.arn, "no role changes a bucket", owner=owner,
                                   given=sides(part, owner))
        if bucket.names.name not in {thing.bucket for thing in objects}:
            for action in ("s3:GetObject", *_WRITES):
                yield from probe.tries(part, action, f"{bucket.arn}/*", "no role tampers with a log", owner=owner,
                                       given=sides(part, owner))
        for action in ("s3:GetObject", "s3:PutObject"):
            yield from probe.tries(part, action, f"{bucket.arn}/without-tls", "nobody comes to a bucket without TLS",
                                   owner=owner, context={"aws:SecureTransport": "false"}, given=(Given.CALLER,))


def _keys(probe: Probe, part: Part) -> Iterator[Claim]:
    """Keys are used through S3 alone, encrypt for nobody outside their account, and are managed by no role."""
    for key in of_type(probe.scene.platform, "AWS::KMS::Key"):
        owner = key.home.account
        both = sides(part, owner)
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            yield from probe.tries(part, action, key.arn, "nobody uses a key but through S3", owner=owner, given=both)
        # Who reads across accounts is told by the buckets' policies; the key knows an environment's roles as a whole.
        for action in ("kms:GenerateDataKey", "kms:Decrypt") if part.account == owner else ("kms:GenerateDataKey",):
            yield from probe.tries(part, action, key.arn, "no role uses the key that does not hand on artifacts",
                                   owner=owner, via=("s3.amazonaws.com",), given=both)
        for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:CreateGrant"):
            yield from probe.tries(part, action, key.arn, "no role manages a key", owner=owner, given=both)


def _assumes(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    for other in cast:
        if other.kind is Kind.DEPLOYMENT and part.kind is Kind.BUILD:
            what = "no build becomes a role that deploys"
        elif part.environment != other.environment:
            what = f"no role of {part.environment} becomes one of {other.environment}"
        else:
            what = "no role becomes another but those that it must"
        context = {"sts:RoleSessionName": "session"}
        yield from probe.tries(part, "sts:AssumeRole", other.who, what, context=context,
                               given=_both(part) if other.ours else (Given.CALLER,))


def _both(part: Part) -> tuple[Given, ...]:
    return (Given.CALLER, Given.RESOURCE) if part.ours else (Given.CALLER,)


def _own_rights(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    """Nobody changes what limits him, or hands a role on to who should not have it."""
    for other in cast:
        near = other.account == part.account and other.kind in (Kind.DEPLOYMENT, Kind.EXECUTION)
        if other is not part and not near:
            continue
        whose, whom = ("its own", "itself") if other is part else ("a deploying role's", "a role that deploys")
        for action in _SELF:
            yield from probe.tries(part, action, other.who, f"no role changes {whose} rights")
        for service in _RECEIVERS:
            yield from probe.passes(part, other.who, service, f"no role hands {whom} to a service")
    admin = {"iam:PolicyARN": f"arn:{partition(probe.region)}:iam::aws:policy/AdministratorAccess"}
    anyone = role_arn(probe.region, part.account, "somebody-else")
    near_by = role_arn(probe.region, part.account, f"{probe.scene.assembly.platform}-{part.environment}-any")
    for who in (anyone, near_by):
        yield from probe.tries(part, "iam:AttachRolePolicy", who, "no role makes an administrator", context=admin)
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"):
        yield from probe.tries(part, action, anyone, "no role makes one outside of its environment")
    user = f"arn:{partition(probe.region)}:iam::{part.account}:user/somebody"
    for action in ("iam:CreateUser", "iam:CreateAccessKey", "iam:PutUserPolicy"):
        yield from probe.tries(part, action, user, "no role makes a user")
    for service in ("ec2.amazonaws.com", "codebuild.amazonaws.com"):
        yield from probe.passes(part, near_by, service, "no role hands one to a service that it is not made for")
    for service in ("ec2.amazonaws.com", "lambda.amazonaws.com"):
        yield from probe.passes(part, anyone, service, "no role hands on one outside of its environment")


def _other_deliveries(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:  # noqa: ARG001
    """Repositories, builds and pipelines of others, in the account where they all are."""
    for line in probe.scene.lines:
        if part.account != line.home.account:
            continue
        what = "no role runs or changes a delivery that is not its own"
        pipeline = {"name": line.pipeline.names.name}
        yield from probe.calls(part, "codepipeline", "StartPipelineExecution", pipeline, what)
        for action in ("UpdatePipeline", "DeletePipeline", "PutApprovalResult"):
            yield from probe.tries(part, f"codepipeline:{action}", line.pipeline.arn, what)
        for project in line.projects:
            for action in ("StartBuild", "UpdateProject", "DeleteProject"):
                yield from probe.tries(part, f"codebuild:{action}", project.arn, what)
            group = f"/aws/codebuild/{project.names.name}"
            for operation in ("PutLogEvents", "DeleteLogGroup", "GetLogEvents"):
                stream = {"logGroupName": group, "logStreamName": "*"}
                yield from probe.calls(part, "logs", operation, stream, "no role tampers with a log")
    for repository in of_type(probe.scene.platform, "AWS::CodeCommit::Repository"):
        what = "no role writes into a repository or reads one that is not its own"
        for action in ("GitPush", "GitPull", "UploadArchive", "DeleteRepository", "PutFile"):
            if part.account == repository.home.account:
                yield from probe.tries(part, f"codecommit:{action}", repository.arn, what)


def _other_stacks(probe: Probe, part: Part, cast: tuple[Part, ...]) -> Iterator[Claim]:
    """Stacks, functions and logs of other environments, and the stacks of the platform itself."""
    for other in cast:
        if other.account != part.account or other.environment == part.environment:
            continue
        name = f"{probe.scene.assembly.platform}-{other.environment}-any"
        for operation in ("UpdateFunctionCode", "DeleteFunction", "AddPermission", "Invoke"):
            yield from probe.calls(part, "lambda", operation, {"FunctionName": name},
                                   f"{part.environment} touches nothing of {other.environment}")
        for action in _SELF[:3]:
            yield from probe.tries(part, action, role_arn(probe.region, part.account, name),
                                   f"{part.environment} touches nothing of {other.environment}")
        yield from probe.calls(part, "logs", "DeleteLogGroup", {"logGroupName": f"/aws/lambda/{name}"},
                               f"{part.environment} touches nothing of {other.environment}")
    for home in {resource.home.name: resource.home for resource in probe.scene.resources}.values():
        if home.account == part.account and (home.ours or home.environment != part.environment):
            for operation in ("CreateChangeSet", "ExecuteChangeSet", "DeleteStack", "UpdateStack"):
                params = {"StackName": home.name, "ChangeSetName": "any"}
                yield from probe.calls(part, "cloudformation", operation, params,
                                       "no role changes a stack but those of its services")


def _assumed_by_others(probe: Probe, part: Part) -> Iterator[Claim]:
    """Roles of the platform serve the service that they are made for, and no other."""
    source = f"arn:{partition(probe.region)}:any:{probe.region}:{part.account}:any"
    for service in (*_RECEIVERS, *_GUARDED, "cloudformation.amazonaws.com") if part.ours else ():
        need = Need(
            who=service, action="sts:AssumeRole", resource=part.who, owner=part.account, why="",
            step=replace(_nowhere(part), action=part.kind.value),
            context={"aws:SourceAccount": part.account, "aws:SourceArn": source},
        )
        if need not in probe.allowed:
            yield Claim("no role serves another service than its own", need)


def _nowhere(part: Part) -> Step:
    return Step(environment=part.environment, service=part.service)


def _outside(scene: Scene, need: Need) -> Iterator[Claim]:
    """Who has the right name in the wrong account or organization, and who has no name at all. The caller's own
    account is not ours, so its policies are taken to allow everything."""
    guarded = scene.in_force.policy_on(need.resource) is not None
    account = account_of(need.who)
    if not account or not guarded or need.action.startswith("iam:"):
        return
    what = "nobody outside of the organization comes in"
    others = {OUTSIDE, *scene.assembly.accounts.values()} - _homes(scene, need.step.environment) - {account}
    for other in sorted(others) if need.given is Given.NOTHING else ():
        who = need.who.replace(f":{account}:", f":{other}:", 1)
        said = what if other == OUTSIDE else "a role's name counts in its own account alone"
        yield Claim(said, replace(need, who=who, given=Given.CALLER))
    if scene.assembly.organization and account != need.owner:
        context = {**need.context, "aws:PrincipalOrgID": OTHER_ORGANIZATION}
        yield Claim(what, replace(need, context=context, given=Given.CALLER))
    yield Claim("nobody comes in without a name", replace(need, who=ANONYMOUS, via=(), given=Given.NOTHING))


def _homes(scene: Scene, environment: str) -> set[str]:
    """The accounts where an environment has roles: there its names count, for readers are known by how they begin."""
    return {role.account for role in scene.in_force.roles.values() if role.resource.home.environment == environment}


def _confused(need: Need) -> Iterator[Claim]:
    """A service that is made to act for another's resource (IAM User Guide, the confused deputy problem)."""
    source = str(need.context.get("aws:SourceArn", ""))
    if account_of(need.who) or not source or (need.action == "sts:AssumeRole" and need.who not in _GUARDED):
        return
    here = str(need.context["aws:SourceAccount"])
    foreign = {**need.context, "aws:SourceAccount": OUTSIDE, "aws:SourceArn": source.replace(here, OUTSIDE)}
    yield Claim("no service acts here for another's account", replace(need, context=foreign))
    if need.action == "sts:AssumeRole" and need.who != "events.amazonaws.com":
        near = {**need.context, "aws:SourceArn": f"{source}-other"}
        yield Claim("no role serves another pipeline or build than its own", replace(need, context=near))
