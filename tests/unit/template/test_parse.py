"""Text to tree and back, with positions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import Position, TemplateError
from crossdock.template.parse import dump, load

TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Store:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub ${Name}-store
  Reader:
    Type: AWS::IAM::Role
    Properties:
      Arn: !GetAtt Store.Arn
      Flag: yes
"""


def problems(text: str) -> list[str]:
    with pytest.raises(TemplateError) as caught:
        load(text, "t.yaml")
    return [f"{p.position}: {p.what}" for p in caught.value.problems]


def test_short_tags_become_long_forms():
    body = load(
        "A: !Ref X\nB: !GetAtt X.Outputs.Y\nC: !If [D, !Ref E, 1]\nF: !Condition G\nH: !Sub\n  - a\n  - {b: !Ref c}"
    ).body
    assert body == {
        "A": {"Ref": "X"},
        "B": {"Fn::GetAtt": ["X", "Outputs.Y"]},
        "C": {"Fn::If": ["D", {"Ref": "E"}, 1]},
        "F": {"Condition": "G"},
        "H": {"Fn::Sub": ["a", {"b": {"Ref": "c"}}]},
    }


def test_the_string_form_of_getatt_becomes_a_list():
    assert load("A: {Fn::GetAtt: X.Arn}").body == load('{"A": {"Fn::GetAtt": "X.Arn"}}').body
    assert load("A: {Fn::GetAtt: X.Arn}").body == {"A": {"Fn::GetAtt": ["X", "Arn"]}}


def test_dates_stay_strings_and_yes_is_true():
    assert load("V: 2010-09-09\nA: yes\nB: Off\nC: 012\nD: '012'\nE: 1.5\nF: ~\nG: =").body == {
        "V": "2010-09-09", "A": True, "B": False, "C": 10, "D": "012", "E": 1.5, "F": None, "G": "=",
    }  # fmt: skip


def test_keys_are_strings_as_written():
    assert load("{111122223333: a, on: b, yes: c}").body == {"111122223333": "a", "on": "b", "yes": "c"}


def test_text_behind_a_short_tag_stays_text():
    assert load("A: !Ref 123\nB: !Sub true").body == {"A": {"Ref": "123"}, "B": {"Fn::Sub": "true"}}


def test_positions_point_at_keys_and_at_the_nearest_known_ancestor():
    document = load(TEMPLATE, "t.yaml")
    assert document.position(("Resources", "Store", "Type")) == Position("t.yaml", 4, 5)
    assert document.position(("Resources", "Reader", "Properties", "Arn", "Fn::GetAtt")) == Position("t.yaml", 10, 12)
    assert document.position(("Resources", "Store", "Metadata", "x")) == Position("t.yaml", 3, 3)
    assert document.position(()) == Position("t.yaml", 1, 1)


def test_json_has_positions_too_and_its_own_escapes():
    text = json.dumps({"Resources": {"A": {"Type": "T", "Smile": "\U0001f600 \u2028"}}}, indent="\t")
    document = load(text, "t.json")
    assert document.body == json.loads(text)
    assert document.position(("Resources", "A", "Type")).line == 4


def test_a_duplicate_key_is_a_problem_with_both_places():
    assert problems("Resources:\n  A: 1\n  B: 2\n  A: 3\n") == ["t.yaml:4:3: duplicate key A, first on line 2"]
    assert problems('{"A": 1,\n "A": 2}') == ["t.yaml:2:2: duplicate key A, first on line 1"]


def test_malformed_yaml_is_told_as_cloudformation_tells_it():
    (what,) = problems("Resources:\n  A: [1\n")
    assert what.startswith("t.yaml:3:1: Template format error: YAML not well-formed. (line 3, column 1)")


def test_malformed_json_is_told_as_json():
    (what,) = problems('{"A": "\\x"}')
    assert "Template format error: JSON not well-formed. (line 1, column" in what


def test_aliases_merges_and_unknown_tags_are_refused_all_at_once():
    found = problems("A: &x {b: 1}\nC: *x\nD: {<<: {e: 1}}\nF: !Reff G\n")
    assert [f.split(": ", 1)[1][:40] for f in found] == [
        "Template error: YAML aliases are not all", "CloudFormation does not support YAML has", "unknown tag !Reff",
    ]  # fmt: skip


def test_a_template_that_is_no_mapping_is_refused():
    assert problems("- a\n") == ["t.yaml:1:1: Template format error: unsupported structure."]
    assert problems("") == ["t.yaml:1:1: Template format error: unsupported structure."]


def test_dump_reads_like_a_template():
    assert dump(load(TEMPLATE).body) == (
        "AWSTemplateFormatVersion: '2010-09-09'\n\n"
        "Resources:\n"
        "  Store:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub ${Name}-store\n\n"
        "  Reader:\n    Type: AWS::IAM::Role\n    Properties:\n      Arn: !GetAtt Store.Arn\n      Flag: true\n"
    )


def test_a_tag_never_follows_a_tag():
    body = {"A": {"Fn::Base64": {"Fn::Sub": "x\ny"}}}
    assert dump(body) == "A:\n  Fn::Base64: !Sub |-\n    x\n    y\n"
    assert load(dump(body)).body == body


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["yes", "2010-09-09", "012", "1e3", "=", "<<", "a\nb", "a\n\n b \n", "${A}", "", " x", "!Ref", "- a", "null"]
)
NAMES = st.text("abcXYZ019", min_size=1, max_size=6)
LEAVES = TEXTS | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none()


def nested(inner):
    one = st.one_of(
        st.builds(lambda n: {"Ref": n}, NAMES),
        st.builds(lambda n, a: {"Fn::GetAtt": [n, a]}, NAMES, NAMES),
        st.builds(lambda f, v: {f: v}, st.sampled_from(["Fn::Sub", "Fn::Base64", "Fn::If", "Fn::Transform"]), inner),
    )
    return st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4) | one


TREES = st.recursive(LEAVES, nested, max_leaves=20)


@given(st.dictionaries(st.sampled_from(["Resources", "Outputs", "X"]) | NAMES, TREES, max_size=4))
def test_what_is_dumped_is_read_back(body):
    assert load(dump(body)).body == body
