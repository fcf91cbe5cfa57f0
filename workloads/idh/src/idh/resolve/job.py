"""The resolver: `nppes`, `survey` and `web` in, `physician_record` out."""

import duckdb

from idh.resolve import ids, specialty
from idh.resolve.assign import Counts, assign
from idh.resolve.model import Model
from idh.resolve.standardise import standardise


def resolve(db: duckdb.DuckDBPyConnection) -> tuple[Counts, Model]:
    """Run the resolver over the views `nppes`, `survey` and `web` (see `idh.columns`).

    Reads the tables `verdict` (record_a, record_b, same: what reviewers ruled) and `former_id` (record_id,
    physician_id: the last
    run's result) where they exist. Makes `record`, `assignment`, `possible`, `review` and
    `physician_record` (record_id, physician_id, rid, anchor, probability, weight, round).
    """
    standardise(db)
    specialty.learn(db)
    model = Model(db)
    model.train()
    counts = assign(db, model)
    ids.name(db)
    return counts, model
