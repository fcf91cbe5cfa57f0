"""AWS::Route53: zones, records, health checks. Kept and shown; nothing here answers DNS or checks health."""

from __future__ import annotations

import secrets
from typing import Any

from crossdock.local.cloudformation.resources.declare import Kind, Own, handlers
from crossdock.local.cloudformation.resources.handler import Context, Failed, Handler, Props, pick, words

_RECORD = ("AliasTarget CidrRoutingConfig Failover GeoLocation GeoProximityLocation HealthCheckId MultiValueAnswer "
           "Name Region ResourceRecords SetIdentifier TTL Type Weight")


def _create_zone(ctx: Context, props: Props) -> str:
    vpcs = [{"VPCId": vpc["VPCId"], "VPCRegion": vpc["VPCRegion"]} for vpc in props.get("VPCs", [])]
    given = {"CallerReference": secrets.token_hex(12), **pick(props, "Name HostedZoneConfig")}
    if vpcs:
        given["VPC"] = vpcs[0]
    zone = str(ctx.call("route53", "CreateHostedZone", given)["HostedZone"]["Id"]).rpartition("/")[2]
    ctx.made(zone)
    for vpc in vpcs[1:]:
        ctx.call("route53", "AssociateVPCWithHostedZone", {"HostedZoneId": zone, "VPC": vpc})
    return zone


def _comment(ctx: Context, zone: str, _old: Props, new: Props) -> None:
    comment = (new.get("HostedZoneConfig") or {}).get("Comment", "")
    ctx.call("route53", "UpdateHostedZoneComment", {"Id": zone, "Comment": comment})


def _retag(name: str, kind: str) -> Own:
    def settle(ctx: Context, id_: str, old: Props, new: Props) -> None:
        kept = {tag["Key"] for tag in new.get(name, [])}
        given: dict[str, Any] = {"ResourceType": kind, "ResourceId": id_}
        if gone := [tag["Key"] for tag in old.get(name, []) if tag["Key"] not in kept]:
            given["RemoveTagKeys"] = gone
        if new.get(name):
            given["AddTags"] = new[name]
        ctx.call("route53", "ChangeTagsForResource", given)

    return Own(of=name, settle=settle, created=True)


def _zone_of(ctx: Context, props: Props) -> str:
    if "HostedZoneId" in props:
        return str(props["HostedZoneId"])
    if "HostedZoneName" not in props:
        raise Failed("Either HostedZoneId or HostedZoneName must be specified")
    wanted = str(props["HostedZoneName"])
    zones = ctx.call("route53", "ListHostedZonesByName", {"DNSName": wanted})["HostedZones"]
    found = [zone["Id"].rpartition("/")[2] for zone in zones if zone["Name"].rstrip(".") == wanted.rstrip(".")]
    if not found:
        raise Failed(f"No hosted zone named {wanted} found")
    return str(found[0])


def _record(props: Props) -> dict[str, Any]:
    made = pick(props, _RECORD)
    if "ResourceRecords" in made:
        made["ResourceRecords"] = [{"Value": value} for value in made["ResourceRecords"]]
    if "AliasTarget" in made:
        made["AliasTarget"] = {"EvaluateTargetHealth": False, **made["AliasTarget"]}
    return made


def _change(ctx: Context, zone: str, *changes: tuple[str, Props]) -> None:
    if changes:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": _record(record)} for action, record in changes]}
        ctx.call("route53", "ChangeResourceRecordSets", {"HostedZoneId": zone, "ChangeBatch": batch})


def _create_record(ctx: Context, props: Props) -> str:
    _change(ctx, _zone_of(ctx, props), ("CREATE", props))
    return str(props["Name"])


def _update_record(ctx: Context, name: str, old: Props, new: Props) -> str:
    if old["Name"] != new["Name"]:  # the old one goes in the clean-up
        return _create_record(ctx, new)
    if old["Type"] != new["Type"]:
        _change(ctx, _zone_of(ctx, new), ("DELETE", old), ("CREATE", new))
    else:
        _change(ctx, _zone_of(ctx, new), ("UPSERT", new))
    return name


def _of_group(props: Props) -> list[dict[str, Any]]:
    zone = pick(props, "HostedZoneId HostedZoneName")
    return [{**zone, **record} for record in props.get("RecordSets", [])]


def _create_group(ctx: Context, props: Props) -> str:
    name = ctx.name(64)
    ctx.made(name)
    for record in _of_group(props):
        _change(ctx, _zone_of(ctx, record), ("CREATE", record))
    return name


def _update_group(ctx: Context, _: str, old: Props, new: Props) -> None:
    before, after = _of_group(old), _of_group(new)
    identity = [(r["Name"], r["Type"], r.get("SetIdentifier")) for r in after]
    for record in before:
        if (record["Name"], record["Type"], record.get("SetIdentifier")) not in identity:
            _change(ctx, _zone_of(ctx, record), ("DELETE", record))
    for record in after:
        if record not in before:
            _change(ctx, _zone_of(ctx, record), ("UPSERT", record))


def _delete_group(ctx: Context, _: str, props: Props) -> None:
    for record in _of_group(props):
        _change(ctx, _zone_of(ctx, record), ("DELETE", record))


TYPES = (
    *handlers(
        Kind(
            type="AWS::Route53::HostedZone", service="route53", who="Id", create="CreateHostedZone",
            delete="DeleteHostedZone", takes="Name VPCs", make=_create_zone,
            steps=(Own(of="HostedZoneConfig", settle=_comment), _retag("HostedZoneTags", "hostedzone")),
            tags="list", tagged="HostedZoneTags",
            read=("GetHostedZone", ""), found={"NameServers": "DelegationSet.NameServers", "Id": "={id}"},
            accepted="QueryLoggingConfig",
        ),
        Kind(
            type="AWS::Route53::HealthCheck", service="route53", who="HealthCheckId", create="CreateHealthCheck",
            delete="DeleteHealthCheck", takes="HealthCheckConfig", found={"HealthCheckId": "={id}"},
            make=lambda ctx, props: str(ctx.call("route53", "CreateHealthCheck", {
                "CallerReference": secrets.token_hex(12), "HealthCheckConfig": props["HealthCheckConfig"]})[
                    "HealthCheck"]["Id"]),
            steps=(_retag("HealthCheckTags", "healthcheck"),), tags="list", tagged="HealthCheckTags",
        ),
    ),
    Handler(
        type="AWS::Route53::RecordSet",
        emulated=words(f"{_RECORD} HostedZoneId HostedZoneName"), accepted=words("Comment"),
        create=_create_record, update=_update_record,
        delete=lambda ctx, _, props: _change(ctx, _zone_of(ctx, props), ("DELETE", props)),
    ),
    Handler(
        type="AWS::Route53::RecordSetGroup",
        emulated=words("HostedZoneId HostedZoneName RecordSets"), accepted=words("Comment"),
        create=_create_group, update=_update_group, delete=_delete_group,
    ),
)  # fmt: skip
