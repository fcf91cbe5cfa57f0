"""examples/access on paper, in some of its environments, and ways to break it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "scripts")]

from mutants import Ground, ground  # noqa: E402
from proving import ROOT  # noqa: E402

from crossdock.model.proof import Proof  # noqa: E402
from crossdock.prove import of, stage  # noqa: E402


@pytest.fixture(scope="session")
def desk() -> Ground:
    """Two environments in one account, one in another, two services."""
    return ground(ROOT / "examples" / "access", ("develop", "staging", "master"))


@pytest.fixture(scope="session")
def small() -> Ground:
    """One environment of the same."""
    return ground(ROOT / "examples" / "access", ("develop",))


Break = Callable[..., Proof]


@pytest.fixture
def broken(small: Ground) -> Break:
    """The proof after one place of a template, or of a service's, was changed."""

    def prove(template: str, old: str, new: str) -> Proof:
        texts, sources = dict(small.texts), dict(small.sources)
        if template in sources:
            text = sources[template].text
            sources[template] = replace(sources[template], text=text.replace(old, new))
        else:
            text = texts[f"templates/{template}.yaml"]
            texts[f"templates/{template}.yaml"] = text.replace(old, new)
        assert old in text, f"{old!r} is not in {template}"
        return of(stage(small.assembly, texts, sources))

    return prove
