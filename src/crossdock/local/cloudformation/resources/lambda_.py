"""AWS::Lambda: functions, versions, aliases, permissions."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Step, handlers
from crossdock.local.cloudformation.resources.handler import (
    Context,
    Failed,
    Handler,
    Props,
    changed,
    pick,
    sync_tags,
    tags_of,
    words,
)  # fmt: skip
from crossdock.local.engine import NotEmulated

_INLINE = Path(__file__).parent.parent / "inline"
_CONFIGURATION = "Role Handler Runtime Description Timeout MemorySize Environment Layers DeadLetterConfig KmsKeyArn"
_PASSED = "VpcConfig EphemeralStorage TracingConfig LoggingConfig"
_ACCEPTED = "EphemeralStorage TracingConfig LoggingConfig SnapStart RuntimeManagementConfig RecursiveLoop"
_RESET: dict[str, Any] = {
    "Description": "", "Timeout": 3, "MemorySize": 128, "Environment": {"Variables": {}}, "Layers": [],
    "DeadLetterConfig": {"TargetArn": ""}, "KmsKeyArn": "",
    "EphemeralStorage": {"Size": 512}, "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}  # fmt: skip


def _code(props: Props) -> dict[str, Any]:
    code = props["Code"]
    if "ZipFile" in code:
        return {"ZipFile": _zip_of(str(code["ZipFile"]), str(props.get("Runtime", "")))}
    if "S3Bucket" in code:
        return pick(code, "S3Bucket S3Key S3ObjectVersion")
    raise NotEmulated("AWS::Lambda::Function.Code other than ZipFile and S3Bucket")


def _zip_of(source: str, runtime: str) -> bytes:
    """Inline source becomes `index.py` or `index.js`, with the module beside it that answers for custom resources
    (CloudFormation reference, Function Code; User Guide, "cfn-response module")."""
    suffix = next((end for start, end in (("python", "py"), ("nodejs", "js")) if runtime.startswith(start)), None)
    if suffix is None:
        raise Failed("ZipFile can only be used when Runtime is set to either of nodejs or python.")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        beside = {"py": "cfnresponse.py", "js": "cfn-response.js"}[suffix]
        for name, text in ((f"index.{suffix}", source), (beside, (_INLINE / beside).read_text(encoding="utf-8"))):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return held.getvalue()


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("FunctionName") or ctx.name(64))
    given = pick(props, f"{_CONFIGURATION} PackageType Architectures {_PASSED}")
    if tags := tags_of(props):
        given["Tags"] = tags
    ctx.call("lambda", "CreateFunction", {"FunctionName": name, **given}, Code=_code(props))
    ctx.made(name)
    _settle_concurrency(ctx, name, {}, props)
    return name


def _settle_concurrency(ctx: Context, name: str, old: Props, new: Props) -> None:
    if not changed(old, new, "ReservedConcurrentExecutions"):
        return
    who = {"FunctionName": name}
    if "ReservedConcurrentExecutions" in new:
        ctx.call("lambda", "PutFunctionConcurrency", {**who, **pick(new, "ReservedConcurrentExecutions")})
    else:
        ctx.call("lambda", "DeleteFunctionConcurrency", who)


def _update(ctx: Context, name: str, old: Props, new: Props) -> None:
    who = {"FunctionName": name}
    if changed(old, new, "Code", "Architectures"):
        built = {"Architectures": ["x86_64"], **who, **pick(new, "Architectures")}
        ctx.call("lambda", "UpdateFunctionCode", built, **_code(new))
    names = f"{_CONFIGURATION} {_PASSED}"
    if pick(old, names) != pick(new, names):
        gone = {key: value for key, value in _RESET.items() if key in old and key not in new}
        ctx.call("lambda", "UpdateFunctionConfiguration", {**who, **pick(new, names), **gone})
    _settle_concurrency(ctx, name, old, new)
    arn = ctx.arn("lambda", f"function:{name}")
    sync_tags(
        old, new,
        lambda tags: ctx.call("lambda", "TagResource", {"Resource": arn, "Tags": tags}),
        lambda names: ctx.call("lambda", "UntagResource", {"Resource": arn, "TagKeys": names}),
    )  # fmt: skip


def _add_permission(ctx: Context, props: Props) -> str:
    statement = ctx.name(100)
    given = pick(props, "FunctionName Action Principal SourceArn SourceAccount EventSourceToken PrincipalOrgID "
                        "FunctionUrlAuthType InvokedViaFunctionUrl")  # fmt: skip
    ctx.call("lambda", "AddPermission", {"StatementId": statement, **given})
    return statement


def _publish(ctx: Context, props: Props) -> str:
    answer = ctx.call("lambda", "PublishVersion", pick(props, "FunctionName CodeSha256 Description"))
    return str(answer["FunctionArn"])


def _alias_routing(props: Props) -> dict[str, Any]:
    given = pick(props, "FunctionName FunctionVersion Name Description")
    weights = (props.get("RoutingConfig") or {}).get("AdditionalVersionWeights", [])
    made = {str(w["FunctionVersion"]): float(w["FunctionWeight"]) for w in weights}
    return {"Description": "", "RoutingConfig": {"AdditionalVersionWeights": made}, **given}


_SOURCE = ("BatchSize BisectBatchOnFunctionError DestinationConfig Enabled FilterCriteria FunctionName "
           "FunctionResponseTypes MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts "
           "ParallelizationFactor ScalingConfig MetricsConfig")
_ASYNCHRONOUS = "DestinationConfig MaximumEventAgeInSeconds MaximumRetryAttempts"


def _layer_content(props: Props) -> dict[str, Any]:
    return pick(props["Content"], "S3Bucket S3Key S3ObjectVersion")


def _publish_layer(ctx: Context, props: Props) -> str:
    given = {"LayerName": props.get("LayerName") or ctx.name(140), "Content": _layer_content(props)}
    given |= pick(props, "CompatibleArchitectures CompatibleRuntimes Description LicenseInfo")
    return str(ctx.call("lambda", "PublishLayerVersion", given)["LayerVersionArn"])


def _layer(_: Context, arn: str, _props: Props) -> dict[str, Any]:
    head, number = arn.rsplit(":", 1)
    return {"LayerName": head, "VersionNumber": number}


def _url(_: Context, _arn: str, props: Props) -> dict[str, Any]:
    return {"FunctionName": props["TargetFunctionArn"], **pick(props, "Qualifier")}


def _put_asynchronous(ctx: Context, props: Props) -> str:
    given = pick(props, f"FunctionName Qualifier {_ASYNCHRONOUS}")
    ctx.call("lambda", "PutFunctionEventInvokeConfig", given)
    return f"{props['FunctionName']}|{props['Qualifier']}"


TYPES = (
    *handlers(
        Kind(
            type="AWS::Lambda::EventSourceMapping", service="lambda", id="UUID", who="UUID",
            create="CreateEventSourceMapping", delete="DeleteEventSourceMapping",
            takes=f"EventSourceArn StartingPosition StartingPositionTimestamp TumblingWindowInSeconds {_SOURCE}",
            steps=(Step(operation="UpdateEventSourceMapping", of=_SOURCE,
                        empty={"Enabled": True, "FilterCriteria": {"Filters": []}, "FunctionResponseTypes": []}),),
            found={"Id": "={id}",
                   "EventSourceMappingArn": "=arn:{partition}:lambda:{region}:{account}:event-source-mapping:{id}"},
            accepted="Tags LoggingConfig",
        ),
        Kind(
            type="AWS::Lambda::Url", service="lambda", id="FunctionArn", who=_url, create="CreateFunctionUrlConfig",
            delete="DeleteFunctionUrlConfig", takes="AuthType Cors InvokeMode TargetFunctionArn Qualifier",
            spelled={"TargetFunctionArn": "FunctionName"},
            steps=(Step(operation="UpdateFunctionUrlConfig", of="AuthType Cors InvokeMode",
                        empty={"Cors": {}, "InvokeMode": "BUFFERED"}),),
            read=("GetFunctionUrlConfig", ""),
        ),
        Kind(
            type="AWS::Lambda::LayerVersion", service="lambda", who=_layer, create="PublishLayerVersion",
            delete="DeleteLayerVersion", make=_publish_layer, found={"LayerVersionArn": "={id}"},
            takes="CompatibleArchitectures CompatibleRuntimes Content Description LayerName LicenseInfo",
        ),
    ),
    Handler(
        type="AWS::Lambda::EventInvokeConfig",
        emulated=words(f"FunctionName Qualifier {_ASYNCHRONOUS}"), create=_put_asynchronous,
        update=lambda ctx, _id, _old, new: _put_asynchronous(ctx, new),
        delete=lambda ctx, _, props: ctx.call(
            "lambda", "DeleteFunctionEventInvokeConfig", pick(props, "FunctionName Qualifier")),
    ),
    Handler(
        type="AWS::Lambda::Function",
        emulated=words(f"FunctionName Code PackageType Architectures VpcConfig ReservedConcurrentExecutions Tags "
                       f"{_CONFIGURATION}"),
        accepted=words(_ACCEPTED),
        tags="list", create=_create, update=_update,
        delete=lambda ctx, name, _: ctx.call("lambda", "DeleteFunction", {"FunctionName": name}),
        read=lambda ctx, name, _: {"Arn": ctx.arn("lambda", f"function:{name}")},
    ),
    Handler(
        type="AWS::Lambda::Permission",
        emulated=words("FunctionName Action Principal SourceArn SourceAccount EventSourceToken PrincipalOrgID "
                       "FunctionUrlAuthType InvokedViaFunctionUrl"),
        create=_add_permission,
        delete=lambda ctx, statement, props: ctx.call(
            "lambda", "RemovePermission", {"FunctionName": props["FunctionName"], "StatementId": statement}),
    ),
    Handler(
        type="AWS::Lambda::Version",
        emulated=words("FunctionName CodeSha256 Description"),
        create=_publish,
        delete=lambda ctx, arn, _: ctx.call(
            "lambda", "DeleteFunction",
            {"FunctionName": arn.rpartition(":")[0], "Qualifier": arn.rpartition(":")[2]}),
        read=lambda _ctx, arn, _props: {"FunctionArn": arn, "Version": arn.rpartition(":")[2]},
    ),
    Handler(
        type="AWS::Lambda::Alias",
        emulated=words("FunctionName FunctionVersion Name Description RoutingConfig"),
        create=lambda ctx, props: str(ctx.call("lambda", "CreateAlias", _alias_routing(props))["AliasArn"]),
        update=lambda ctx, _, _old, new: ctx.call("lambda", "UpdateAlias", _alias_routing(new)),
        delete=lambda ctx, _, props: ctx.call("lambda", "DeleteAlias", pick(props, "FunctionName Name")),
        read=lambda _ctx, arn, _props: {"AliasArn": arn},
    ),
)  # fmt: skip
