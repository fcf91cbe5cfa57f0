"""The small parts: order, shapes, names of objects behind URLs, capabilities."""

from __future__ import annotations

import threading

import botocore.session
import pytest

from crossdock.local.cloudformation import capabilities, schedule
from crossdock.local.cloudformation.fetch import Location, locate
from crossdock.local.cloudformation.resources import coverage
from crossdock.local.cloudformation.resources.shapes import fit
from crossdock.local.engine import AwsError, NotEmulated
from crossdock.template import schema

HERE = "http://127.0.0.1:4566"


@pytest.mark.parametrize(("url", "found"), [
    ("https://b.s3.amazonaws.com/a/t.yaml", Location("b", "a/t.yaml")),
    ("https://b.c.s3.eu-west-1.amazonaws.com/t%20x.yaml", Location("b.c", "t x.yaml")),
    ("https://s3.amazonaws.com/b/t.yaml?versionId=v1", Location("b", "t.yaml", "v1")),
    ("https://s3-eu-west-1.amazonaws.com/b/t.yaml", Location("b", "t.yaml")),
    ("https://s3.cn-north-1.amazonaws.com.cn/b/t.yaml", Location("b", "t.yaml")),
    (f"{HERE}/b/a/t.yaml?X-Amz-Signature=x", Location("b", "a/t.yaml")),
    ("https://example.com/b/t.yaml", None),
    ("http://b.s3.amazonaws.com/t.yaml", None),
    ("https://s3.amazonaws.com/b", None),
])  # fmt: skip
def test_s3_urls_are_read_in_every_style(url, found):
    assert locate(url, HERE) == found


def test_work_waits_for_what_it_needs_and_runs_side_by_side():
    done: list[str] = []
    together = threading.Barrier(2, timeout=5)

    def work(name: str) -> bool:
        if name in ("a", "b"):
            together.wait()
        done.append(name)
        return True

    order = {"c": frozenset({"a", "b"}), "a": frozenset(), "b": frozenset({"elsewhere"})}
    assert schedule.run(order, work) == ([], [])
    assert done[-1] == "c"


def test_after_a_failure_nothing_new_begins_unless_all_should_be_tried():
    order = {"bad": frozenset(), "after": frozenset({"bad"}), "beside": frozenset({"first"}), "first": frozenset()}
    failed, left = schedule.run(order, lambda name: name != "bad")
    assert (failed, "after" in left) == (["bad"], True)
    failed, left = schedule.run(order, lambda name: name != "bad", go_on=True)
    assert (failed, left) == (["bad"], ["after"])


def test_deletion_is_the_order_turned_round():
    assert schedule.reverse({"a": frozenset(), "b": frozenset({"a"})}) == {"a": frozenset({"b"}), "b": frozenset()}


def test_properties_take_the_spelling_and_types_of_the_api():
    model = botocore.session.get_session().get_service_model("codebuild").operation_model("CreateProject").input_shape
    given = {"Name": "n", "TimeoutInMinutes": "20", "BadgeEnabled": "true", "Source": {"BuildSpec": "b"},
             "Tags": [{"Key": "k", "Value": 1}]}
    assert fit(model, given, "X") == {
        "name": "n", "timeoutInMinutes": 20, "badgeEnabled": True, "source": {"buildspec": "b"},
        "tags": [{"key": "k", "value": "1"}]}
    with pytest.raises(NotEmulated, match=r"X\.Source\.Colour"):
        fit(model, {"Source": {"Colour": "red"}}, "X")


def test_policy_documents_become_text():
    model = botocore.session.get_session().get_service_model("iam").operation_model("CreateRole").input_shape
    assert fit(model, {"AssumeRolePolicyDocument": {"Version": "2012-10-17"}}, "X") == {
        "AssumeRolePolicyDocument": '{"Version": "2012-10-17"}'}


def test_named_roles_need_the_stronger_capability():
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r"}}
    with pytest.raises(AwsError, match="CAPABILITY_NAMED_IAM"):
        capabilities.check([role], [], ["CAPABILITY_IAM"])
    capabilities.check([role], [], ["CAPABILITY_NAMED_IAM"])
    with pytest.raises(AwsError, match="CAPABILITY_AUTO_EXPAND"):
        capabilities.check([], ["AWS::Serverless-2016-10-31"], [])


@pytest.mark.parametrize("row", coverage.table(), ids=lambda row: row.type)
def test_every_declared_property_is_one_of_the_type(row):
    known = schema.of(row.type)
    assert known is not None
    assert {*row.emulated, *row.accepted} <= set(known.properties)
    assert not set(row.emulated) & set(row.accepted)


@pytest.mark.parametrize("handler", coverage.HANDLERS.values(), ids=lambda handler: handler.type)
def test_a_type_gets_the_stacks_tags_where_it_takes_tags_and_only_there(handler):
    name, _ = schema.tagging(handler.type)
    assert bool(handler.tags) == (bool(name) and name in handler.emulated)
    assert not handler.tags or handler.tagged == name
