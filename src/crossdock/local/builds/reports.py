"""Test reports (CodeBuild User Guide, "Test reports" and `reports` in the build specification reference): JUnit files
become cases of a report. Other formats are accepted and not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from crossdock.local.builds.artifacts import ArtifactError, select
from crossdock.local.builds.buildspec import Artifacts, ReportSpec

_STATUS = {"failure": "FAILED", "error": "ERROR", "skipped": "SKIPPED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test. `status`: SUCCEEDED, FAILED, ERROR or SKIPPED; `nanoseconds` that it took."""

    file: str
    suite: str
    prefix: str
    name: str
    status: str
    message: str
    nanoseconds: int

    def draw(self, report: str) -> dict[str, Any]:
        """As DescribeTestCases answers it."""
        return {
            "reportArn": report, "testRawDataPath": self.file, "prefix": self.prefix, "name": self.name,
            "status": self.status, "durationInNanoSeconds": self.nanoseconds, "message": self.message,
            "testSuiteName": self.suite,
        }


def found(spec: ReportSpec, name: str, source: Path) -> list[Case]:
    """The cases in a report's files. Raises ArtifactError when there are none, or one is no JUnit file."""
    base = (source / spec.base).resolve() if spec.base else source
    try:
        files = select(Artifacts(files=spec.files), base) if base.is_dir() else []
    except ArtifactError:
        files = []
    if not files:
        raise ArtifactError(f"Error in UPLOAD_ARTIFACTS phase: [{name}: [report files not found in build]]")
    cases: list[Case] = []
    for path, inner in files:
        try:
            cases += _cases(ElementTree.fromstring(path.read_bytes()), inner)
        except ElementTree.ParseError as error:
            said = f"{inner} is not JUnit XML: {error}"
            raise ArtifactError(f"Error in UPLOAD_ARTIFACTS phase: [{name}: [{said}]]") from error
    return cases


def _cases(root: ElementTree.Element, file: str) -> Iterable[Case]:
    for suite in root.iter("testsuite"):
        for case in suite.findall("testcase"):
            said = next((child for child in case if child.tag in _STATUS), None)
            message = "" if said is None else said.get("message") or (said.text or "").strip()
            yield Case(
                file=file, suite=suite.get("name", ""), prefix=case.get("classname", ""), name=case.get("name", ""),
                status=_STATUS[said.tag] if said is not None else "SUCCEEDED", message=message,
                nanoseconds=int(float(case.get("time") or 0) * 1e9),
            )


def summary(cases: Iterable[Case]) -> Mapping[str, Any]:
    """Counts and duration, as a report shows them."""
    held = list(cases)
    counts: dict[str, int] = {}
    for case in held:
        counts[case.status] = counts.get(case.status, 0) + 1
    return {"total": len(held), "statusCounts": counts, "durationInNanoSeconds": sum(c.nanoseconds for c in held)}
