"""What cfn-lint says about the templates of an assembly."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crossdock.errors import Position, Problem


def lint(directory: Path) -> tuple[Problem, ...]:
    """Every finding of cfn-lint, informational ones included, in the templates of an assembly's directory."""
    return tuple(problem for file in sorted(directory.glob("templates/*.yaml")) for problem in lint_files([file]))


def lint_files(files: Iterable[Path]) -> tuple[Problem, ...]:
    """Every finding in these templates, in order of place."""
    from cfnlint.api import lint_file
    from cfnlint.config import ManualArgs

    found: list[Problem] = []
    for file in files:
        for match in lint_file(file, config=ManualArgs(include_checks=["I"])):
            position = Position(str(file), match.linenumber, match.columnnumber)
            found.append(Problem(position, f"{match.rule.id}: {match.message}", match.rule.source_url))
    return tuple(sorted(found, key=lambda problem: problem.position))
