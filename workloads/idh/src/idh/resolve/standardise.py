"""Bring registry rows, surveys and pages into one shape: the table `record`.

Columns: rid (dense number), record_id, source, npi (valid) and npi_raw (ten digits), first, middle, last (letters
only, lower
case), forms (every full form of the first name), other_last, parts (of a compound last name), suffix (jr, sr, ii,
...), code
or text of the specialty, street (number and first word), city, state, zip (five digits), the same again with a 2 for
the
registry's mailing address, phone (ten digits), email, domain (of the organisation), at. What is unknown is NULL.
"""

import duckdb
from nicknames import NickNamer

from idh.npi import valid_sql

_MACROS = r"""
CREATE OR REPLACE MACRO letters(s) AS nullif(regexp_replace(lower(strip_accents(s)), '[^a-z]', '', 'g'), '');
CREATE OR REPLACE MACRO digits(s) AS regexp_replace(s, '[^0-9]', '', 'g');
CREATE OR REPLACE MACRO phone_of(s) AS CASE WHEN length(digits(s)) = 10 THEN digits(s)
    WHEN length(digits(s)) = 11 AND digits(s)[1] = '1' THEN digits(s)[2:] END;
CREATE OR REPLACE MACRO zip_of(s) AS CASE WHEN length(digits(s)) >= 5 THEN digits(s)[1:5]
    WHEN length(digits(s)) IN (3, 4) THEN lpad(digits(s), 5, '0') END;
CREATE OR REPLACE MACRO street_of(s) AS nullif(regexp_extract(lower(s),
    '^\s*([0-9]+[a-z]?\s+(?:[nsew]\.?\s+)?[a-z0-9]+)', 1), '');
CREATE OR REPLACE MACRO email_of(s) AS CASE WHEN regexp_full_match(lower(trim(s)), '[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+')
    THEN lower(trim(s)) END;
-- without titles and credentials: "Dr. Ann B. Lee-Roth Jr., M.D., FACP" -> "ann b lee-roth jr"
CREATE OR REPLACE MACRO plain_name(s) AS
    trim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    lower(strip_accents(s)),
    '^\s*((dr|prof|professor|doctor|mr|mrs|ms|miss)\b\.?\s*)+', ''),
    '\(.*?\)|"[^"]*"', ' ', 'g'),
    '(,\s*|\s+)(m\.?\s?d|d\.?\s?o|ph\.?\s?d|m\.?b\.?b\.?s|m\.?p\.?h|m\.?b\.?a|m\.?s|msc|dpm|dds|dmd)\b\.?(\s*($|,|;|/))',
    '\3', 'g'),
    ',\s*(f[a-z\.]{2,6}|mph|mba|rn|np|pa-?c|esq|cpe)\b\.?', '', 'g'),
    '[^a-z,'' -]', ' ', 'g'));
CREATE OR REPLACE MACRO suffix_of(s) AS nullif(regexp_replace(regexp_extract(lower(s),
    '[\s,](jr|sr|iii|ii|iv)\b\.?\s*(,|$)', 1), '[^a-z]', '', 'g'), '');
CREATE OR REPLACE MACRO no_suffix(s) AS trim(regexp_replace(lower(s), '[\s,]+(jr|sr|iii|ii|iv)\b\.?\s*(,|$)', '\2'));
-- [first, middle, last] of a plain name in either order; particles belong to the last name
CREATE OR REPLACE MACRO ordered(s) AS CASE WHEN contains(s, ',')
    THEN trim(split_part(s, ',', 2)) || ' ' || replace(trim(split_part(s, ',', 1)), ' ', '~') ELSE s END;
CREATE OR REPLACE MACRO joined(s) AS regexp_replace(s,
    '([\s~])(van|von|der|den|de|del|della|di|da|la|le|el|al|bin|ibn|st|ter|ten|mac|mc|o)\s(\S)', '\1\2~\3', 'g');
CREATE OR REPLACE MACRO words(s) AS list_filter(string_split(joined(joined(ordered(s))), ' '), lambda w :
    regexp_matches(w, '[a-z]'));
CREATE OR REPLACE MACRO state_of(s) AS CASE WHEN length(trim(s)) = 2 THEN upper(trim(s)) END;
"""

_RECORDS = """
CREATE OR REPLACE TABLE raw_record AS
WITH registry AS (
    SELECT record_id, 'nppes' AS source, npi, "first", middle, no_suffix("last") AS "last", '' AS full_name,
        coalesce(suffix_of(' ' || suffix), suffix_of("last")) AS suffix, other_first, no_suffix(other_last) AS
            other_last,
        code, '' AS specialty_text, street, city, state, zip, street2, city2, state2, zip2, phone, '' AS email, '' AS
            domain, "at"
    FROM nppes WHERE entity IN ('1', '')
), answers AS (
    SELECT record_id, 'survey', npi, first_name, middle_name, no_suffix(last_name), '', suffix_of(last_name), '', '',
        '',
        specialty_text, street, city, state, zip, '', '', '', '', phone, email, '', submitted_at FROM survey
), pages AS (
    SELECT record_id, 'web', npi, first_name, middle_name, no_suffix(last_name), full_name_raw,
        coalesce(suffix_of(last_name), suffix_of(plain_name(full_name_raw))), '', '', '',
        specialty_text, street, city, state, zip, '', '', '', '', phone, email, org_domain, collected_at FROM web
), everything AS (
    SELECT * FROM registry UNION ALL SELECT * FROM answers UNION ALL SELECT * FROM pages
), split AS (
    SELECT *, CASE WHEN "first" = '' OR "last" = '' THEN words(no_suffix(plain_name(full_name))) END AS w FROM
        everything
)
SELECT (row_number() OVER (ORDER BY source, record_id))::INTEGER AS rid, record_id, source,
    CASE WHEN {valid_npi} THEN digits(npi) END AS npi,
    CASE WHEN length(digits(npi)) BETWEEN 9 AND 11 THEN digits(npi) END AS npi_raw,
    letters(CASE WHEN w IS NULL OR len(w) < 2 THEN "first" ELSE w[1] END) AS "first",
    letters(CASE WHEN middle = '' AND len(w) > 2 THEN array_to_string(w[2:-2], '') ELSE middle END) AS middle,
    CASE WHEN w IS NULL OR len(w) < 1 THEN lower(strip_accents("last")) ELSE w[-1] END AS last_written,
    letters(other_first) AS other_first, letters(other_last) AS other_last, suffix, nullif(code, '') AS code,
    nullif(trim(regexp_replace(lower(specialty_text), '[^a-z0-9]+', ' ', 'g')), '') AS specialty_text,
    street_of(street) AS street, letters(city) AS city, state_of(state) AS state, zip_of(zip) AS zip,
    street_of(street2) AS street2, letters(city2) AS city2, state_of(state2) AS state2, zip_of(zip2) AS zip2,
    phone_of(phone) AS phone, email_of(email) AS email, nullif(lower(domain), '') AS domain, "at"
FROM split;
"""

# First and last name exchanged: each is far more common in the registry in the other's role.
_FINISHED = """
CREATE OR REPLACE TABLE record AS
WITH firsts AS (SELECT "first" AS n, count(*) AS c FROM raw_record WHERE source = 'nppes' GROUP BY 1),
lasts AS (SELECT letters(last_written) AS n, count(*) AS c FROM raw_record WHERE source = 'nppes' GROUP BY 1),
told AS (
    SELECT r.*, letters(last_written) AS last0,
        source <> 'nppes' AND (coalesce(fl.c, 0) + 0.2) * (coalesce(lf.c, 0) + 0.2)
            > 100 * (coalesce(ff.c, 0) + 0.2) * (coalesce(ll.c, 0) + 0.2) AS swapped
    FROM raw_record r
    LEFT JOIN firsts ff ON ff.n = r."first" LEFT JOIN lasts ll ON ll.n = letters(last_written)
    LEFT JOIN firsts fl ON fl.n = letters(last_written) LEFT JOIN lasts lf ON lf.n = r."first"
), named AS (
    SELECT * EXCLUDE ("first", last0), CASE WHEN swapped THEN last0 ELSE "first" END AS "first",
        CASE WHEN swapped THEN "first" ELSE last0 END AS "last" FROM told
)
SELECT n.* EXCLUDE (raw_first, raw_parts, code, specialty_text, swapped, last_written),
    coalesce(f.forms, [n."first"]) AS forms,
    CASE WHEN len(raw_parts) > 1 THEN raw_parts END AS parts, code, specialty_text
FROM (SELECT *, "first" AS raw_first,
        list_filter(list_transform(string_split_regex(last_written, '[^a-z]+'), lambda p : letters(p)), lambda p :
            length(p) > 2) AS raw_parts
      FROM named) n
LEFT JOIN nickname_forms f ON f.name = n."first"
ORDER BY rid;
DROP TABLE raw_record;
"""


def nickname_rows() -> list[tuple[str, list[str]]]:
    """(name, [every full form of it, the name itself first]) for names that have more than one form."""
    lookup = NickNamer().canonical_lookup
    return [(name, [name, *sorted(full - {name})]) for name, full in sorted(lookup.items())]


def standardise(db: duckdb.DuckDBPyConnection) -> None:
    """Make `record` from the views `nppes`, `survey` and `web`."""
    db.execute(_MACROS)
    rows = nickname_rows()
    db.execute("CREATE OR REPLACE TABLE nickname_forms (name VARCHAR, forms VARCHAR[])")
    db.execute("INSERT INTO nickname_forms SELECT unnest(?), unnest(?)", [[r[0] for r in rows], [r[1] for r in rows]])
    db.execute(_RECORDS.format(valid_npi=valid_sql("digits(npi)")).replace("{{", "{").replace("}}", "}"))
    db.execute(_FINISHED)
