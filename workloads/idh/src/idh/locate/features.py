"""What is known about each address a physician may have: the table `candidate`, one row per physician and address.

Every feature is a fact of this run, on a scale that means the same in any run; `FEATURES` lists what the score reads.
"""

import duckdb

# name -> (SQL over `fact`, what a reader is told when it weighs in)
FEATURES: dict[str, tuple[str, str]] = {
    "constant": ("1", "any observed address"),
    "surveys": ("least(surveys, 4)", "surveys in which the physician gave it"),
    "survey_any": ("(surveys > 0)::INT", "given by the physician in a survey"),
    "pages": ("least(ln(1 + pages), 2)", "pages that show it"),
    "sources": ("least(hosts - 1, 3)", "further independent sources"),
    "records": ("ln(records)", "records that carry it"),
    "provider": ("(kind = 'personal')::INT", "at a provider of personal mail"),
    "own_domain": ("(kind = 'own')::INT", "at a domain that hardly anyone else uses"),
    "full_name": ("(has_first AND has_last)::INT", "contains first and last name"),
    "last_name": ("(has_last AND NOT has_first)::INT", "contains the last name"),
    "initial_last": ("(has_last AND initial_last AND NOT has_first)::INT", "initial and last name"),
    "first_name": ("(has_first AND NOT has_last)::INT", "contains the first name"),
    "likeness": ("likeness", "likeness to the name"),
    "other_name": ("other_name::INT", "names somebody else"),
    "nameless": ("(NOT has_first AND NOT has_last AND NOT other_name AND likeness < 0.75)::INT", "names nobody"),
    "age": ("least(age, 10)", "years since it was last seen"),
    "relative_age": ("least(age / greatest(span, 0.5), 1.5)", "age, compared with the run's oldest"),
    "survey_age": (
        "CASE WHEN surveys > 0 THEN least(survey_age / greatest(span, 0.5), 1.5) ELSE 0 END",
        "age of the last survey that has it",
    ),
    "superseded": ("(newer_rival)::INT", "a later record has another one"),
    "shared": ("least(people - 1, 3)", "other physicians who have it"),
    "outranked": ("outranked::INT", "fits another physician better"),
    "share": ("records / all_records::DOUBLE", "share of the address's records"),
    "link": ("ln(greatest(1 - link, 0.001)) / ln(0.001)", "how sure the records are the physician's"),
    "delivered": ("(delivered > 0 AND bounced = 0)::INT", "mail was delivered"),
    "engaged": ("(opened > 0)::INT", "mail was opened"),
    "clicked": ("(clicked > 0)::INT", "a link was followed"),
    "bounced": ("(bounced > 0)::INT", "mail bounced for good"),
    "misspelt": ("misspelt::INT", "one letter from another address of theirs"),
    "agreement": ("logit(agreement)", "how often this run's sources agree"),
    "agreement_single": (
        "CASE WHEN records = 1 THEN logit(agreement) ELSE 0 END",
        "how often sources agree, seen once",
    ),
    "kept": ("logit(kept)", "how often this run's addresses are still used after so long"),
    "kept_single": ("CASE WHEN records = 1 THEN logit(kept) ELSE 0 END", "still used after so long, seen once"),
    "unmailed": (
        "CASE WHEN delivered + bounced = 0 THEN bounce_rate ELSE 0 END",
        "how often this run's mail bounces, never mailed",
    ),
}

_FACTS = """
CREATE OR REPLACE MACRO gap_of(years) AS CASE WHEN years < 0.5 THEN 0 WHEN years < 1 THEN 1 WHEN years < 2 THEN 2
    WHEN years < 3 THEN 3
    WHEN years < 4 THEN 4 WHEN years < 6 THEN 5 ELSE 6 END;
CREATE OR REPLACE MACRO logit(p) AS ln(least(greatest(p, 0.02), 0.98) / (1 - least(greatest(p, 0.02), 0.98)));
CREATE OR REPLACE TABLE person_name AS
SELECT a.anchor, list_filter(list_distinct(flatten(list(r.forms))), lambda f : length(f) > 2) AS firsts,
    list_filter(list_distinct(list_concat(list(r."last"), list(r.other_last))), lambda l : length(l) > 2) AS lasts,
    list_distinct(list(r."first"[1])) AS initials
FROM assignment a JOIN record r USING (rid) GROUP BY a.anchor;

CREATE OR REPLACE TABLE known_first AS
SELECT "first" AS name FROM record WHERE source = 'nppes' AND length("first") > 2 GROUP BY 1 HAVING count(*) >= 3;
CREATE OR REPLACE TABLE known_last AS
SELECT "last" AS name FROM record WHERE source = 'nppes' AND length("last") > 3 GROUP BY 1 HAVING count(*) >= 2;

CREATE OR REPLACE TABLE happened AS
SELECT email_of(email) AS email, count(*) FILTER (event = 'delivered') AS delivered,
    count(*) FILTER (event IN ('open', 'click')) AS opened, count(*) FILTER (event = 'click') AS clicked,
    count(*) FILTER (event IN ('hard_bounce', 'bounce')) AS bounced
FROM campaign_events GROUP BY 1;

CREATE OR REPLACE TABLE seen AS
SELECT a.anchor, o.*, d.kind, a.probability,
    CASE WHEN o.source = 'survey' THEN 'survey' ELSE coalesce(nullif(w.source_kind, ''), 'web') END AS origin,
    CASE WHEN o.source = 'survey' THEN 'survey' ELSE regexp_extract(w.source_url, '//([^/]+)', 1) END AS host
FROM observation o JOIN assignment a USING (rid) JOIN address d USING (email) JOIN record r USING (rid)
LEFT JOIN web w ON o.source = 'web' AND w.record_id = r.record_id;

CREATE OR REPLACE TABLE fitted_fact AS
WITH newest AS (SELECT max(day) AS today, greatest(date_diff('day', quantile_cont(day, 0.02)::DATE, max(day)) /
    365.25, 0.5) AS span FROM observation),
one AS (
    SELECT s.anchor, s.email, any_value(s.local) AS local, any_value(s.kind) AS kind, count(*) AS records,
        count(DISTINCT host) AS hosts,
        count(*) FILTER (s.source = 'survey') AS surveys, count(*) FILTER (s.source = 'web') AS pages,
        max(s.day) AS last_day, max(s.day) FILTER (s.source = 'survey') AS last_survey, max(s.probability) AS link
    FROM seen s WHERE s.kind IN ('personal', 'own') GROUP BY s.anchor, s.email
), fitted AS (
    SELECT one.*, regexp_replace(local, '[^a-z]', '', 'g') AS letters_only, n.firsts, n.lasts, n.initials,
        list_filter(n.lasts, lambda l : contains(regexp_replace(local, '[^a-z]', '', 'g'), l)) AS lasts_in,
        len(list_filter(n.firsts, lambda f : contains(regexp_replace(local, '[^a-z]', '', 'g'), f))) > 0 AS has_first
    FROM one JOIN person_name n USING (anchor)
), likened AS (
    SELECT *, len(lasts_in) > 0 AS has_last,
        len(lasts_in) > 0 AND len(list_filter(initials, lambda i : contains(letters_only, i || lasts_in[1]) OR
            contains(letters_only, lasts_in[1] || i))) > 0 AS initial_last,
        coalesce(list_max(list_transform(lasts, lambda l : greatest(
            jaro_winkler_similarity(letters_only, firsts[1] || l), jaro_winkler_similarity(letters_only, l ||
                firsts[1]),
            jaro_winkler_similarity(letters_only, coalesce(initials[1], '') || l)))), 0) AS likeness,
        CASE WHEN len(lasts_in) > 0 THEN replace(letters_only, lasts_in[1], '') END AS beside_last,
        list_filter(string_split_regex(local, '[^a-z]+'), lambda t : length(t) > 2) AS tokens
    FROM fitted
), named AS (
    SELECT l.*, NOT has_first AND (
            coalesce(beside_last IN (SELECT name FROM known_first), false)
            OR (NOT has_last AND likeness < 0.85 AND len(list_filter(tokens, lambda t : list_contains(k.lasts, t) OR
                list_contains(k.firsts, t))) > 0)
            OR (NOT has_last AND likeness < 0.85 AND len(tokens) = 1 AND length(tokens[1]) > 4 AND
                coalesce(list_contains(k.lasts, tokens[1][2:]), false))) AS other_name,
        2 * has_first::INT + 2 * has_last::INT + initial_last::INT + least(surveys, 3) AS fit
    FROM likened l, (SELECT (SELECT list(name) FROM known_last) AS lasts, (SELECT list(name) FROM known_first) AS
        firsts) k
), ranked AS (
    SELECT *, count(*) OVER (PARTITION BY email) AS people, sum(records) OVER (PARTITION BY email) AS all_records,
        max(fit) OVER (PARTITION BY email) AS best_fit, max(last_day) OVER (PARTITION BY anchor) AS person_day
    FROM named
)
SELECT r.* EXCLUDE (firsts, lasts, initials, tokens), coalesce(date_diff('day', last_day, today) / 365.25, span) AS age,
    coalesce(date_diff('day', last_survey, today) / 365.25, span) AS survey_age, span, best_fit > fit AS outranked,
    coalesce(person_day > last_day, false) AS newer_rival,
    coalesce(h.delivered, 0) AS delivered, coalesce(h.opened, 0) AS opened, coalesce(h.clicked, 0) AS clicked,
    coalesce(h.bounced, 0) AS bounced,
    EXISTS (FROM one o WHERE o.anchor = r.anchor AND o.email <> r.email AND o.records >= r.records AND
        damerau_levenshtein(o.email, r.email) = 1) AS misspelt
FROM ranked r CROSS JOIN newest LEFT JOIN happened h USING (email);

-- What the run says about itself, without labels: of two records of one physician that each show a plausible
-- personal address, how often is it the same one? By origin of the record, and by the years between
-- the two (which tells how fast addresses go stale).
CREATE OR REPLACE TABLE twice AS
WITH plausible AS (
    SELECT s.anchor, s.rid, s.email, s.origin, s.day FROM seen s JOIN fitted_fact f USING (anchor, email) WHERE NOT
        f.other_name AND NOT f.outranked
)
SELECT a.origin, a.email = b.email AS same, gap_of(coalesce(date_diff('day', a.day, b.day) / 365.25, 0)) AS gap
FROM plausible a JOIN plausible b ON a.anchor = b.anchor AND a.rid <> b.rid AND (a.day <= b.day OR a.day IS NULL OR
    b.day IS NULL);
CREATE OR REPLACE TABLE overall AS SELECT (count(*) FILTER (same) + 8) / (count(*) + 10.0) AS agreement FROM twice;
CREATE OR REPLACE TABLE by_origin AS
SELECT origin, (count(*) FILTER (same) + 20 * any_value(o.agreement)) / (count(*) + 20.0) AS agreement FROM twice,
    overall o GROUP BY origin;
CREATE OR REPLACE TABLE by_gap AS
SELECT gap, (count(*) FILTER (same) + 20 * any_value(o.agreement)) / (count(*) + 20.0) AS agreement FROM twice,
    overall o GROUP BY gap;

CREATE OR REPLACE TABLE fact AS
WITH origins AS (SELECT s.anchor, s.email, max(g.agreement) AS agreement FROM seen s JOIN by_origin g USING (origin)
    GROUP BY ALL),
bounces AS (SELECT (count(*) FILTER (bounced > 0) + 1) / (count(*) FILTER (bounced + delivered > 0) + 20.0) AS
    bounce_rate FROM fitted_fact
    WHERE NOT other_name AND NOT outranked)
SELECT f.*, coalesce(g.agreement, o.agreement) AS agreement, coalesce(k.agreement, o.agreement) AS kept, bounce_rate
FROM fitted_fact f CROSS JOIN overall o CROSS JOIN bounces LEFT JOIN origins g USING (anchor, email) LEFT JOIN by_gap
    k ON k.gap = gap_of(f.age);
"""


def collect(db: duckdb.DuckDBPyConnection) -> None:
    """Make `candidate` (anchor, email and one column per feature) from what `classify` left."""
    db.execute(_FACTS)
    chosen = ", ".join(f"({expression})::DOUBLE AS {name}" for name, (expression, _) in FEATURES.items())
    db.execute(f"CREATE OR REPLACE TABLE candidate AS SELECT anchor, email, {chosen} FROM fact ORDER BY anchor, email")
