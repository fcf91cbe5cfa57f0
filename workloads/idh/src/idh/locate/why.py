"""Why an address was chosen, or why none was."""

from dataclasses import dataclass

import duckdb

from idh.locate.features import FEATURES
from idh.locate.score import weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A candidate with everything that spoke for or against it: (what, natural logarithm of odds), strongest first."""

    email: str
    probability: float
    reasons: tuple[tuple[str, float], ...]
    seen: tuple[tuple[str, str, str], ...]  # (record_id, source or page, day)


def why(db: duckdb.DuckDBPyConnection, physician_id: str) -> tuple[Address, ...]:
    """All personal candidates of one physician, the likeliest first; empty when none was observed."""
    rows = db.execute(
        f"""
        SELECT s.email, s.probability, {", ".join("c." + name for name in FEATURES)}
        FROM scored s JOIN candidate c USING (anchor, email) JOIN physician_id p USING (anchor)
        WHERE p.physician_id = ? ORDER BY s.probability DESC, s.email""",
        [physician_id],
    ).fetchall()
    seen = db.execute(
        """
        SELECT s.email, r.record_id, s.host, coalesce(s.day::VARCHAR, '') FROM seen s JOIN record r USING (rid)
        JOIN physician_id p USING (anchor) WHERE p.physician_id = ? ORDER BY s.day DESC NULLS LAST, r.record_id""",
        [physician_id],
    ).fetchall()
    found = []
    for email, probability, *values in rows:
        said = [
            (FEATURES[name][1], round(weights()[name] * value, 2)) for name, value in zip(FEATURES, values, strict=True)
        ]
        found.append(
            Address(
                email=email,
                probability=probability,
                reasons=tuple(sorted((s for s in said if s[1]), key=lambda s: -abs(s[1]))),
                seen=tuple((record, host, day) for address, record, host, day in seen if address == email),
            )
        )
    return tuple(found)
