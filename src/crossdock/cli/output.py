"""What commands print and how they end: results on stdout, everything else on stderr, one JSON document with --json."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from crossdock.errors import CrossdockError, InputError

INTERRUPTED = 130
_partial: dict[str, Any] = {}


def show(as_json: bool, document: Mapping[str, Any] | Sequence[Any], lines: Sequence[str]) -> None:
    """A command's result: the document with --json, else lines for a person."""
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))
        return
    for line in lines:
        click.echo(line)


def on_failure(document: Mapping[str, Any]) -> None:
    """What a command that then fails has to say beside its error, with --json."""
    _partial.update(document)


def guarded(command: click.Command, arguments: list[str]) -> int:
    """Run a command; its exit code. Errors of ours are shown without a traceback."""
    as_json = "--json" in arguments
    _partial.clear()
    try:
        code = command.main(args=arguments, prog_name="crossdock", standalone_mode=False)
    except CrossdockError as error:
        _show_error(error, as_json)
        return error.exit_code
    except click.ClickException as error:
        _document(as_json, {"message": error.format_message(), "kind": "UsageError"})
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _document(as_json, {"message": "interrupted", "kind": "Interrupted"})
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output went away, e.g. `crossdock schema | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # the last place: a fault of ours, said as such
        if os.environ.get("CROSSDOCK_TRACEBACK"):
            raise
        _document(as_json, {"message": f"{type(error).__name__}: {error}", "kind": "Fault"})
        click.echo(f"error: a fault in crossdock: {type(error).__name__}: {error}", err=True)
        click.echo("hint: run again with CROSSDOCK_TRACEBACK=1 and report what it prints", err=True)
        return 1
    return code if isinstance(code, int) else 0


def _show_error(error: CrossdockError, as_json: bool) -> None:
    document: dict[str, Any] = {
        "message": str(error), "kind": type(error).__name__, "details": list(error.details), "hint": error.advice,
    }
    if isinstance(error, InputError):
        document["problems"] = [
            {"file": p.position.file, "line": p.position.line, "column": p.position.column, "what": p.what,
             "hint": p.hint}
            for p in error.problems
        ]
    _document(as_json, document)
    for line in error_lines(error):
        click.echo(line, err=True)


def error_lines(error: CrossdockError) -> list[str]:
    """An error for a person: what, its details, one next action."""
    from crossdock.views.words import one_line

    lines = [f"error: {error}"]
    lines += [f"  {one_line(line)}" for detail in error.details for line in detail.split("\n")]
    return [*lines, f"hint: {error.advice}"] if error.advice else lines


def _document(as_json: bool, error: Mapping[str, Any]) -> None:
    if as_json:
        click.echo(json.dumps({**_partial, "error": error}, indent=2, ensure_ascii=False, default=str))
