"""Types beyond the core: streams, file systems, load balancers, groups of instances, zones, web ACLs."""

from __future__ import annotations

from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import NETWORK, get, pick, ref, resource, tags
from tests.rehearsal.cloudformation.types.records.containers import LAUNCHED

BALANCER = resource("AWS::ElasticLoadBalancingV2::LoadBalancer", Subnets=[ref("S"), ref("T")])
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
TARGETS = resource("AWS::ElasticLoadBalancingV2::TargetGroup", Port=80, Protocol="HTTP", VpcId=ref("V"))
ZONE = resource("AWS::Route53::HostedZone", Name="example.com")
COUNTED = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}


def _stream(account: Account, name: str) -> Props:
    kinesis = account.client("kinesis")
    found = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    return {**pick(found, "RetentionPeriodHours", ShardCount="OpenShardCount"),
            "Tags": kinesis.list_tags_for_stream(StreamName=name)["Tags"]}


def _files(account: Account, id_: str) -> Props:
    efs = account.client("efs")
    found = efs.describe_file_systems(FileSystemId=id_)["FileSystems"][0]
    return {"FileSystemTags": [tag for tag in found["Tags"] if tag["Key"] != "Name"], **pick(found, "Encrypted"),
            "LifecyclePolicies": efs.describe_lifecycle_configuration(FileSystemId=id_)["LifecyclePolicies"]}


def _balancer(account: Account, arn: str) -> Props:
    elb = account.client("elbv2")
    found = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    held = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    idle = held.get("idle_timeout.timeout_seconds", "60")
    return {"Scheme": found.get("Scheme"), "LoadBalancerAttributes": [
        {"Key": "idle_timeout.timeout_seconds", "Value": idle}] if idle != "60" else None,
            "Tags": elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]}


def _targets(account: Account, arn: str) -> Props:
    found = account.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    return pick(found, "HealthCheckPath Port")


def _listener(account: Account, arn: str) -> Props:
    found = account.client("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"][0]
    return pick(found, "Port LoadBalancerArn")


def _scaled(account: Account, name: str) -> Props:
    found = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    group = found["AutoScalingGroups"][0]
    return {**pick(group, "MinSize MaxSize", Cooldown="DefaultCooldown"),
            "Tags": [{key: tag[key] for key in ("Key", "Value", "PropagateAtLaunch")} for tag in group["Tags"]
                     if not tag["Key"].startswith("aws:")]}


def _zone(account: Account, id_: str) -> Props:
    found = account.client("route53").get_hosted_zone(Id=id_)["HostedZone"]
    return {"HostedZoneConfig": {"Comment": found["Config"].get("Comment")}}


def _record(account: Account, name: str) -> Props:
    route53 = account.client("route53")
    for zone in route53.list_hosted_zones()["HostedZones"]:
        for found in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            if found["Name"].rstrip(".") == name and found["Type"] == "A":
                return {"ResourceRecords": [value["Value"] for value in found["ResourceRecords"]], "TTL": found["TTL"]}
    raise KeyError(name)


def _web(account: Account, id_: str) -> Props:
    name, own, scope = id_.split("|")
    return pick(account.client("wafv2").get_web_acl(Name=name, Id=own, Scope=scope)["WebACL"], "Description")


RECORDS = (
    Record(type="AWS::Kinesis::Stream", made={"ShardCount": 1}, read=_stream,
           changed={"RetentionPeriodHours": "48", "Tags": tags(a="b")}, replaced={"Name": "named"},
           otherwise={"RetentionPeriodHours": 24}),
    Record(type="AWS::EFS::FileSystem", made={"FileSystemTags": tags(a="1")}, read=_files,
           changed={"FileSystemTags": tags(a="2"), "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}]},
           replaced={"Encrypted": "true"}, otherwise={"Encrypted": False}),
    Record(type="AWS::ElasticLoadBalancingV2::LoadBalancer", made=BALANCER["Properties"], read=_balancer,
           changed={"LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": 30}],
                    "Tags": tags(a="b")},
           replaced={"Scheme": "internal"}, around=NETWORK),
    Record(type="AWS::ElasticLoadBalancingV2::TargetGroup", read=_targets,
           made={"Port": 80, "Protocol": "HTTP", "VpcId": ref("V"), "HealthCheckPath": "/a"},
           changed={"HealthCheckPath": "/b"}, replaced={"Port": 81}, around=NETWORK),
    Record(type="AWS::ElasticLoadBalancingV2::Listener", read=_listener,
           made={"LoadBalancerArn": ref("B"), "Port": 80, "Protocol": "HTTP", "DefaultActions": [FIXED]},
           changed={"Port": 81}, replaced={"LoadBalancerArn": ref("C")},
           around={**NETWORK, "B": BALANCER, "C": BALANCER, "G": TARGETS}),
    Record(type="AWS::AutoScaling::AutoScalingGroup", read=_scaled,
           made={"MinSize": "0", "MaxSize": "1", "VPCZoneIdentifier": [ref("S")],
                 "LaunchTemplate": {"LaunchTemplateId": ref("L"), "Version": get("L", "LatestVersionNumber")},
                 "Cooldown": "300"},
           changed={"MaxSize": "2", "Cooldown": "60",
                    "Tags": [{"Key": "a", "Value": "b", "PropagateAtLaunch": True}]},
           replaced={"AutoScalingGroupName": "named"}, around={**NETWORK, "L": LAUNCHED}),
    Record(type="AWS::Route53::HostedZone", made={"Name": "example.org"}, read=_zone,
           changed={"HostedZoneConfig": {"Comment": "told"}}, replaced={"Name": "example.net"}),
    Record(type="AWS::Route53::RecordSet", read=_record,
           made={"HostedZoneId": ref("Z"), "Name": "www.example.com", "Type": "A", "TTL": "60",
                 "ResourceRecords": ["10.0.0.1"]},
           changed={"ResourceRecords": ["10.0.0.2"], "TTL": 90}, replaced={"Name": "api.example.com"},
           around={"Z": ZONE}),
    Record(type="AWS::WAFv2::WebACL", read=_web,
           made={"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": COUNTED,
                 "Description": "a1"},
           changed={"Description": "b1"}, replaced={"Name": "named"}),
)  # fmt: skip
