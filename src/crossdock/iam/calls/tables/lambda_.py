"""Lambda: names that hold qualifiers and accounts, and invocation. Sources: Lambda API reference; Lambda Developer
Guide, lambda-api-permissions-ref and chapter-layers (adding a layer needs lambda:GetLayerVersion on it).
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

FUNCTION = ("{function:FunctionName}",)
MAPPING = "arn:${Partition}:lambda:${Region}:${Account}:event-source-mapping"
LAYER = ("arn:${Partition}:lambda:${Region}:${Account}:layer:{LayerName}",)
LAYER_VERSION = ("arn:${Partition}:lambda:${Region}:${Account}:layer:{LayerName}:{VersionNumber}",)
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}
NETWORK = {"lambda:SubnetIds": "VpcConfig.SubnetIds[]", "lambda:SecurityGroupIds": "VpcConfig.SecurityGroupIds[]"}
CODE = {"lambda:Layer": "Layers[]", "lambda:CodeSigningConfigArn": "CodeSigningConfigArn"}
PASS = Rule("iam:PassRole", ("{role:Role}",), {"iam:PassedToService": "=lambda.amazonaws.com"}, ("Role",))
USE_LAYERS = Rule("lambda:GetLayerVersion", ("{Layers[]}",), {}, ("Layers",))
FUNCTION_ARN = {"lambda:FunctionArn": FUNCTION[0]}


def on_function(action: str, context: dict[str, str] | None = None) -> Rules:
    return (Rule(f"lambda:{action}", FUNCTION, context or {}),)


RULES: dict[str, Rules] = {
    "Invoke": on_function("InvokeFunction"),
    "InvokeWithResponseStream": on_function("InvokeFunction"),
    "GetFunction": on_function("GetFunction"),
    "GetFunctionConfiguration": on_function("GetFunctionConfiguration"),
    "GetPolicy": on_function("GetPolicy"),
    "AddPermission": on_function("AddPermission", {
        "lambda:Principal": "Principal", "lambda:FunctionUrlAuthType": "FunctionUrlAuthType",
    }),
    "RemovePermission": on_function("RemovePermission"),
    "PutProvisionedConcurrencyConfig": on_function("PutProvisionedConcurrencyConfig"),
    "GetProvisionedConcurrencyConfig": on_function("GetProvisionedConcurrencyConfig"),
    "DeleteProvisionedConcurrencyConfig": on_function("DeleteProvisionedConcurrencyConfig"),
    "CreateFunction": (
        Rule("lambda:CreateFunction", FUNCTION, TAGS | NETWORK | CODE),
        PASS,
        USE_LAYERS,
        Rule("lambda:TagResource", FUNCTION, TAGS, ("Tags",)),
    ),
    "UpdateFunctionConfiguration": (
        Rule("lambda:UpdateFunctionConfiguration", FUNCTION, NETWORK | {"lambda:Layer": "Layers[]"}),
        PASS,
        USE_LAYERS,
    ),
    "CreateEventSourceMapping": (
        Rule("lambda:CreateEventSourceMapping", (f"{MAPPING}:*",), FUNCTION_ARN | TAGS),
        Rule("lambda:TagResource", (f"{MAPPING}:*",), TAGS, ("Tags",)),
    ),
    "UpdateEventSourceMapping": (
        Rule("lambda:UpdateEventSourceMapping", (f"{MAPPING}:{{UUID}}",), FUNCTION_ARN),
    ),
    "PublishLayerVersion": (Rule("lambda:PublishLayerVersion", LAYER),),
    "GetLayerVersion": (Rule("lambda:GetLayerVersion", LAYER_VERSION),),
    "GetLayerVersionByArn": (Rule("lambda:GetLayerVersion", ("{Arn}",)),),
    "DeleteLayerVersion": (Rule("lambda:DeleteLayerVersion", LAYER_VERSION),),
    "GetLayerVersionPolicy": (Rule("lambda:GetLayerVersionPolicy", LAYER_VERSION),),
    "AddLayerVersionPermission": (Rule("lambda:AddLayerVersionPermission", LAYER_VERSION),),
    "RemoveLayerVersionPermission": (Rule("lambda:RemoveLayerVersionPermission", LAYER_VERSION),),
    "TagResource": (Rule("lambda:TagResource", ("{Resource}",), TAGS),),
    "UntagResource": (Rule("lambda:UntagResource", ("{Resource}",), {"aws:TagKeys": "TagKeys[]"}),),
    "ListTags": (Rule("lambda:ListTags", ("{Resource}",)),),
}

def prepare(operation: str, params: Params) -> Params:  # noqa: ARG001  one signature for all services
    """The qualifier may stand within the name or in a parameter of its own; either way it is part of the ARN."""
    name, qualifier = params.get("FunctionName"), params.get("Qualifier")
    if isinstance(name, str) and qualifier and not name.endswith(f":{qualifier}"):
        return {**params, "FunctionName": f"{name}:{qualifier}"}
    return params
