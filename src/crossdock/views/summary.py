"""The end of a run in words: what was delivered where, at which commit, how long it took, what answered."""

from __future__ import annotations

from crossdock.model.events import Run
from crossdock.views.words import count, duration


def summary(run: Run) -> list[str]:
    """Lines for a person; what matters most comes last, where the eye is."""
    lines: list[str] = []
    if run.steps:
        lines.append("steps")
        width = max(len(str(step["step"])) for step in run.steps)
        for step in run.steps:
            detail = f"  {step['detail']}" if step.get("detail") and step.get("ok") else ""
            failed = "" if step.get("ok") else "  FAILED"
            lines.append(f"  {step['step']!s:<{width}}  {duration(step.get('seconds', 0.0)):>11}{failed}{detail}")
    if run.substitutions:
        lines.append("otherwise than on AWS")
        lines += [f"  {sentence}" for sentence in run.substitutions]
    for delivery in run.deliveries:
        lines.append(
            f"{delivery['service']} to {delivery['environment']} (account {delivery['account']}): {delivery['status']}"
            f" at commit {delivery['commit'][:12]} in {duration(delivery['seconds'])}"
        )
        if delivery["endpoint"]:
            lines.append(f"  endpoint  {delivery['endpoint']}")
        lines += [f"  {'ok' if c['ok'] else 'FAILED'}  {c['name']}  {c['detail']}" for c in delivery["checks"]]
    if run.ok and run.deliveries:
        checks = sum(len(delivery["checks"]) for delivery in run.deliveries)
        lines.append(
            f"{count(len(run.deliveries), 'delivery', 'deliveries')} and {count(checks, 'check', 'checks')} succeeded"
            f" in {duration(run.seconds)}"
        )
    return lines
