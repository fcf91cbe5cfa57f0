"""Who must not be written to, closed over the person.

An opt-out in one record, of one address, or of an NPI counts for the whole physician and for each address of theirs,
also where
the record only may be theirs. Sources of opt-outs: the suppression list (by person, by SHA-256 of an address),
consent in
surveys, complaints and unsubscriptions in campaign events. A later opt-in takes nothing back: that needs the ledger
of consent.
"""

import duckdb

OPT_OUT_EVENTS = ("complaint", "unsubscribe", "unsubscribed", "opt_out", "optout", "spam", "spamreport")

_SUPPRESSED = """
CREATE OR REPLACE TABLE belongs AS
SELECT rid, anchor FROM assignment UNION SELECT rid, anchor FROM possible;

CREATE OR REPLACE TABLE out_address AS      -- addresses whose owner said no
SELECT DISTINCT o.email, 'suppression list' AS reason FROM (SELECT DISTINCT email FROM record WHERE email IS NOT NULL) o
JOIN suppression s ON lower(s.email_sha256) = sha256(o.email) WHERE s.email_sha256 <> ''
UNION SELECT email_of(email), 'campaign event' FROM campaign_events WHERE lower("event") IN {events} AND
    email_of(email) IS NOT NULL;

CREATE OR REPLACE TABLE suppressed AS       -- physicians, each with one reason
WITH opted AS (
    SELECT b.anchor, 'NPI on the suppression list' AS reason FROM suppression s JOIN record r ON r.npi_raw =
        digits(s.npi) JOIN belongs b USING (rid)
    WHERE s.npi <> ''
    UNION ALL
    SELECT b.anchor, 'opted out in a survey' FROM survey v JOIN record r USING (record_id) JOIN belongs b USING (rid)
    WHERE lower(v.consent) IN ('opt_out', 'optout', 'opt-out')
    UNION ALL
    SELECT b.anchor, 'an address of theirs: ' || a.reason FROM out_address a JOIN record r USING (email) JOIN belongs
        b USING (rid)
)
SELECT anchor, min(reason) AS reason FROM opted GROUP BY anchor;

CREATE OR REPLACE TABLE suppressed_address AS       -- every address seen with one of them
SELECT DISTINCT r.email, 'shared with a suppressed physician' AS reason FROM suppressed s JOIN belongs a USING
    (anchor) JOIN record r USING (rid)
WHERE r.email IS NOT NULL
UNION SELECT email, reason FROM out_address;
"""


def close(db: duckdb.DuckDBPyConnection) -> None:
    """Make `suppressed` (anchor, reason) and `suppressed_address` (email, reason)."""
    db.execute(_SUPPRESSED.replace("{events}", str(OPT_OUT_EVENTS)))
