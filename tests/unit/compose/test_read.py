"""crossdock.yaml: what is right is read, what is wrong is told, all of it, with its place and one hint."""

from __future__ import annotations

import pytest

from crossdock import compose
from crossdock.errors import PlatformError, Problem
from crossdock.model.codec import dumps, loads
from crossdock.model.platform import Platform, ServiceKind

GOOD = """
platform: psl
region: us-east-1
accounts: {shared: "111111111111", nonprod: "222222222222"}
environments:
  development: {account: nonprod, branch: develop}
services:
  survey: {kind: serverless, source: services/survey}
"""


def problems(folder, text: str) -> tuple[Problem, ...]:
    with pytest.raises(PlatformError) as caught:
        folder.read(text)
    return caught.value.problems


def only(folder, text: str) -> tuple[str, str, str]:
    found = problems(folder, text)
    assert len(found) == 1, found
    return f"{found[0].position.line}:{found[0].position.column}", found[0].what, found[0].hint


def test_a_good_file_is_read_with_its_defaults(folder):
    platform = folder.read(GOOD)
    assert (platform.name, platform.organization, platform.region) == ("psl", "", "us-east-1")
    assert platform.shared.id == "111111111111"
    assert platform.environments[0].approval is True
    service = platform.services[0]
    assert service.kind is ServiceKind.SERVERLESS
    assert (service.authentication, service.buildspec) == ("none", "buildspec.yaml")


def test_each_value_knows_its_line(folder):
    platform = folder.read(GOOD)
    assert platform.position("environments", "development", "branch").line == 6
    assert platform.position("services", "survey").line == 8
    assert platform.position("services", "survey", "nothing of the kind").line == 8


def test_a_platform_goes_through_the_codec(folder):
    platform = folder.read()
    assert loads(Platform, dumps(platform)) == platform


def test_all_mistakes_are_told_at_once(folder):
    found = problems(folder, """
        platform: psl
        region: us-east-1
        accounts: {shared: "111111111111", nonprod: "22222"}
        environments:
          development: {acount: nonprod, branch: develop}
          staging: {account: nonprd, branch: develop, approval: "yes"}
        services:
          survey: {kind: serverles, source: services/surevy}
        """)
    assert [(p.position.line, p.what.split(",")[0]) for p in found] == [
        (4, "`accounts.nonprod` can't be `22222`"),
        (6, "`environments.development` lacks the key `account`"),
        (6, "unknown key `acount` in `environments.development`"),
        (7, "`staging` is in the account `nonprd`"),
        (7, "`staging` has the branch `develop` of `development`"),
        (7, "`environments.staging.approval` must be true or false"),
        (9, "`services.survey.kind` can't be `serverles`"),
        (9, "there is no folder `services/surevy`"),
    ]
    assert [p.hint for p in found if p.hint.startswith("did you mean")] == [
        "did you mean account?", "did you mean nonprod?", "did you mean serverless?", "did you mean services/survey?",
    ]


@pytest.mark.parametrize("case", [
    ("platform: psl", "platfrom: psl", "platfrom", "unknown key `platfrom`", "did you mean platform?"),
    ("psl", "P", "P", "`platform` can't be `P`", "2 to 20 lower-case letters"),
    ("psl", "12", "12", "`platform` must be text, found the number 12", 'put it in quotes: "12"'),
    ("us-east-1", "virginia", "virginia", "`region` can't be `virginia`", "us-east-1"),
    ("develop}", "develop, approval: 1}", "1}", "`environments.development.approval` must be true or", "true or false"),
    ("develop}", "-x}", "-x}", "`environments.development.branch` can't be `-x`", "git branch name"),
    ("  development:", "  Dev:", "Dev:", "the name `Dev` in `environments` is not allowed", "lower-case"),
    ("  survey:", "  execution:", "execution:", "the name `execution` is taken", "choose another name"),
    ("services/survey", "/etc", "/etc", "`/etc` is outside of the platform's folder", "below"),
    ("services/survey", "../x", "../x", "`../x` is outside of the platform's folder", "below"),
    ("survey}", "survey, checks: [{}]}", "{}]", "`services.survey.checks[0]` is empty", ""),
    ("survey}", "survey, checks: [{expect: 200}]}", "{expect", "a check asks for exactly one path", "{get: /health"),
    ("survey}", "survey, checks: {get: /}}", "{get", "`services.survey.checks` must be a list, found a", ""),
    ("survey}", "survey, authentication: key}", "key}", "`services.survey.authentication` can't be `key`", "api-key"),
    ("survey}", "survey, authentication: {jtw: {}}}", "jtw", "unknown key `jtw`", "did you mean jwt?"),
    ("accounts: {shared:", "accounts: {common:", "accounts", "no account is named `shared`", "add shared"),
    ("{shared:", "{nonprod: '3', shared:", 'nonprod: "2', "the key `nonprod` is written twice", "line 4"),
])  # fmt: skip
def test_a_mistake_has_its_place_and_one_hint(folder, case):
    old, new, at, what, hint = case
    text = GOOD.replace(old, new, 1)
    first = next(p for p in problems(folder, text) if p.what.startswith(what))
    assert text.splitlines()[first.position.line - 1][first.position.column - 1 :].startswith(at)
    assert hint in first.hint


def test_an_account_id_without_quotes_is_explained(folder):
    place, what, hint = only(folder, GOOD.replace('"222222222222"', "222222222222"))
    assert (place, hint) == ("4:45", 'put it in quotes: "222222222222"')
    assert "must be text" in what


def test_an_account_id_that_yaml_reads_in_base_8_is_explained(folder):
    place, what, hint = only(folder, GOOD.replace('"222222222222"', "012345670123"))
    assert (place, what) == ("4:45", "the account id 012345670123 is not in quotes")
    assert "base 8" in hint


def test_an_unquoted_id_that_yaml_reads_as_text_is_one(folder):
    assert folder.read(GOOD.replace('"222222222222"', "012345678901")).account("nonprod").id == "012345678901"


def test_two_accounts_cannot_have_one_id(folder):
    _, what, _ = only(folder, GOOD.replace("222222222222", "111111111111"))
    assert what == "`nonprod` has the id of `shared`"


def test_names_that_begin_alike_are_refused_because_roles_are_known_by_their_beginning(folder):
    found = problems(folder, GOOD + "  survey-api: {kind: serverless, source: services/survey}\n")
    assert [(p.position.line, p.hint) for p in found] == [(9, "rename one of them, such as api-survey")]


def test_names_that_are_too_long_once_composed_are_refused(folder):
    long = "a-service-of-thirty-characters"
    found = problems(folder, GOOD.replace("psl", "a-platform").replace("survey:", f"{long}:"))
    assert [p.what for p in found] == [
        f"`a-platform-development-{long}` has 53 characters; roles and functions leave room for 48"
    ]
    assert found[0].hint == "shorten a name by 5"


def test_environments_whose_pipelines_would_share_a_folder_are_refused(folder):
    text = GOOD.replace("psl", "a-platform-of-twenty").replace(
        "services:", "  staging: {account: nonprod, branch: staging}\nservices:", 1)
    found = problems(folder, text)
    assert [p.hint for p in found] == ["shorten the platform's name"]


@pytest.mark.parametrize(("text", "place", "what"), [
    ("", "1:1", "the file is empty"),
    ("# nothing\n", "1:1", "the file is empty"),
    ("- a\n", "1:1", "the file is not a mapping"),
    ("a: b: c\n", "1:5", "not YAML: mapping values are not allowed here"),
    ("a:\n\tb: 1\n", "2:1", "a tab is used as indentation"),
    ("a: 1\n---\nb: 1\n", "2:1", "a second document begins here"),
    ("a: {b: c d: e}\n", "1:11", "not YAML"),
    ("a: 'b\n", "2:1", "not YAML: found unexpected end of stream"),
    ("a: \x01\n", "1:4", "the character U+0001 is not allowed"),
])  # fmt: skip
def test_what_is_no_yaml_has_a_place_too(folder, text, place, what):
    found = problems(folder, text)
    assert f"{found[0].position.line}:{found[0].position.column}" == place
    assert found[0].what.startswith(what)
    assert len(found) == 1
    assert found[0].hint


def test_a_folder_stands_for_its_file_and_a_missing_one_says_how_to_begin(folder):
    folder.write(GOOD)
    assert compose.read(folder.root).name == "psl"
    (folder.root / "crossdock.yaml").unlink()
    with pytest.raises(PlatformError) as caught:
        compose.read(folder.root)
    assert caught.value.problems[0].hint == "make a platform: crossdock init DIR"


def test_a_file_that_is_not_utf_8_is_told(folder):
    file = folder.write(GOOD)
    file.write_bytes(b"platform: \xff\n")
    with pytest.raises(PlatformError) as caught:
        compose.read(file)
    assert caught.value.problems[0].what.startswith("not UTF-8")


def test_a_service_without_template_or_buildspec_is_told(folder):
    file = folder.write(GOOD)
    for name in ("template.yaml", "buildspec.yaml"):
        (folder.root / "services/survey" / name).unlink()
    with pytest.raises(PlatformError) as caught:
        compose.read(file)
    assert [p.what for p in caught.value.problems] == [
        "`services/survey` has no buildspec.yaml", "`services/survey` has no template.yaml",
    ]


def test_the_error_reads_as_a_person_needs_it(folder):
    with pytest.raises(PlatformError) as caught:
        folder.read(GOOD.replace("develop}", "develop, aproval: no}"))
    file = folder.root / "crossdock.yaml"
    assert str(caught.value) == f"1 problem in {file}"
    assert list(caught.value.details) == [
        f"{file}:6:52: unknown key `aproval` in `environments.development`", "  hint: did you mean approval?",
    ]
