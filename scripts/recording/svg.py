"""Draw frames as one SVG without a script: a film strip that CSS keyframes move past a window, frame by frame.

Each distinct row is drawn once and placed wherever a frame shows it. The terminal brings its own dark ground, so that
it reads the same on a light page and on a dark one. Who asked their system for less motion sees the last screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from recording.frames import Frame, Row, Run, Style

CELL, LINE, SIZE, MARGIN = 8, 18, 13, 14
"""Width and height of a cell, size of its letters, margin around the screen: in user units."""

PALETTE = {
    "default": "#d0d7de", "black": "#484f58", "red": "#ff7b72", "green": "#56d364", "brown": "#e3b341",
    "blue": "#79c0ff", "magenta": "#d2a8ff", "cyan": "#56d4dd", "white": "#d0d7de",
    "brightblack": "#8b949e", "brightred": "#ffa198", "brightgreen": "#7ee787", "brightbrown": "#f2cc60",
    "brightblue": "#a5d6ff", "brightmagenta": "#e2c5ff", "brightcyan": "#b3f0ff", "brightwhite": "#ffffff",
}
"""Colours of the sixteen names, each legible on GROUND; `brown` is what ECMA-48 calls yellow."""

GROUND = "#0d1117"

_FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"


def draw(frames: Sequence[Frame], *, width: int, height: int, title: str) -> str:
    """The SVG document of a screen of `width` by `height` cells. It repeats for ever."""
    rows = {row: f"r{number}" for number, row in enumerate(dict.fromkeys(r for f in frames for r in f.rows if r))}
    inner = (width * CELL, height * LINE)
    outer = (inner[0] + 2 * MARGIN, inner[1] + 2 * MARGIN)
    styles = {style: f"s{n}" for n, style in enumerate(dict.fromkeys(run.style for row in rows for run in row))}
    return "".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{outer[0]}" height="{outer[1]}" '
        f'viewBox="0 0 {outer[0]} {outer[1]}" role="img" aria-label="{escape(title)}">\n',
        f"<title>{escape(title)}</title>\n<style>\n{_css(frames, styles, inner[1])}</style>\n",
        f'<rect width="{outer[0]}" height="{outer[1]}" rx="8" fill="{GROUND}"/>\n<defs>\n',
        *(_definition(row, name, styles) for row, name in rows.items()),
        "</defs>\n",
        f'<svg x="{MARGIN}" y="{MARGIN}" width="{inner[0]}" height="{inner[1]}">\n<g id="film">\n',
        *(_strip(frame, number * inner[1], rows) for number, frame in enumerate(frames)),
        "</g>\n</svg>\n</svg>\n",
    ])


def _css(frames: Sequence[Frame], styles: dict[Style, str], height: int) -> str:
    total = sum(frame.seconds for frame in frames)
    passed, stops = 0.0, []
    for number, frame in enumerate(frames):
        stops.append(f"{100 * passed / total:.3f}%{{transform:translateY({-number * height}px)}}")
        passed += frame.seconds
    last = f"transform:translateY({-(len(frames) - 1) * height}px)"
    return "\n".join([
        f"text{{font:{SIZE}px {_FONT};fill:{PALETTE['default']}}}",
        *(f".{name}{{{said}}}" for style, name in styles.items() if (said := _declarations(style))),
        f"#film{{animation:film {total:.2f}s step-end infinite}}",
        f"@keyframes film{{{''.join(stops)}100%{{{last}}}}}",
        f"@media(prefers-reduced-motion:reduce){{#film{{animation:none;{last}}}}}",
        "",
    ])


def _declarations(style: Style) -> str:
    said = []
    if style.foreground != "default":
        said.append(f"fill:{_colour(style.foreground)}")
    if style.bold:
        said.append("font-weight:600")
    if style.faint:
        said.append("fill-opacity:.66")
    if style.italic:
        said.append("font-style:italic")
    if style.underline:
        said.append("text-decoration:underline")
    return ";".join(said)


def _colour(name: str) -> str:
    return PALETTE.get(name) or (f"#{name}" if len(name) == 6 else PALETTE["default"])


def _definition(row: Row, name: str, styles: dict[Style, str]) -> str:
    grounds = "".join(
        f'<rect x="{run.column * CELL}" width="{run.cells * CELL}" height="{LINE}" '
        f'fill="{_colour(run.style.background)}"/>'
        for run in row if run.style.background != "default"
    )
    texts = "".join(_text(run, styles) for run in row if run.text.strip() or run.style.underline)
    return f'<g id="{name}">{grounds}<text y="{SIZE}">{texts}</text></g>\n'


def _text(run: Run, styles: dict[Style, str]) -> str:
    """`textLength` keeps columns where they are in whatever font the viewer has."""
    named = f' class="{styles[run.style]}"' if _declarations(run.style) else ""
    stretched = f' textLength="{run.cells * CELL}"' if run.cells > 1 else ""
    text = run.text.replace("  ", "\u00a0\u00a0")  # blanks collapse in SVG
    return f'<tspan x="{run.column * CELL}"{stretched}{named}>{escape(text, quote=False)}</tspan>'


def _strip(frame: Frame, top: int, rows: dict[Row, str]) -> str:
    used = "".join(_uses(frame, rows))
    return f'<g transform="translate(0 {top})">{used}</g>\n'


def _uses(frame: Frame, rows: dict[Row, str]) -> Iterator[str]:
    for number, row in enumerate(frame.rows):
        if row:
            yield f'<use href="#{rows[row]}"' + (f' y="{number * LINE}"/>' if number else "/>")
