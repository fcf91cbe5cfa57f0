"""The linkage model: what agreement and disagreement of two records' fields say about whether they are one person's.

Fellegi and Sunter's model as Splink has it: a weight per level of each comparison, trained without labels by
expectation
maximisation on the run's own records, common names weighing less than rare ones.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import CustomLevel
from splink.comparison_library import CustomComparison

from idh import sql
from idh.resolve import train

_LEAST_M, _LEAST_U = 0.003, 1e-9
_ENOUGH_RECORDS, _ENOUGH_PAIRS = 3000, 500  # fewer teach a model nothing: the prior stands
PRIOR = Path(__file__).with_name("prior.json")
# What the model reads of a record.
COLUMNS = (
    "rid",
    "source",
    "npi",
    "npi_raw",
    "first",
    "middle",
    "last",
    "other_last",
    "parts",
    "forms",
    "suffix",
    "spec",
    "specs",
    "street",
    "city",
    "state",
    "zip",
    "street2",
    "city2",
    "state2",
    "zip2",
    "phone",
    "email",
    "domain",
)


def _level(condition: str, label: str, **options: Any) -> Any:
    return CustomLevel(condition, label).configure(**options)


def _null(condition: str) -> Any:
    return _level(condition, "unknown", is_null_level=True)


_ELSE = ("ELSE", "different")
_ZIPS = "zip_l = zip_r OR zip_l = zip2_r OR zip2_l = zip_r"
_CITIES = (
    "(city_l = city_r AND state_l = state_r) OR (city_l = city2_r AND state_l = state2_r) "
    "OR (city2_l = city_r AND state2_l = state_r)"
)
_AREAS = "zip_l[1:3] = zip_r[1:3] OR zip_l[1:3] = zip2_r[1:3] OR zip2_l[1:3] = zip_r[1:3]"
_STATES = "state_l = state_r OR state_l = state2_r OR state2_l = state_r"


def _exact(column: str, likelihood: float) -> Any:
    """Equal or not, for a value so rare that a random sample of pairs never agrees on it."""
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            _null(f"{column}_l IS NULL OR {column}_r IS NULL"),
            _level(
                f"{column}_l = {column}_r",
                "same",
                tf_adjustment_column=column,
                u_probability=likelihood,
                fix_u_probability=True,
            ),
            _level(*_ELSE, u_probability=1 - likelihood, fix_u_probability=True),
        ],
    )


def _rare(column: str, collision: dict[str, float]) -> dict[str, Any]:
    return {
        "tf_adjustment_column": column,
        "disable_tf_exact_match_detection": True,
        "u_probability": collision[column],
        "fix_u_probability": True,
    }


def comparisons(collision: dict[str, float]) -> list[Any]:
    """All comparisons; `collision[column]` is the chance that records of different people share its value."""
    npi = collision["npi"]
    return [
        CustomComparison(
            output_column_name="npi",
            comparison_levels=[
                _null("npi_raw_l IS NULL OR npi_raw_r IS NULL"),
                _level("npi_l = npi_r", "same", u_probability=npi, fix_u_probability=True),
                _level(
                    "(npi_l IS NULL OR npi_r IS NULL) AND damerau_levenshtein(npi_raw_l, npi_raw_r) <= 1",
                    "a typo apart",
                    u_probability=30 * npi,
                    fix_u_probability=True,
                ),
                _level(*_ELSE, u_probability=1 - 31 * npi, fix_u_probability=True),
            ],
        ),
        CustomComparison(
            output_column_name="last",
            comparison_levels=[
                _null('"last_l" IS NULL OR "last_r" IS NULL'),
                _level('"last_l" = "last_r"', "same", tf_adjustment_column="last"),
                _level(
                    '"other_last_l" = "last_r" OR "last_l" = "other_last_r" OR list_contains(parts_l, "last_r") '
                    'OR list_contains(parts_r, "last_l")',
                    "another of their names",
                ),
                _level('damerau_levenshtein("last_l", "last_r") <= 1 AND length("last_l") > 3', "a typo apart"),
                _level('jaro_winkler_similarity("last_l", "last_r") > 0.9', "similar"),
                _level(*_ELSE),
            ],
        ),
        CustomComparison(
            output_column_name="first",
            comparison_levels=[
                _null('"first_l" IS NULL OR "first_r" IS NULL'),
                _level(
                    '"first_l" = "first_r" AND length("first_l") > 1',
                    "same",
                    tf_adjustment_column="first",
                    disable_tf_exact_match_detection=True,
                ),
                _level('list_has_any(forms_l, forms_r)  AND length("first_l") > 1', "a nickname"),
                _level(
                    'damerau_levenshtein("first_l", "first_r") <= 1 AND length("first_l") > 3 '
                    'AND length("first_r") > 3',
                    "a typo apart",
                ),
                _level(
                    '(length("first_l") = 1 OR length("first_r") = 1) AND "first_l"[1] = "first_r"[1]', "the initial"
                ),
                _level(
                    "(length(middle_l) > 1 AND list_contains(forms_r, middle_l)) "
                    "OR (length(middle_r) > 1 AND list_contains(forms_l, middle_r))",
                    "goes by the middle name",
                ),
                _level('jaro_winkler_similarity("first_l", "first_r") > 0.88', "similar"),
                _level(*_ELSE),
            ],
        ),
        CustomComparison(
            output_column_name="middle",
            comparison_levels=[
                _null("middle_l IS NULL OR middle_r IS NULL"),
                _level(
                    "middle_l = middle_r AND length(middle_l) > 1",
                    "same",
                    tf_adjustment_column="middle",
                    disable_tf_exact_match_detection=True,
                ),
                _level(
                    "middle_l[1] = middle_r[1] AND (length(middle_l) = 1 OR length(middle_r) = 1 "
                    "OR damerau_levenshtein(middle_l, middle_r) <= 1)",
                    "the initial",
                ),
                _level(*_ELSE),
            ],
        ),
        CustomComparison(
            output_column_name="suffix",
            comparison_levels=[
                _null("suffix_l IS NULL AND suffix_r IS NULL"),
                _level("suffix_l = suffix_r", "same"),
                _level("suffix_l IS NULL OR suffix_r IS NULL", "one has none"),
                _level(*_ELSE),
            ],
        ),
        CustomComparison(
            output_column_name="specialty",
            comparison_levels=[
                _null("spec_l IS NULL OR spec_r IS NULL"),
                _level("spec_l = spec_r", "same", tf_adjustment_column="spec"),
                _level("list_has_any(specs_l, specs_r)", "may mean the same"),
                _level(*_ELSE),
            ],
        ),
        # One comparison of where they are found, the rarest agreement first: a telephone, a street and a domain that
        # colleagues
        # share are one fact, and would outweigh two different names if they counted three times.
        CustomComparison(
            output_column_name="place",
            comparison_levels=[
                _null(
                    "(zip_l IS NULL OR zip_r IS NULL) AND (state_l IS NULL OR state_r IS NULL) AND "
                    "(phone_l IS NULL OR phone_r IS NULL) AND (domain_l IS NULL OR domain_r IS NULL)"
                ),
                _level("phone_l = phone_r", "same telephone", **_rare("phone", collision)),
                _level("street_l = street_r AND " + f"({_AREAS})", "same street", **_rare("street", collision)),
                _level(
                    "(street_l = street2_r OR street2_l = street_r) AND " + f"({_AREAS})",
                    "same mailing street",
                    u_probability=collision["street"],
                    fix_u_probability=True,
                ),
                _level("domain_l = domain_r", "same organisation", **_rare("domain", collision)),
                _level(_ZIPS, "same zip"),
                _level(_CITIES, "same city"),
                _level(_AREAS, "same area"),
                _level(_STATES, "same state"),
                _level(*_ELSE),
            ],
        ),
        _exact("email", collision["email"]),
    ]


def _collisions(db: duckdb.DuckDBPyConnection) -> dict[str, float]:
    found = {}
    for column in ("npi", "street", "phone", "email", "domain"):
        shared = sql.value(
            db,
            f"""SELECT sum(c * c) / sum(c) / sum(c) FROM
            (SELECT count(*)::DOUBLE AS c FROM record WHERE {column} IS NOT NULL GROUP BY {column})""",
        )
        found[column] = min(max(shared or 1e-6, 1e-9), 0.01)
    return found


def _with_prior(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with the prior's probabilities where none were given."""
    prior: dict[str, dict[str, tuple[float, float]]] = json.loads(PRIOR.read_text()) if PRIOR.exists() else {}
    for comparison in settings["comparisons"]:
        known = prior.get(comparison["output_column_name"], {})
        for level in comparison["comparison_levels"]:
            if (found := known.get(level.get("label_for_charts", ""))) is not None:
                level["m_probability"] = found[0]
                if level.get("u_probability") is None:
                    level["u_probability"] = found[1]
    return settings


def _floored(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with no probability below the floor: what was never seen is rare, not impossible."""
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level["m_probability"] = max(level.get("m_probability") or 0.0, _LEAST_M)
                level["u_probability"] = max(level.get("u_probability") or 0.0, _LEAST_U)
    return settings


class Model:
    """A trained linker over the table `record`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db
        self.people = max(int(sql.value(db, "SELECT count(*) FROM record WHERE source = 'nppes'")), 2)
        chosen = ", ".join(f'"{column}"' for column in COLUMNS)
        db.execute(f"CREATE OR REPLACE VIEW model_input AS SELECT {chosen} FROM record")
        logging.getLogger("splink").setLevel(logging.ERROR)
        self.api = DuckDBAPI(connection=db)
        settings = _with_prior(
            SettingsCreator(
                link_type="dedupe_only",
                unique_id_column_name="rid",
                comparisons=comparisons(_collisions(db)),
                blocking_rules_to_generate_predictions=[block_on("npi")],
                probability_two_random_records_match=1 / self.people,
                retain_matching_columns=False,
                retain_intermediate_calculation_columns=False,
                max_iterations=25,
            ).create_settings_dict("duckdb")
        )
        self.settings: dict[str, Any] = _floored(settings)
        self.input = self.api.register("model_input", dataset_display_name="record")

    def train(self) -> None:
        """Estimate the probabilities from the run's own records; with too few of them the prior stands."""
        if train.enough(self, _ENOUGH_RECORDS, _ENOUGH_PAIRS):
            train.train(self)
            _floored(self.settings)

    @contextmanager
    def scored(self, pairs: str, *, detailed: bool = False) -> Iterator[str]:
        """The name of a table with a row per pair of the table `pairs` (left_rid, right_rid), dropped afterwards.

        Columns: rid_l, rid_r, match_weight, match_probability; with `detailed`, also what each comparison found
        (gamma_...) and
        weighed (mw_..., mw_tf_adj_...).
        """
        self.db.execute(f"""CREATE OR REPLACE TABLE {pairs}_blocked AS
            SELECT '0' AS match_key, left_rid AS join_key_l, right_rid AS join_key_r FROM {pairs}""")
        linker = Linker(
            self.input,
            {**self.settings, "retain_matching_columns": detailed, "retain_intermediate_calculation_columns": detailed},
            log_level=None,
        )
        linker.table_management.register_blocked_pairs_for_predict(self.api.register(f"{pairs}_blocked"))
        result = linker.inference.predict(warning_mode="never")
        yield result.physical_name
        result.drop_table_from_database_and_remove_from_cache()
        self.db.execute(f"DROP TABLE {pairs}_blocked")
