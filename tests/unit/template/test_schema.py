"""Facts about types; expected values from the Template Reference: "Update requires", "Return values"."""

import subprocess
import sys

import pytest

from crossdock.template import shapes
from crossdock.template.schema import TypeSchema, check, coerce, names, of


def test_a_function_is_replaced_when_renamed_and_gives_its_arn():
    function = of("AWS::Lambda::Function")
    assert function is not None
    assert "FunctionName" in function.create_only
    assert "Arn" in function.read_only
    assert function.primary_identifier == ("FunctionName",)
    assert set(function.required) == {"Code", "Role"}
    assert "Code.ZipFile" in function.write_only


def test_custom_resources_take_any_property_and_other_names_are_no_types():
    custom = of("Custom::Seed")
    assert custom is not None
    assert custom.open
    assert check("Custom::Seed", {"ServiceToken": "x", "Anything": 1}) == []
    assert of("AWS::S3::Buckett") is None
    assert check("AWS::S3::Buckett", {}) == ["Unrecognized resource types: [AWS::S3::Buckett]"]
    assert "AWS::S3::Bucket" in names()


@pytest.mark.parametrize(
    ("type_name", "old", "new", "replacement", "properties"),
    [
        ("AWS::S3::Bucket", {"BucketName": "a"}, {"BucketName": "b"}, "always", ("BucketName",)),
        ("AWS::S3::Bucket", {}, {"Tags": []}, "never", ("Tags",)),
        ("AWS::S3::Bucket", {"Tags": []}, {"Tags": []}, "never", ()),
        ("AWS::IAM::Role", {"Path": "/", "Description": "x"}, {"Path": "/"}, "never", ("Description",)),
        ("AWS::IAM::Role", {"Path": "/a/"}, {}, "always", ("Path",)),
        ("AWS::EC2::Instance", {"InstanceType": "a"}, {"InstanceType": "b"}, "conditional", ("InstanceType",)),
        ("AWS::IAM::Role", {"RoleName": "a"}, {"RoleName": {"Ref": "Other"}}, "conditional", ("RoleName",)),
        ("AWS::ECR::Repository", {"EncryptionConfiguration": {"KmsKey": "a"}},
         {"EncryptionConfiguration": {"KmsKey": "b"}}, "always", ("EncryptionConfiguration",)),
    ],
)  # fmt: skip
def test_an_update_tells_what_is_replaced(type_name, old, new, replacement, properties):
    change = of(type_name).update(old, new)
    assert (change.replacement, change.properties) == (replacement, properties)


def test_wrong_names_are_told_at_any_depth_with_the_nearest():
    assert check("AWS::Lambda::Function", {"Code": {"S3Buckett": "x"}, "Rol": "r"}) == [
        "#/Code: extraneous key [S3Buckett] is not permitted (did you mean S3Bucket?)",
        "#: extraneous key [Rol] is not permitted (did you mean Role?)",
        "#: required key [Role] not found",
    ]
    lists = {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "Idd": "x"}]}}
    assert check("AWS::S3::Bucket", lists) == [
        "#/LifecycleConfiguration/Rules/0: extraneous key [Idd] is not permitted (did you mean Id?)"
    ]


def test_what_an_intrinsic_will_give_is_not_looked_at():
    assert check("AWS::Lambda::Function", {"Code": {"Ref": "X"}, "Role": {"Fn::GetAtt": ["R", "Arn"]}}) == []


def test_scalars_become_what_the_type_declares():
    properties = {
        "Timeout": "30", "Description": 5, "Environment": {"Variables": {"A": 1, "B": True}},
        "TracingConfig": {"Mode": "Active"}, "MemorySize": {"Ref": "Size"}, "Unknown": "1",
    }  # fmt: skip
    assert coerce("AWS::Lambda::Function", properties) == properties | {
        "Timeout": 30, "Description": "5", "Environment": {"Variables": {"A": "1", "B": "true"}},
    }  # fmt: skip
    assert coerce("AWS::KMS::Key", {"EnableKeyRotation": "true"}) == {"EnableKeyRotation": True}


def test_neither_the_linter_nor_boto_is_loaded():
    script = (
        "import sys; from crossdock.template import schema; schema.of('AWS::S3::Bucket');"
        "print([m for m in sys.modules if m.split('.')[0] in ('cfnlint', 'boto3', 'botocore', 'samtranslator')])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_names_by_a_pattern_of_unicode_classes_are_checked():
    """Such patterns are ECMAScript's, as those of tags that are a map."""
    shape = TypeSchema("T", {"Tags": {"type": "object", "additionalProperties": False, "patternProperties": {
        r"^[\p{L}||\p{Z}||\p{N}_.:/=+\-@]+$": {"type": "string"}}}}, {}, (), (), (), (), (), (), False)
    assert shapes.check(shape, {"Tags": {"Schl\u00fcssel eins": "a"}}) == []
    assert shapes.check(shape, {"Tags": {"a!": "b"}}) == ["#/Tags: extraneous key [a!] is not permitted"]
