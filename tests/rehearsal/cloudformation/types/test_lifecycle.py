"""Five stories for each type of the core, seen through the services' own APIs."""

from __future__ import annotations

import pytest
from tests.rehearsal.cloudformation.types import lifecycle
from tests.rehearsal.cloudformation.types.records import RECORDS

from crossdock.local.cloudformation.resources.coverage import HANDLERS
from crossdock.template import schema

CORE = frozenset({
    "EC2", "RDS", "ElastiCache", "OpenSearchService", "IAM", "SSM", "S3", "KMS", "Lambda", "Events", "SNS", "SQS",
    "ECR", "ECS", "CodeCommit", "CodeBuild", "CodePipeline", "Logs", "CloudWatch", "ApiGateway", "ApiGatewayV2",
    "SecretsManager", "DynamoDB", "StepFunctions", "Scheduler",
})  # fmt: skip
CHANGES = [pytest.param(record, change, id=f"{record} {how}") for record in RECORDS
           for change, how in ((record.changed, "changed"), (record.replaced, "replaced")) if change is not None]


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_type_is_made_and_deleted(account, record):
    lifecycle.is_made_and_deleted(account, record)


@pytest.mark.parametrize("record", [record for record in RECORDS if record.changed is not None], ids=str)
def test_a_type_is_made_with_what_an_update_could_change(account, record):
    lifecycle.is_made_with_all_of_it(account, record)


@pytest.mark.parametrize("record", [record for record in RECORDS if record.changed is not None], ids=str)
def test_a_type_is_changed_in_place_and_changed_back(account, record):
    lifecycle.changes_in_place(account, record)


@pytest.mark.parametrize("record", [record for record in RECORDS if record.replaced is not None], ids=str)
def test_a_type_is_replaced_and_the_old_one_goes(account, record):
    lifecycle.is_replaced(account, record)


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_type_is_gone_when_its_creation_was_rolled_back(account, record):
    lifecycle.creation_is_rolled_back(account, record)


@pytest.mark.parametrize(("record", "change"), CHANGES)
def test_a_type_is_what_it_was_when_its_update_was_rolled_back(account, record, change):
    lifecycle.update_is_rolled_back(account, record, change)


def test_every_type_of_the_core_has_a_record():
    core = {kind for kind in HANDLERS if kind.split("::")[1] in CORE}
    assert not core - {record.type for record in RECORDS}


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_what_has_no_change_or_no_replacement_says_why(record):
    facts = schema.of(record.type)
    assert facts is not None
    assert bool(record.why) == (record.changed is None or record.replaced is None), record.why
    if record.changed is not None:
        assert facts.update(record.made, record.after(record.changed)).replacement != "always"
    if record.replaced is not None:
        names = {path.split(".")[0] for path in facts.primary_identifier}
        change = facts.update(record.made, record.after(record.replaced))
        assert change.replacement != "never" or names & {*change.properties}
