import pytest

from crossdock.iam import actions


def test_action_names_compare_without_case():
    assert actions.exists("S3:getobject")
    assert actions.canonical("S3:getobject") == "s3:GetObject"
    assert not actions.exists("s3:GetObjects")
    assert not actions.exists("nosuch:Thing")


def test_listing_keys_has_no_resource_level_and_decrypting_has():
    assert not actions.has_resource_level("kms:ListKeys")
    assert actions.has_resource_level("kms:Decrypt")
    assert [t.name for t in actions.resource_types("codepipeline:PutApprovalResult")] == ["action"]


def test_levels_and_keys_are_those_of_the_reference():
    assert actions.access_level("s3:PutBucketPolicy")  == "Permissions management"
    assert actions.access_level("codepipeline:GetPipeline") == "Read"
    assert "iam:PassedToService" in actions.condition_keys("iam:PassRole")
    assert "cloudformation:TemplateUrl" in actions.condition_keys("cloudformation:CreateStack")


def test_wildcards_stand_for_actions_in_any_place():
    assert "s3:GetBucketPolicy" in actions.matching("s3:get*policy")
    assert actions.matching("sts:AssumeRol?") == ("sts:AssumeRole",)
    assert len(actions.matching("*")) > 15_000
    assert actions.matching("s3") == ()
    assert actions.matching("nosuch:*") == ()


def test_an_unknown_action_is_a_key_error():
    with pytest.raises(KeyError, match="s3:Nothing"):
        actions.access_level("s3:Nothing")


def test_the_data_is_dated():
    assert actions.data_date() >= "2026-01-01"
    assert {"codepipeline", "sts", "execute-api"} <= set(actions.services())
