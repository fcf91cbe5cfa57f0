"""Which resource answers a path."""

from __future__ import annotations

import pytest

from crossdock.local.engine import AwsError
from crossdock.local.gateway import tree
from crossdock.local.gateway.state import Method, Resource, RestApi


def api(*routes: str) -> RestApi:
    """An API with these routes, e.g. `GET /a/{b}`."""
    made = RestApi(id="a", account="1", region="r", partition="aws", name="n")
    made.resources["root"] = Resource(id="root", path="/")
    for route in routes:
        method, _, path = route.partition(" ")
        tree.ensure(made, path).methods[method] = Method(http_method=method)
    return made


def found(made: RestApi, method: str, path: str) -> tuple[str, dict[str, str]] | None:
    match = tree.find(made.resources, method, path)
    return (f"{match.method.http_method} {match.resource.path}", dict(match.variables)) if match else None


def test_a_literal_segment_goes_before_a_variable_and_that_before_a_greedy_one() -> None:
    made = api("GET /pets/dog", "GET /pets/{kind}", "GET /{all+}")
    assert found(made, "GET", "/pets/dog") == ("GET /pets/dog", {})
    assert found(made, "GET", "/pets/cat") == ("GET /pets/{kind}", {"kind": "cat"})
    assert found(made, "GET", "/pets/cat/1") == ("GET /{all+}", {"all": "pets/cat/1"})
    assert found(made, "GET", "/") is None


def test_a_resource_without_the_method_hides_no_greedy_one() -> None:
    made = api("ANY /{proxy+}", "GET /jobs/{operation}", "OPTIONS /cors")
    assert found(made, "GET", "/jobs/reboot") == ("GET /jobs/{operation}", {"operation": "reboot"})
    assert found(made, "POST", "/jobs/reboot") == ("ANY /{proxy+}", {"proxy": "jobs/reboot"})
    assert found(made, "GET", "/jobs") == ("ANY /{proxy+}", {"proxy": "jobs"})
    assert found(made, "GET", "/cors") == ("ANY /{proxy+}", {"proxy": "cors"})


def test_a_named_method_goes_before_any() -> None:
    made = api("ANY /a", "POST /a")
    assert found(made, "POST", "/a/") == ("POST /a", {})
    assert found(made, "GET", "/a") == ("ANY /a", {})


@pytest.mark.parametrize(("have", "part", "code"), [
    ("GET /a", "a", "ConflictException"), ("GET /{x}", "{y}", "BadRequestException"),
    ("GET /a", "b c", "BadRequestException"), ("GET /a", "{b", "BadRequestException"),
])
def test_a_part_that_could_not_be_told_from_another_is_refused(have: str, part: str, code: str) -> None:
    made = api(have)
    with pytest.raises(AwsError) as refused:
        tree.add(made, made.root, part)
    assert refused.value.code == code


def test_removing_a_resource_removes_what_is_below() -> None:
    made = api("GET /a/b/c", "GET /d")
    a = made.by_path("/a")
    assert a is not None
    tree.remove(made, a)
    assert sorted(r.path for r in made.resources.values()) == ["/", "/d"]
