"""Amazon S3: errors, versions, conditions, pages, presigned addresses."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from xml.etree import ElementTree

from witnessing.asking import HOME, OTHER, Facts, Side, question, refusal, told


@question
def what_is_not_there(side: Side) -> Facts:
    """Buckets and keys that are missing."""
    s3 = side.client("s3")
    s3.create_bucket(Bucket="lacking")
    return {
        "get, no bucket": refusal(s3.get_object, Bucket="no-such-bucket-here", Key="a"),
        "list, no bucket": refusal(s3.list_objects_v2, Bucket="no-such-bucket-here"),
        "head, no bucket": refusal(s3.head_bucket, Bucket="no-such-bucket-here"),
        "put, no bucket": refusal(s3.put_object, Bucket="no-such-bucket-here", Key="a", Body=b""),
        "delete, no bucket": refusal(s3.delete_bucket, Bucket="no-such-bucket-here"),
        "get, no key": refusal(s3.get_object, Bucket="lacking", Key="a"),
        "head, no key": refusal(s3.head_object, Bucket="lacking", Key="a"),
        "delete, no key": refusal(s3.delete_object, Bucket="lacking", Key="a"),
        "copy, no key": refusal(s3.copy_object, Bucket="lacking", Key="b", CopySource="lacking/a"),
        "no policy": refusal(s3.get_bucket_policy, Bucket="lacking"),
        "no tags": refusal(s3.get_bucket_tagging, Bucket="lacking"),
        "no lifecycle": refusal(s3.get_bucket_lifecycle_configuration, Bucket="lacking"),
        "no website": refusal(s3.get_bucket_website, Bucket="lacking"),
        "no cors": refusal(s3.get_bucket_cors, Bucket="lacking"),
        "no version": refusal(s3.get_object, Bucket="lacking", Key="a", VersionId="abc"),
        "no upload": refusal(s3.list_parts, Bucket="lacking", Key="a", UploadId="abc"),
    }


@question
def buckets(side: Side) -> Facts:
    """Names that are taken or bad, and what a new bucket is like."""
    s3, other = side.client("s3"), side.client("s3", OTHER)
    s3.create_bucket(Bucket="mine-already")
    s3.put_object(Bucket="mine-already", Key="a", Body=b"1")
    return {
        "mine again": refusal(s3.create_bucket, Bucket="mine-already"),
        "another's": refusal(other.create_bucket, Bucket="mine-already"),
        "capitals": refusal(s3.create_bucket, Bucket="Capitals"),
        "short": refusal(s3.create_bucket, Bucket="ab"),
        "elsewhere": refusal(s3.create_bucket, Bucket="else-where",
                             CreateBucketConfiguration={"LocationConstraint": "us-east-1"}),
        "not empty": refusal(s3.delete_bucket, Bucket="mine-already"),
        "location": told(lambda: s3.get_bucket_location(Bucket="mine-already")["LocationConstraint"]),
        "versioning": told(lambda: s3.get_bucket_versioning(Bucket="mine-already").get("Status")),
        "public": told(lambda: s3.get_public_access_block(Bucket="mine-already")["PublicAccessBlockConfiguration"]),
        "encryption": told(lambda: s3.get_bucket_encryption(Bucket="mine-already")["ServerSideEncryptionConfiguration"]
                           ["Rules"][0]["ApplyServerSideEncryptionByDefault"]),
        "ownership": told(lambda: s3.get_bucket_ownership_controls(
            Bucket="mine-already")["OwnershipControls"]["Rules"]),
    }


@question
def objects(side: Side) -> Facts:
    """What is told of an object, parts of it, and requests with conditions."""
    s3 = side.client("s3")
    s3.create_bucket(Bucket="things")
    put = s3.put_object(Bucket="things", Key="a", Body=b"hello world", ContentType="text/plain", Metadata={"k": "v"})
    head = s3.head_object(Bucket="things", Key="a")
    part = s3.get_object(Bucket="things", Key="a", Range="bytes=2-4")
    last = s3.get_object(Bucket="things", Key="a", Range="bytes=-3")
    s3.put_object_tagging(Bucket="things", Key="a", Tagging={"TagSet": [{"Key": "x", "Value": "y"}]})
    return {
        "etag": put["ETag"], "encryption": head.get("ServerSideEncryption"), "type": head["ContentType"],
        "length": head["ContentLength"], "metadata": head["Metadata"], "version": head.get("VersionId"),
        "range": [part["Body"].read().decode(), part["ContentRange"], part["ResponseMetadata"]["HTTPStatusCode"]],
        "last": [last["Body"].read().decode(), last["ContentRange"]],
        "range beyond": refusal(s3.get_object, Bucket="things", Key="a", Range="bytes=50-60"),
        "if none match": refusal(s3.get_object, Bucket="things", Key="a", IfNoneMatch=put["ETag"]),
        "if match": refusal(s3.get_object, Bucket="things", Key="a", IfMatch='"other"'),
        "put if none": refusal(s3.put_object, Bucket="things", Key="a", Body=b"", IfNoneMatch="*"),
        "put if none, new": refusal(s3.put_object, Bucket="things", Key="new", Body=b"", IfNoneMatch="*"),
        "tags": s3.get_object_tagging(Bucket="things", Key="a")["TagSet"],
        "tag count": s3.get_object(Bucket="things", Key="a").get("TagCount"),
        "eleven tags": refusal(s3.put_object_tagging, Bucket="things", Key="a", Tagging={
            "TagSet": [{"Key": str(n), "Value": ""} for n in range(11)]}),
        "digest": refusal(s3.put_object, Bucket="things", Key="b", Body=b"1", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="),
        "copy": s3.copy_object(Bucket="things", Key="c", CopySource="things/a")["CopyObjectResult"]["ETag"],
        "copy onto itself": refusal(s3.copy_object, Bucket="things", Key="a", CopySource="things/a"),
        "copied metadata": s3.head_object(Bucket="things", Key="c")["Metadata"],
    }


@question
def versions(side: Side) -> Facts:
    """A versioned bucket: markers, versions, and what comes back."""
    s3 = side.client("s3")
    s3.create_bucket(Bucket="versioned")
    s3.put_object(Bucket="versioned", Key="a", Body=b"0")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="versioned", Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket="versioned", Key="a", Body=b"2")
    gone = s3.delete_object(Bucket="versioned", Key="a")
    facts: Facts = {
        "marker": gone.get("DeleteMarker"), "get": refusal(s3.get_object, Bucket="versioned", Key="a"),
        "get marker": refusal(s3.get_object, Bucket="versioned", Key="a", VersionId=gone["VersionId"]),
        "first": s3.get_object(Bucket="versioned", Key="a", VersionId=first)["Body"].read().decode(),
        "null": s3.get_object(Bucket="versioned", Key="a", VersionId="null")["Body"].read().decode(),
    }
    listed = s3.list_object_versions(Bucket="versioned")
    facts["listed"] = [[each["Key"], each["IsLatest"], each["Size"]] for each in listed["Versions"]]
    facts["markers"] = [[each["Key"], each["IsLatest"]] for each in listed["DeleteMarkers"]]
    s3.delete_object(Bucket="versioned", Key="a", VersionId=gone["VersionId"])
    facts["without marker"] = s3.get_object(Bucket="versioned", Key="a")["Body"].read().decode()
    facts["delete of bucket"] = refusal(s3.delete_bucket, Bucket="versioned")
    facts["bad version"] = refusal(s3.get_object, Bucket="versioned", Key="a", VersionId="nonsense")
    return facts


@question
def pages(side: Side) -> Facts:
    """Listings in pages, with prefixes and delimiters."""
    s3 = side.client("s3")
    s3.create_bucket(Bucket="paged")
    for key in ("a/1", "a/2", "b", "c/1", "c/2/3", "d e", "é"):
        s3.put_object(Bucket="paged", Key=key, Body=b"1")

    def listed(**members: Any) -> Facts:
        found = s3.list_objects_v2(Bucket="paged", **members)
        return {"keys": [each["Key"] for each in found.get("Contents", [])], "count": found["KeyCount"],
                "prefixes": [each["Prefix"] for each in found.get("CommonPrefixes", [])],
                "more": found["IsTruncated"], "max": found["MaxKeys"]}

    first = s3.list_objects_v2(Bucket="paged", MaxKeys=3)
    paginator = s3.get_paginator("list_objects_v2")
    return {
        "all": listed(), "delimited": listed(Delimiter="/"), "prefix": listed(Prefix="c/", Delimiter="/"),
        "first": listed(MaxKeys=3), "next": listed(MaxKeys=3, ContinuationToken=first["NextContinuationToken"]),
        "after": listed(StartAfter="b"), "none": listed(MaxKeys=0), "many": listed(MaxKeys=5000),
        "paged": [each["Key"] for page in paginator.paginate(Bucket="paged", PaginationConfig={"PageSize": 2})
                  for each in page["Contents"]],
        "bad token": refusal(s3.list_objects_v2, Bucket="paged", ContinuationToken="nonsense"),
    }


@question
def presigned(side: Side) -> Facts:
    """Presigned addresses: used, changed, expired, of another method."""
    s3 = side.client("s3")
    s3.create_bucket(Bucket="signed")
    s3.put_object(Bucket="signed", Key="a", Body=b"secret")

    def made(method: str, seconds: int = 60, **members: str) -> str:
        url: str = s3.generate_presigned_url(method, Params={"Bucket": "signed", **members}, ExpiresIn=seconds)
        return url

    good = made("get_object", Key="a")
    return {
        "get": fetched(good), "changed key": fetched(good.replace("/a?", "/b?")), "put with a get": fetched(good, b"x"),
        "put": fetched(made("put_object", Key="b"), b"new"), "read back": fetched(made("get_object", Key="b")),
        "missing": fetched(made("get_object", Key="none")), "expired": fetched(made("get_object", 0, Key="a")),
        "negative": fetched(made("get_object", -60, Key="a")),
        "unsigned": fetched(f"{side.endpoint}/signed/a"),
    }


def fetched(url: str, body: bytes | None = None) -> str:
    """`<status> <body>`, or the error's code and message."""
    request = urllib.request.Request(url, data=body, method="PUT" if body is not None else "GET",  # noqa: S310
                                     headers={"Content-Type": ""} if body is not None else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  loopback
            return f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        try:
            document = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            return f"{error.code} {text[:80]}"
        return f"{error.code} {document.findtext('Code')}: {document.findtext('Message')}"


@question
def policies(side: Side) -> Facts:
    """Bucket policies that are none, and what they let another account do."""
    s3, other = side.client("s3"), side.client("s3", OTHER)
    s3.create_bucket(Bucket="policied")
    s3.put_object(Bucket="policied", Key="a", Body=b"1")

    def put(principal: Any, resource: str = "arn:aws:s3:::policied/*", action: str = "s3:GetObject") -> str:
        statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
        return refusal(s3.put_bucket_policy, Bucket="policied",
                       Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    root = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    return {
        "not JSON": refusal(s3.put_bucket_policy, Bucket="policied", Policy="{"),
        "no principal": refusal(s3.put_bucket_policy, Bucket="policied", Policy=json.dumps({
            "Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::policied/*"}]})),
        "unknown role": put({"AWS": f"arn:aws:iam::{OTHER}:role/nobody"}),
        "another bucket": put(root, "arn:aws:s3:::another/*"),
        "bad action": put(root, action="s3:Nothing"),
        "action without its resource": put(root, "arn:aws:s3:::policied", "s3:GetObject"),
        "public": put("*"),
        "before": refusal(other.get_object, Bucket="policied", Key="a"),
        "let": put(root),
        "after": refusal(other.get_object, Bucket="policied", Key="a"),
        "missing key, not listed": refusal(other.get_object, Bucket="policied", Key="none"),
        "another's bucket, head": refusal(other.head_bucket, Bucket="policied"),
        "policy by another": refusal(other.get_bucket_policy, Bucket="policied"),
        "another account": refusal(s3.get_object, Bucket="policied", Key="a", ExpectedBucketOwner=OTHER),
        "own account": refusal(s3.get_object, Bucket="policied", Key="a", ExpectedBucketOwner=HOME),
    }


@question
def uploads_in_parts(side: Side) -> Facts:
    """A multipart upload: too small a part, a part that is not there, and the end."""
    s3 = side.client("s3")
    s3.create_bucket(Bucket="parts")
    upload = s3.create_multipart_upload(Bucket="parts", Key="a")["UploadId"]
    tags = [s3.upload_part(Bucket="parts", Key="a", UploadId=upload, PartNumber=number, Body=body)["ETag"]
            for number, body in ((1, b"x" * 10), (2, b"y"))]
    members = {"Bucket": "parts", "Key": "a", "UploadId": upload}

    def complete(*parts: tuple[int, str]) -> str:
        return refusal(s3.complete_multipart_upload, **members, MultipartUpload={
            "Parts": [{"PartNumber": number, "ETag": tag} for number, tag in parts]})

    facts = {"small": complete((1, tags[0]), (2, tags[1])), "wrong tag": complete((1, '"0"')),
            "out of order": complete((2, tags[1]), (1, tags[0])), "one": complete((2, tags[1]))}
    facts["etag"] = told(lambda: s3.head_object(Bucket="parts", Key="a")["ETag"])
    return facts | {"again": refusal(s3.abort_multipart_upload, **members)}
