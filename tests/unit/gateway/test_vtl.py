"""Mapping templates, as the Velocity User Guide and API Gateway's Developer Guide describe them."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.local.engine import NotEmulated
from crossdock.local.gateway.mapping import escaped, look
from crossdock.local.gateway.vtl import TemplateFailed, render


@pytest.mark.parametrize(("template", "variables", "text"), [
    ("$name, ${name}s, $!{name}", {"name": "cat"}, "cat, cats, cat"),
    ("$nobody and $!nobody", {}, "$nobody and "),
    (r"costs \$5 and $5", {}, "costs $5 and $5"),
    ("#set($a = 2)#set($b = $a * 3 + 1)$b", {}, "7"),
    ("#if($a > 1 && !$b)x#elseif($a == 1)y#{else}z#end", {"a": 1}, "y"),
    ("#foreach($x in $list)$foreach.count:$x#if($foreach.hasNext),#end#end", {"list": ["a", "b"]}, "1:a,2:b"),
    ("#foreach($x in [1..9])#if($x == 3)#break#end$x#end", {}, "12"),
    ("#foreach($e in $map.entrySet())$e.key=$e.value;#end", {"map": {"a": 1, "b": 2}}, "a=1;b=2;"),
    ("$map", {"map": {"a": [1, {"b": True}], "c": None}}, "{a=[1, {b=true}], c=null}"),
    ("$list.size() $list[1] $text.length() $text.replaceAll('a(.)', '$1') $text.toUpperCase()",
     {"list": [1, 2], "text": "abac"}, "2 2 4 bc ABAC"),
    ('#set($x = "in $name")$x', {"name": "side"}, "in side"),
    ("#set($x = 'in $name')$x", {"name": "side"}, "in $name"),
    ("## nothing\nall#* hidden *#", {}, "all"),
    ("#set($m = {})#set($m.key = 'v')$m.key#set($m['k2'] = 1)$m.k2", {}, "v1"),
    ("line\n#set($x = 1)\nnext", {}, "line\nnext"),
    ("#sendMail $x.y.z()", {"x": {}}, "#sendMail "),
    ("#if($a)1#end#if($b)2#end#if($c)3#end", {"a": 0, "b": False, "c": None}, "1"),
])  # fmt: skip
def test_a_template_comes_to(template: str, variables: dict[str, Any], text: str) -> None:
    assert render(template, variables).text == text


@pytest.mark.parametrize("template", ["#if($a", "#set($a)", "#end", "#if($a)", "#foreach($x of $y)#end"])
def test_what_is_no_template_fails(template: str) -> None:
    with pytest.raises(TemplateFailed):
        render(template, {})


@pytest.mark.parametrize("template", ["#macro(x)#end", "#parse('x')", "$text.getBytes()"])
def test_what_is_not_known_is_refused_by_name(template: str) -> None:
    with pytest.raises(NotEmulated):
        render(template, {"text": "x"})


def test_json_paths_give_one_value_or_a_list() -> None:
    document = {"a": {"b-c": [1, 2]}, "list": [{"n": "x"}, {"n": "y"}]}
    assert look(document, "$.a.b-c[1]") == 2
    assert look(document, "$.list[*].n") == ["x", "y"]
    assert look(document, "$..n") == ["x", "y"]
    assert look(document, "$.list[?(@.n=='y')]") == [{"n": "y"}]
    assert look(document, "$") == document
    assert look(document, "$.nothing") is None


def test_strings_are_escaped_for_scripts() -> None:
    assert escaped("it's \"a\"\n") == "it\\'s \\\"a\\\"\\n"
