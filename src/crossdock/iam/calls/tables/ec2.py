"""EC2: what tags are put on, and what a request doesn't name. Source: EC2 User Guide, resource-ids; Service
Authorization Reference, list_amazonec2.
"""

from __future__ import annotations

from crossdock.iam.calls.paths import Params
from crossdock.iam.calls.rules import Rule, Rules

TAGGED = ("arn:${Partition}:ec2:${Region}:${Account}:{Tagged[]}",)

_TYPES = {
    "vpc": "vpc", "subnet": "subnet", "igw": "internet-gateway", "nat": "natgateway", "rtb": "route-table",
    "sg": "security-group", "sgr": "security-group-rule", "eipalloc": "elastic-ip", "acl": "network-acl",
    "vpce": "vpc-endpoint", "eni": "network-interface", "i": "instance", "vol": "volume", "lt": "launch-template",
    "dopt": "dhcp-options", "fl": "vpc-flow-log", "pl": "prefix-list", "eigw": "egress-only-internet-gateway",
}

AT = "arn:${Partition}:ec2:${Region}:${Account}:"
TAGS = {"aws:RequestTag/*": "Tags", "aws:TagKeys": "Tags{}"}
NEW_TAGS = {"aws:RequestTag/*": "TagSpecifications[].Tags", "aws:TagKeys": "TagSpecifications[].Tags{}"}


def new(operation: str, kind: str, *more: str) -> Rules:
    """A resource whose id is not known before."""
    made = (f"{AT}{kind}/*",)
    return (
        Rule(f"ec2:{operation}", (*made, *more), NEW_TAGS),
        Rule("ec2:CreateTags", made, NEW_TAGS | {"ec2:CreateAction": f"={operation}"}, ("TagSpecifications",)),
    )


PASSED = {"iam:PassedToService": "=ec2.amazonaws.com"}
RUN = (
    AT + "instance/*", AT + "volume/*", AT + "network-interface/*", AT + "subnet/{SubnetId}",
    AT + "security-group/{SecurityGroupIds[]}", AT + "key-pair/{KeyName}",
    "arn:${Partition}:ec2:${Region}::image/{ImageId}", AT + "launch-template/{LaunchTemplate.LaunchTemplateId}",
)

RULES: dict[str, Rules] = {
    # The profile that a launch template names isn't in the request.
    "RunInstances": (
        Rule("ec2:RunInstances", RUN, NEW_TAGS | {"ec2:InstanceType": "InstanceType"}),
        Rule("ec2:CreateTags", (AT + "instance/*",), NEW_TAGS | {"ec2:CreateAction": "=RunInstances"},
             ("TagSpecifications",)),
        Rule("iam:PassRole", ("{profile-role:IamInstanceProfile.Name|IamInstanceProfile.Arn}",), PASSED,
             ("IamInstanceProfile",)),
    ),
    "AssociateIamInstanceProfile": (
        Rule("ec2:AssociateIamInstanceProfile", (AT + "instance/{InstanceId}",)),
        Rule("iam:PassRole", ("{profile-role:IamInstanceProfile.Name|IamInstanceProfile.Arn}",), PASSED),
    ),
    "CreateTags": (Rule("ec2:CreateTags", TAGGED, TAGS),),
    "DeleteTags": (Rule("ec2:DeleteTags", TAGGED, TAGS),),
    "AllocateAddress": new("AllocateAddress", "elastic-ip"),
    "CreateFlowLogs": (
        *new("CreateFlowLogs", "vpc-flow-log", *TAGGED),
        Rule("iam:PassRole", ("{role:DeliverLogsPermissionArn}",),
             {"iam:PassedToService": "=vpc-flow-logs.amazonaws.com"}, ("DeliverLogsPermissionArn",)),
    ),
    "DeleteFlowLogs": (Rule("ec2:DeleteFlowLogs", (AT + "vpc-flow-log/{FlowLogIds[]}",)),),
    # An association's id doesn't tell what it joins.
    "DisassociateRouteTable": (Rule("ec2:DisassociateRouteTable", (AT + "route-table/*", AT + "subnet/*")),),
    "ReplaceNetworkAclAssociation": (
        Rule("ec2:ReplaceNetworkAclAssociation", (AT + "network-acl/{NetworkAclId}", AT + "subnet/*")),
    ),
    "AcceptVpcPeeringConnection": (
        Rule("ec2:AcceptVpcPeeringConnection",
             (AT + "vpc-peering-connection/{VpcPeeringConnectionId}", AT + "vpc/*")),
    ),
    "DisassociateAddress": (Rule("ec2:DisassociateAddress", (AT + "elastic-ip/*", AT + "network-interface/*")),),
    "DisassociateVpcCidrBlock": (Rule("ec2:DisassociateVpcCidrBlock", (AT + "vpc/*",)),),
    "DisassociateSubnetCidrBlock": (Rule("ec2:DisassociateSubnetCidrBlock", (AT + "subnet/*",)),),
}


def prepare(operation: str, params: Params) -> Params:
    """An id's prefix tells its type; one that isn't known keeps its prefix, so that only a `*` allows it."""
    if operation not in RULES:
        return params
    ids = [str(i) for member in ("Resources", "ResourceIds") for i in params.get(member) or ()]
    return {**params, "Tagged": [f"{_TYPES.get(i.partition('-')[0], i.partition('-')[0])}/{i}" for i in ids]}
