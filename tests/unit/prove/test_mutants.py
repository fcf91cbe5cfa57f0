"""A sample of what `make mutants` does in full."""

from __future__ import annotations

from mutants import mutants, noticed


def test_mutants_of_every_kind_and_template_are_made(small):
    made = list(mutants(small.deployed))
    assert len(made) > 300
    assert {mutant.template for mutant in made} >= {
        f"templates/{name}.yaml" for name in (
            "delivery-build", "delivery-pipeline", "delivery-target-roles", "foundation-artifacts", "foundation-logs")}
    assert sum(bool(mutant.lost) for mutant in made) > 100


def test_a_lost_statement_or_action_is_noticed(small):
    lost = [mutant for mutant in mutants(small.deployed) if mutant.lost]
    for mutant in lost[::12]:
        assert noticed(mutant, small), mutant.title


def test_a_grant_that_nobody_should_have_is_noticed(desk):
    broad = [mutant for mutant in mutants(desk.deployed) if not mutant.lost]
    for mutant in broad[::20]:
        assert noticed(mutant, desk), mutant.title
