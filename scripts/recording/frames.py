"""Replay a recording on an emulated terminal: what its screen showed, and for how long."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from recording.cast import Cast, Output

INSTALL = "pip install pyte"
"""The emulator is no part of the lock: only who makes a recording needs it."""


@dataclass(frozen=True, slots=True)
class Style:
    """How text looks. Colours: "default", a name of the sixteen (`red`, `brightred`), or six hex digits."""

    foreground: str = "default"
    background: str = "default"
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one style in a row, `column` and `cells` counted in terminal cells."""

    column: int
    cells: int
    text: str
    style: Style


Row = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A screen and how many seconds it stays."""

    rows: tuple[Row, ...]
    seconds: float


class NoEmulator(Exception):
    """The terminal emulator is not installed."""


def frames(cast: Cast, *, step: float, longest: float, last: float) -> list[Frame]:
    """The screens of a recording, no two closer than `step` seconds.

    A screen that stood longer than `longest` seconds stands that long; the last one `last` seconds. A screen that
    equals the one before it adds to the time of that one, within the same limit.
    """
    found: list[Frame] = []
    for rows, seconds in _screens(cast, step):
        if found and found[-1].rows == rows:
            seconds += found.pop().seconds  # noqa: PLW2901  the two are one
        found.append(Frame(rows, min(seconds, longest)))
    if found:
        found[-1] = Frame(found[-1].rows, last)
    return found


def _screens(cast: Cast, step: float) -> Iterator[tuple[tuple[Row, ...], float]]:
    screen, stream = _terminal(cast.width, cast.height)
    batches = list(_batches(cast.outputs, step))
    for (at, texts), following in itertools.zip_longest(batches, batches[1:]):
        stream.feed("".join(texts))
        rows = tuple(_row(screen.buffer[number], cast.width) for number in range(cast.height))
        yield rows, (following[0] if following else at) - at


def _batches(outputs: Iterable[Output], step: float) -> Iterator[tuple[float, list[str]]]:
    """Outputs that come within a step of the first are shown at once: (when, texts)."""
    at, texts = 0.0, list[str]()
    for output in outputs:
        if texts and output.at - at >= step:
            yield at, texts
            texts = []
        if not texts:
            at = output.at
        texts.append(output.text)
    if texts:
        yield at, texts


def emulator() -> Any:
    """The module `pyte`. Raises NoEmulator."""
    try:
        return importlib.import_module("pyte")
    except ModuleNotFoundError:
        raise NoEmulator(f"the terminal emulator is not installed: {INSTALL}") from None


def _terminal(width: int, height: int) -> tuple[Any, Any]:
    pyte = emulator()

    class Screen(pyte.Screen):  # type: ignore[misc, name-defined]
        """A screen that knows faint text: pyte does not, so its `blink`, which nothing else uses here, carries it."""

        def select_graphic_rendition(self, *attributes: int, **private: bool) -> None:
            if not private:  # `ESC [ > 4 m` and the like set keyboard modes
                super().select_graphic_rendition(*_with_faint(attributes))

    screen = Screen(width, height)
    return screen, pyte.Stream(screen)


def _with_faint(attributes: Iterable[int]) -> Iterator[int]:
    """SGR 2 (faint) as 5 (blink); 22 (neither bold nor faint) as 22 and 25; a true 5 is dropped (ECMA-48, SGR)."""
    rest = iter(attributes)
    for attribute in rest:
        match attribute:
            case 2:
                yield 5
            case 22:
                yield from (22, 25)
            case 5:
                continue
            case 38 | 48:
                mode = next(rest, 0)
                yield from (attribute, mode, *itertools.islice(rest, {5: 1, 2: 3}.get(mode, 0)))
            case _:
                yield attribute


def _row(cells: Any, width: int) -> Row:
    """Runs of one style; blank cells that show nothing belong to none."""
    runs: list[Run] = []
    for column in range(width):
        cell = cells[column]
        style = _style(cell)
        shown = cell.data != " " or style.background != "default" or style.underline
        before = runs[-1] if runs else None
        joins = before is not None and before.style == style and before.column + before.cells == column
        if before is not None and (joins or cell.data == ""):  # the second half of a wide character is empty
            runs[-1] = Run(before.column, before.cells + 1, before.text + cell.data, before.style)
        elif shown:
            runs.append(Run(column, 1, cell.data, style))
    return tuple(trimmed for run in runs for trimmed in _parted(run))


def _parted(run: Run) -> Iterator[Run]:
    """A run without the blanks at its end, and parted where two or more blanks come together."""
    if run.style.background != "default" or run.style.underline:
        yield run
        return
    if run.cells != len(run.text):  # wide or composed characters: columns can't be counted in letters
        text = run.text.rstrip(" ")
        yield Run(run.column, run.cells - (len(run.text) - len(text)), text, run.style)
        return
    column = run.column
    for blank, letters in itertools.groupby(run.text.split("  "), key=lambda piece: piece == ""):
        for piece in letters:
            text = piece.strip(" ")
            if not blank and text:
                start = column + piece.index(text)
                yield Run(start, len(text), text, run.style)
            column += len(piece) + 2


def _style(cell: Any) -> Style:
    foreground, background = cell.fg, cell.bg
    if cell.reverse:
        foreground = background if background != "default" else "black"
        background = cell.fg if cell.fg != "default" else "white"
    return Style(foreground, background, cell.bold, cell.blink, cell.italics, cell.underscore)
