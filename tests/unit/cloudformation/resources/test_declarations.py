"""What the declared types say of themselves agrees with the APIs' models and CloudFormation's schemas."""

from __future__ import annotations

import functools
import gc

import pytest
from botocore.session import Session

from crossdock.iam.calls import operations
from crossdock.local.cloudformation.resources.coverage import HANDLERS
from crossdock.local.cloudformation.resources.declare import Kind, Step
from crossdock.local.store import SERVICES
from crossdock.template import schema

KINDS = sorted((one for one in gc.get_objects() if type(one) is Kind), key=lambda kind: kind.type)
OF_THE_ENGINE = {"AWS::CloudFormation::CustomResource"}


@functools.cache
def model(service):
    return Session().get_service_model(service)


def members(service, operation):
    shape = model(service).operation_model(operation).input_shape
    return {name.lower() for name in shape.members} if shape else set()


def steps(kind):
    return [step for step in kind.steps if isinstance(step, Step)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_the_calls_of_a_type_exist_and_the_door_knows_their_rights(kind):
    made = {operation for step in steps(kind) for operation in (step.operation, step.drop)}
    named = {kind.create, kind.delete, kind.read[0], *made}
    if kind.tagging:
        named |= {kind.tagging.put[0], kind.tagging.drop[0]}
    for operation in named - {""}:
        assert operation in model(kind.service).operation_names
        assert operation in operations(kind.service), f"{kind.service}:{operation} has no rights in the tables"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_properties_are_members_of_the_calls_that_take_them(kind):
    for operation, names, spelled in (
        *(((kind.create, f"{kind.takes} {kind.name}", {}),) if kind.make is None else ()),
        *((step.operation, f"{step.of} {step.also}", step.spelled) for step in steps(kind)),
    ):
        known = members(kind.service, operation)
        for name in names.split():
            assert {**kind.spelled, **spelled}.get(name, name).lower() in known, f"{operation} has no {name}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_a_call_names_the_resource_by_members_that_it_has(kind):
    for operation, who in (
        (kind.delete, kind.delete_who or kind.who), (kind.read[0], kind.read_who or kind.who),
        *((step.operation, step.who or kind.who) for step in steps(kind)),
    ):
        if operation and isinstance(who, str) and who:
            assert who.removesuffix("[]").lower() in members(kind.service, operation), operation


@pytest.mark.parametrize("name", sorted(HANDLERS.keys() - OF_THE_ENGINE))
def test_every_property_named_is_one_of_the_type(name):
    facts, handler = schema.of(name), HANDLERS[name]
    assert facts is not None
    unknown = (handler.emulated | handler.accepted) - facts.properties.keys()
    assert not unknown
    assert not handler.emulated & handler.accepted


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_what_can_change_in_place_has_a_call_that_changes_it_or_is_refused(kind):
    """A type's handler must never take a change for done without making it."""
    assert kind.handler().update is not None


def test_services_of_declared_types_are_answered():
    from crossdock.local.engines import ENGINES

    assert {kind.service for kind in KINDS} <= SERVICES | ENGINES.keys()
