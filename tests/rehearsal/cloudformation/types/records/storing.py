"""AWS::S3, AWS::KMS, AWS::SSM, AWS::ECR."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from tests.rehearsal.cloudformation.policies import allow, policy
from tests.rehearsal.cloudformation.types.lifecycle import Account, Props, Record
from tests.rehearsal.cloudformation.types.records.around import BUCKET, KEY, ROOT, get, pick, ref, tags

BLOCK = {"BlockPublicAcls": "true", "BlockPublicPolicy": True, "IgnorePublicAcls": True, "RestrictPublicBuckets": True}
ANYTHING = KEY["Properties"]["KeyPolicy"]
LESS = policy({"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*", "Sid": "Root"})
DOCUMENT = {"schemaVersion": "2.2", "description": "a", "mainSteps": [
    {"action": "aws:runShellScript", "name": "s", "inputs": {"runCommand": ["true"]}}]}
WINDOW = {"AllowUnassociatedTargets": True, "Cutoff": 1, "Duration": 2, "Name": "window", "Schedule": "rate(7 days)"}


def _asked(ask: Any) -> Any:
    """What a bucket has of one sort; nothing where S3 says that there is none."""
    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise
        return {}


def _bucket(account: Account, name: str) -> Props:
    s3 = account.client("s3")
    rules = _asked(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name)).get("Rules", [])
    block = _asked(lambda: s3.get_public_access_block(Bucket=name))
    secret = _asked(lambda: s3.get_bucket_encryption(Bucket=name)).get("ServerSideEncryptionConfiguration", {})
    cors = _asked(lambda: s3.get_bucket_cors(Bucket=name)).get("CORSRules", [])
    owner = _asked(lambda: s3.get_bucket_ownership_controls(Bucket=name)).get("OwnershipControls", {})
    site = _asked(lambda: s3.get_bucket_website(Bucket=name))
    tells = s3.get_bucket_notification_configuration(Bucket=name)
    return {
        "VersioningConfiguration": pick(s3.get_bucket_versioning(Bucket=name), "Status"),
        "PublicAccessBlockConfiguration": block.get("PublicAccessBlockConfiguration"),
        "LifecycleConfiguration": {"Rules": [{"Id": r["ID"], "Status": r["Status"],
                                              "ExpirationInDays": r["Expiration"]["Days"]} for r in rules]},
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [
            {"ServerSideEncryptionByDefault": r["ApplyServerSideEncryptionByDefault"]} for r in secret.get("Rules", [])
            if r["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "AES256"]},
        "CorsConfiguration": {"CorsRules": cors}, "OwnershipControls": owner,
        "WebsiteConfiguration": {"IndexDocument": site.get("IndexDocument", {}).get("Suffix")},
        "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
        if "EventBridgeConfiguration" in tells else None,
        "Tags": _asked(lambda: s3.get_bucket_tagging(Bucket=name)).get("TagSet", []),
    }


def _bucket_policy(account: Account, name: str) -> Props:
    document = json.loads(account.client("s3").get_bucket_policy(Bucket=name)["Policy"])
    return {"Bucket": name, "PolicyDocument": document}


def _reads(action: str) -> dict[str, Any]:
    return policy(allow(action, "arn:aws:s3:::a-bucket-of-ours/*", Principal=ROOT))


def _key(account: Account, key: str) -> Props:
    kms = account.client("kms")
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        raise KeyError(key)
    turned = found["Enabled"] and kms.get_key_rotation_status(KeyId=key)
    return {**pick(found, "Description Enabled KeyUsage KeySpec"),
            "EnableKeyRotation": turned and turned["KeyRotationEnabled"],
            "KeyPolicy": json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
            "Tags": [{"Key": t["TagKey"], "Value": t["TagValue"]} for t in kms.list_resource_tags(KeyId=key)["Tags"]]}


def _alias(account: Account, name: str) -> Props:
    found = {alias["AliasName"]: alias for alias in account.client("kms").list_aliases()["Aliases"]}[name]
    return pick(found, "AliasName TargetKeyId")


def _parameter(account: Account, name: str) -> Props:
    ssm = account.client("ssm")
    about = ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"][0]
    return {**pick(ssm.get_parameter(Name=name)["Parameter"], "Type Value"),
            **pick(about, "Description AllowedPattern Tier"),
            "Tags": {tag["Key"]: tag["Value"] for tag in ssm.list_tags_for_resource(
                ResourceType="Parameter", ResourceId=name)["TagList"]}}


def _document(account: Account, name: str) -> Props:
    ssm = account.client("ssm")
    found = ssm.describe_document(Name=name)["Document"]
    held = ssm.list_tags_for_resource(ResourceType="Document", ResourceId=name)["TagList"]
    newest = ssm.get_document(Name=name)
    return {"Content": json.loads(newest["Content"]), "DocumentType": found["DocumentType"], "Tags": held}


def _window(account: Account, id_: str) -> Props:
    ssm = account.client("ssm")
    found = ssm.get_maintenance_window(WindowId=id_)
    held = ssm.list_tags_for_resource(ResourceType="MaintenanceWindow", ResourceId=id_)["TagList"]
    return {**pick(found, "AllowUnassociatedTargets Cutoff Duration Name Schedule Description"), "Tags": held}


def _window_target(account: Account, id_: str) -> Props:
    for window in account.client("ssm").describe_maintenance_windows()["WindowIdentities"]:
        for found in account.client("ssm").describe_maintenance_window_targets(WindowId=window["WindowId"])["Targets"]:
            if found["WindowTargetId"] == id_:
                return pick(found, "WindowId ResourceType Name Description Targets")
    raise KeyError(id_)


def _window_task(account: Account, id_: str) -> Props:
    for window in account.client("ssm").describe_maintenance_windows()["WindowIdentities"]:
        for found in account.client("ssm").describe_maintenance_window_tasks(WindowId=window["WindowId"])["Tasks"]:
            if found["WindowTaskId"] == id_:
                return pick(found, "WindowId TaskArn Priority Name", TaskType="Type")
    raise KeyError(id_)


def _images(account: Account, name: str) -> Props:
    ecr = account.client("ecr")
    found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    held = _asked(lambda: ecr.get_repository_policy(repositoryName=name))
    expires = _asked(lambda: ecr.get_lifecycle_policy(repositoryName=name))
    return {**pick(found, "ImageTagMutability ImageScanningConfiguration"),
            "RepositoryPolicyText": json.loads(held.get("policyText", "null")),
            "LifecyclePolicy": {"LifecyclePolicyText": expires.get("lifecyclePolicyText")},
            "Tags": ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]}


PULL = policy({"Effect": "Allow", "Principal": ROOT, "Action": "ecr:BatchGetImage"})
EXPIRE = json.dumps({"rules": [{"rulePriority": 1, "selection": {
    "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]})

RECORDS = (
    Record(type="AWS::S3::Bucket", read=_bucket,
           made={"PublicAccessBlockConfiguration": BLOCK, "LifecycleConfiguration": {
               "Rules": [{"Id": "r", "Status": "Enabled", "ExpirationInDays": 3}]},
               "VersioningConfiguration": {"Status": "Suspended"},
               "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
           changed={"LifecycleConfiguration": {"Rules": [{"Id": "r", "Status": "Enabled", "ExpirationInDays": "4"}]},
                    "PublicAccessBlockConfiguration": {**BLOCK, "BlockPublicAcls": "false"},
                    "VersioningConfiguration": {"Status": "Enabled"},
                    "BucketEncryption": {"ServerSideEncryptionConfiguration": [{
                        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": get("K")}}]},
                    "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
                    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
                    "WebsiteConfiguration": {"IndexDocument": "index.html"},
                    "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
                    "Tags": tags(a="b")},
           replaced={"BucketName": "explicitly-named-of-ours"},
           otherwise={"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}, around={"K": KEY}),
    Record(type="AWS::S3::BucketPolicy", read=_bucket_policy,
           made={"Bucket": ref("B"), "PolicyDocument": _reads("s3:GetObject")},
           changed={"PolicyDocument": _reads("s3:PutObject")},
           replaced={"Bucket": ref("C"), "PolicyDocument": policy(
               allow("s3:GetObject", "arn:aws:s3:::another-bucket-of-ours/*", Principal=ROOT))},
           around={"B": {**BUCKET, "Properties": {"BucketName": "a-bucket-of-ours"}},
                   "C": {**BUCKET, "Properties": {"BucketName": "another-bucket-of-ours"}}}),
    Record(type="AWS::KMS::Key", made={"KeyPolicy": ANYTHING, "Description": "a"}, read=_key,
           changed={"Description": "b", "EnableKeyRotation": "true", "KeyPolicy": LESS, "Tags": tags(a="b")},
           otherwise={"EnableKeyRotation": False, "Enabled": True, "KeySpec": "SYMMETRIC_DEFAULT",
                      "KeyUsage": "ENCRYPT_DECRYPT"},
           why="its schema has nothing create-only"),
    Record(type="AWS::KMS::Alias", made={"AliasName": "alias/x", "TargetKeyId": ref("A")}, read=_alias,
           changed={"TargetKeyId": ref("B")}, replaced={"AliasName": "alias/y"}, around={"A": KEY, "B": KEY}),
    Record(type="AWS::SSM::Parameter", read=_parameter,
           made={"Type": "String", "Value": "a", "Description": "one", "AllowedPattern": "[abc]"},
           changed={"Value": "b", "Description": "told", "AllowedPattern": "[ab]", "Tags": {"a": "b"}},
           replaced={"Name": "/named"}, otherwise={"Tier": "Standard"}),
    Record(type="AWS::SSM::Document", made={"Content": DOCUMENT, "DocumentType": "Command"}, read=_document,
           changed={"Tags": tags(a="b")}, replaced={"Name": "named"}),
    Record(type="AWS::SSM::MaintenanceWindow", made=WINDOW, read=_window,
           changed={"Schedule": "rate(1 days)", "Duration": "3", "Cutoff": 2, "Description": "told",
                    "AllowUnassociatedTargets": False, "Name": "other", "Tags": tags(a="b")},
           why="its schema has nothing create-only"),
    Record(type="AWS::SSM::MaintenanceWindowTarget", read=_window_target,
           made={"WindowId": ref("W"), "ResourceType": "INSTANCE", "Targets": [
               {"Key": "tag:a", "Values": ["b"]}]},
           changed={"Name": "name", "Description": "told", "Targets": [{"Key": "tag:a", "Values": ["c"]}]},
           replaced={"WindowId": ref("V")},
           around={"W": {"Type": "AWS::SSM::MaintenanceWindow", "Properties": WINDOW},
                   "V": {"Type": "AWS::SSM::MaintenanceWindow", "Properties": WINDOW}}),
    Record(type="AWS::SSM::MaintenanceWindowTask", read=_window_task,
           made={"WindowId": ref("W"), "TaskType": "RUN_COMMAND", "TaskArn": "AWS-RunShellScript", "Priority": 1,
                 "Targets": [{"Key": "WindowTargetIds", "Values": [ref("G")]}], "MaxConcurrency": "1",
                 "MaxErrors": "1"},
           changed={"Priority": "2", "Name": "name"}, replaced={"WindowId": ref("V")},
           around={"W": {"Type": "AWS::SSM::MaintenanceWindow", "Properties": WINDOW},
                   "V": {"Type": "AWS::SSM::MaintenanceWindow", "Properties": WINDOW},
                   "G": {"Type": "AWS::SSM::MaintenanceWindowTarget", "Properties": {
                       "WindowId": ref("W"), "ResourceType": "INSTANCE",
                       "Targets": [{"Key": "tag:a", "Values": ["b"]}]}}}),
    Record(type="AWS::ECR::Repository", made={}, read=_images,
           changed={"ImageTagMutability": "IMMUTABLE", "RepositoryPolicyText": PULL,
                    "ImageScanningConfiguration": {"ScanOnPush": "true"},
                    "LifecyclePolicy": {"LifecyclePolicyText": EXPIRE}, "Tags": tags(a="b")},
           replaced={"RepositoryName": "named"},
           otherwise={"ImageTagMutability": "MUTABLE", "ImageScanningConfiguration": {"ScanOnPush": False}}),
)  # fmt: skip
