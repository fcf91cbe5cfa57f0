"""Frames become an SVG that moves by itself, and a recording becomes frames."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from recording import svg
from recording.cast import Cast, Output
from recording.frames import Frame, Run, Style, frames

PLAIN, FAINT = Style(), Style(faint=True)
ONE = (Run(0, 5, "first", PLAIN),)
TWO = (Run(0, 1, "✓", Style("green", bold=True)), Run(2, 4, "a<&b", FAINT))
FILM = [Frame((ONE, ()), 1.0), Frame((ONE, TWO), 3.0)]
SPACE = {"s": "http://www.w3.org/2000/svg"}


def drawn() -> ElementTree.Element:
    return ElementTree.fromstring(svg.draw(FILM, width=10, height=2, title="$ make it"))


def test_the_drawing_says_what_it_shows_and_brings_its_own_ground() -> None:
    root = drawn()
    assert root.findtext("s:title", namespaces=SPACE) == "$ make it"
    ground = root.find("s:rect", SPACE)
    assert ground is not None
    assert ground.get("fill") == svg.GROUND
    assert ground.get("width") == root.get("width")


def test_a_row_is_drawn_once_and_placed_in_every_frame_that_shows_it() -> None:
    root = drawn()
    texts = ["".join(text.itertext()) for text in root.findall(".//s:text", SPACE)]
    assert texts == ["first", "✓a<&b"]
    strips = root.findall(".//s:g[@id='film']/s:g", SPACE)
    assert [[use.get("href") for use in strip] for strip in strips] == [["#r0"], ["#r0", "#r1"]]


def test_each_frame_stands_for_its_share_of_the_time_and_the_film_repeats() -> None:
    style = drawn().findtext("s:style", namespaces=SPACE) or ""
    assert "animation:film 4.00s step-end infinite" in style
    assert "0.000%{transform:translateY(0px)}25.000%{transform:translateY(-36px)}" in style


def test_who_wants_no_motion_sees_the_last_screen() -> None:
    style = drawn().findtext("s:style", namespaces=SPACE) or ""
    assert "(prefers-reduced-motion:reduce){#film{animation:none;transform:translateY(-36px)}}" in style


def test_the_drawing_has_no_script_and_refers_to_nothing_outside() -> None:
    text = svg.draw(FILM, width=10, height=2, title="x")
    assert "<script" not in text
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]


def replayed(*outputs: tuple[float, str], **limits: float) -> list[Frame]:
    pytest.importorskip("pyte", reason="only who makes a recording has the terminal emulator")
    cast = Cast(width=30, height=3, outputs=tuple(Output(at, text) for at, text in outputs))
    return frames(cast, **{"step": 0.1, "longest": 1.5, "last": 4.0} | limits)


def words(frame: Frame) -> list[str]:
    return [" ".join(run.text for run in row) for row in frame.rows]


def test_what_was_drawn_over_is_gone_from_the_later_screen() -> None:
    film = replayed((0.0, "… built\r\n"), (1.0, "\x1b[1A\x1b[2K\x1b[32m✓\x1b[0m built\r\n"))
    assert [words(frame)[0] for frame in film] == ["… built", "✓ built"]
    assert film[1].rows[0][0].style == Style("green")


def test_colours_and_weights_are_those_that_rich_writes() -> None:
    film = replayed((0.0, "\x1b[1;31mb\x1b[0m\x1b[2mf\x1b[22mn\x1b[38;5;208mo\x1b[0m\x1b[7mr"))
    assert [run.style for run in film[0].rows[0]] == [
        Style("red", bold=True), FAINT, PLAIN, Style("ff8700"), Style("black", "white"),
    ]


def test_idle_time_is_squeezed_and_the_last_screen_stays() -> None:
    film = replayed((0.0, "a"), (60.0, "b"), (60.5, "c"))
    assert [frame.seconds for frame in film] == pytest.approx([1.5, 0.5, 4.0])


def test_outputs_that_come_at_once_are_one_frame() -> None:
    assert len(replayed((0.0, "a"), (0.01, "b"), (0.05, "c"), (0.2, "d"))) == 2


def test_a_screen_that_does_not_change_is_one_frame() -> None:
    film = replayed((0.0, "a"), (1.0, "\x1b[?25l"), (2.0, "b"))
    assert [frame.seconds for frame in film] == pytest.approx([1.5, 4.0])


def test_blanks_between_words_take_no_part_in_the_drawing() -> None:
    film = replayed((0.0, "  one  two three     four"))
    assert [(run.column, run.text) for run in film[0].rows[0]] == [(2, "one"), (7, "two three"), (21, "four")]


def test_wide_characters_keep_their_columns() -> None:
    row = replayed((0.0, "日本 x   "))[0].rows[0]
    assert [(run.column, run.cells, run.text) for run in row] == [(0, 6, "日本 x")]
