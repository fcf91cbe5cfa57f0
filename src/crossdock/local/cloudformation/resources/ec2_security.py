"""AWS::EC2: security groups and their rules. Kept and shown; no packet is filtered here."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from crossdock.local.cloudformation.resources.declare import Kind, Own, handlers
from crossdock.local.cloudformation.resources.ec2_tags import ResourceTags, specification
from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, code, words
from crossdock.template import schema

_RULE = "IpProtocol FromPort ToPort CidrIp CidrIpv6 Description"
_IN = f"{_RULE} SourcePrefixListId SourceSecurityGroupId SourceSecurityGroupName SourceSecurityGroupOwnerId"
_OUT = f"{_RULE} DestinationPrefixListId DestinationSecurityGroupId"


def _permission(rule: Props) -> dict[str, Any]:
    """A rule as an `IpPermission` (EC2 API): one source or destination, with the rule's description."""
    made: dict[str, Any] = {"IpProtocol": str(rule["IpProtocol"])}
    for name in ("FromPort", "ToPort"):
        if name in rule:
            made[name] = int(rule[name])
    said = {"Description": rule["Description"]} if "Description" in rule else {}
    if "CidrIp" in rule:
        made["IpRanges"] = [{"CidrIp": rule["CidrIp"], **said}]
    if "CidrIpv6" in rule:
        made["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **said}]
    for name in ("SourcePrefixListId", "DestinationPrefixListId"):
        if name in rule:
            made["PrefixListIds"] = [{"PrefixListId": rule[name], **said}]
    pair = {}
    for name, member in (("SourceSecurityGroupId", "GroupId"), ("DestinationSecurityGroupId", "GroupId"),
                         ("SourceSecurityGroupName", "GroupName"), ("SourceSecurityGroupOwnerId", "UserId")):
        if name in rule:
            pair[member] = str(rule[name])
    if pair:
        made["UserIdGroupPairs"] = [{**pair, **said}]
    return made


_EVERYWHERE = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
"""What every new group in a VPC may reach (EC2 User Guide, "Default security groups")."""


def _create(ctx: Context, props: Props) -> str:
    name = str(props.get("GroupName") or ctx.name(255))
    given: dict[str, Any] = {"GroupName": name, "Description": props["GroupDescription"]}
    if "VpcId" in props:
        given["VpcId"] = props["VpcId"]
    group = str(ctx.call("ec2", "CreateSecurityGroup", {**given, **specification("security-group", props)})["GroupId"])
    ctx.made(group)
    if props.get("SecurityGroupEgress"):
        ctx.call("ec2", "RevokeSecurityGroupEgress", {"GroupId": group, "IpPermissions": [_permission(_EVERYWHERE)]})
    return group


def _settle(ingress: bool) -> Any:
    way = "Ingress" if ingress else "Egress"
    name = f"SecurityGroup{way}"

    def settle(ctx: Context, group: str, old: Props, new: Props) -> None:
        before = old.get(name) or ([] if ingress or not old else [_EVERYWHERE])
        after = new.get(name) or ([] if ingress or not old else [_EVERYWHERE])
        gone = [_permission(rule) for rule in before if rule not in after]
        made = [_permission(rule) for rule in after if rule not in before]
        if gone:
            ctx.drop("ec2", f"RevokeSecurityGroup{way}", {"GroupId": group, "IpPermissions": gone})
        if made:
            ctx.call("ec2", f"AuthorizeSecurityGroup{way}", {"GroupId": group, "IpPermissions": made})

    return settle


def _held(ctx: Context, way: str, props: Props) -> dict[str, Any]:
    """The rule that a group has in the place of one that is a duplicate."""
    mine = {"GroupId": props["GroupId"], "IsEgress": way == "Egress"}
    asked = {"Filters": [{"Name": "group-id", "Values": [props["GroupId"]]}]}
    wanted = _permission(props)
    for rule in ctx.call("ec2", "DescribeSecurityGroupRules", asked)["SecurityGroupRules"]:
        same = {name: rule.get(name) for name in ("GroupId", "IsEgress")} == mine
        peer = rule.get("ReferencedGroupInfo") or {}
        places = {
            "CidrIp": rule.get("CidrIpv4"), "CidrIpv6": rule.get("CidrIpv6"), "PrefixListId": rule.get("PrefixListId"),
            "GroupId": peer.get("GroupId"),
        }
        told = {key: value for members in wanted.values() if isinstance(members, list) for one in members
                for key, value in one.items() if key in places}
        if same and rule["IpProtocol"] == wanted["IpProtocol"] and all(
                rule.get(name) == wanted.get(name, rule.get(name)) for name in ("FromPort", "ToPort")) and all(
                places[key] == value for key, value in told.items()):
            return dict(rule)
    raise Failed("The specified rule already exists")


def _rule(way: str, names: str) -> Handler:
    def group(props: Props) -> dict[str, Any]:
        return {key: props[key] for key in ("GroupId", "GroupName") if key in props}

    def create(ctx: Context, props: Props) -> str:
        """A rule that the group has already is taken for the resource's (CloudFormation coverage roadmap, 612)."""
        given = {**group(props), "IpPermissions": [_permission(props)]}
        try:
            rules = ctx.call("ec2", f"AuthorizeSecurityGroup{way}", given)["SecurityGroupRules"]
        except ClientError as error:
            if code(error) != "InvalidPermission.Duplicate":
                raise
            rules = [_held(ctx, way, props)]
        return str(rules[0]["SecurityGroupRuleId"])

    def update(ctx: Context, _id: str, _old: Props, new: Props) -> None:
        """Only the description changes in place."""
        ctx.call("ec2", f"UpdateSecurityGroupRuleDescriptions{way}", {
            **group(new), "IpPermissions": [_permission({"Description": "", **new})]})

    def delete(ctx: Context, _id: str, props: Props) -> None:
        ctx.drop("ec2", f"RevokeSecurityGroup{way}", {**group(props), "IpPermissions": [_permission(props)]})

    kind = f"AWS::EC2::SecurityGroup{way}"
    facts = schema.of(kind)
    known = words(f"{names} GroupId GroupName")
    return Handler(
        type=kind, emulated=known & facts.properties.keys() if facts else known, create=create, update=update,
        delete=delete, read=lambda _ctx, id_, _props: {"Id": id_},
    )  # fmt: skip


TYPES = (
    *handlers(
        Kind(
            type="AWS::EC2::SecurityGroup", service="ec2", who="GroupId", create="CreateSecurityGroup",
            delete="DeleteSecurityGroup", takes="GroupDescription GroupName VpcId", make=_create,
            steps=(Own(of="SecurityGroupIngress", settle=_settle(True), created=True),
                   Own(of="SecurityGroupEgress", settle=_settle(False), created=True)),
            read=("DescribeSecurityGroups", "SecurityGroups[0]"), read_who="GroupIds[]",
            found={"GroupId": "={id}", "Id": "={id}", "VpcId": "VpcId", "GroupName": "GroupName"},
            tagging=ResourceTags(kind="security-group"), arn="{id}",
        ),
    ),
    _rule("Ingress", _IN),
    _rule("Egress", _OUT),
)  # fmt: skip
