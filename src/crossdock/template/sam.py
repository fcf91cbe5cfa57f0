"""The SAM transform, AWS::Serverless-2016-10-31, by AWS's own translator, kept away from the network.

The translator asks boto3 for a region and IAM for the managed policies; both are handed to it here. Applications of the
Serverless Application Repository would need a call, and are refused.
"""

from __future__ import annotations

import copy
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crossdock.errors import Position, Problem, TemplateError
from crossdock.template.problems import NOWHERE
from crossdock.template.transforms import declared, without

if TYPE_CHECKING:
    from crossdock.template.parse import Document

SERVERLESS = "AWS::Serverless-2016-10-31"

# It warns of features that are not switched on; without a handler Python would print that.
logging.getLogger("samtranslator").addHandler(logging.NullHandler())
# The translator keeps the region on a class.
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class _Session:
    """All that the translator wants of a boto3 session."""

    region_name: str


def transform(
    body: Mapping[str, Any],
    parameters: Mapping[str, Any],
    *,
    region: str,
    account: str,
    partition: str = "aws",
    managed_policies: Callable[[], Mapping[str, str]] | None = None,
    document: Document | None = None,
) -> dict[str, Any]:
    """The body with SAM's resources replaced by CloudFormation's; as it is when it doesn't declare the transform.

    parameters        values of the template's parameters; SAM reads some (stage names, code locations)
    managed_policies  names of managed policies -> ARNs, for names that the translator doesn't know itself
    document          where `body` comes from, so that mistakes have positions

    Raises TemplateError, one problem for each mistake; AWS says of all together: `Transform AWS::Serverless-2016-10-31
    failed with: Invalid Serverless Application Specification document. Number of errors found: N. ...`
    """
    if SERVERLESS not in declared(body):
        return dict(body)
    _refuse_repository(body, document)
    from samtranslator.feature_toggle.feature_toggle import FeatureToggle, FeatureToggleDefaultConfigProvider
    from samtranslator.metrics.metrics import DummyMetricsPublisher, Metrics
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.arn_generator import ArnGenerator
    from samtranslator.translator.translator import Translator
    from samtranslator.utils.py27hash_fix import to_py27_compatible_template, undo_mark_unicode_str_in_template

    given = dict(copy.deepcopy(dict(parameters))) | {"AWS::Region": region, "AWS::Partition": partition}
    source = copy.deepcopy(dict(body))
    to_py27_compatible_template(source, given)  # ids of versions and deployments hash as they do on AWS
    metrics = Metrics("ServerlessTransform", DummyMetricsPublisher())
    with _ONE_AT_A_TIME:
        before = ArnGenerator.BOTO_SESSION_REGION_NAME
        try:
            made = Translator(None, Parser(), boto_session=_Session(region), metrics=metrics).translate(
                source,
                parameter_values=given,
                feature_toggle=FeatureToggle(FeatureToggleDefaultConfigProvider(), None, account, region),
                get_managed_policy_map=lambda: dict(managed_policies()) if managed_policies else {},
            )
        except InvalidDocumentException as error:
            raise TemplateError(
                [Problem(_position(cause, document), str(cause.message)) for cause in error.causes],
                f"transform {SERVERLESS}",
            ) from error
        finally:
            ArnGenerator.BOTO_SESSION_REGION_NAME = before
            metrics.publish()  # to nowhere; unpublished ones are complained about when the program ends
    result: dict[str, Any] = _plain(without(undo_mark_unicode_str_in_template(made), SERVERLESS))
    return result


def _plain(value: Any) -> Any:
    """The translator's own kinds of dict and str as Python's."""
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case str():
            return str(value)
        case _:
            return value


def _position(cause: Any, document: Document | None) -> Position:
    if document is None:
        return NOWHERE
    logical_id = getattr(cause, "_logical_id", None)
    return document.position(("Resources", logical_id) if logical_id else ())


def _refuse_repository(body: Mapping[str, Any], document: Document | None) -> None:
    problems = [
        Problem(
            document.position(("Resources", name, "Properties", "Location")) if document else NOWHERE,
            f"Resource with id [{name}] is an application of the Serverless Application Repository, which needs a call"
            " to AWS", "give a template's URL as Location, or write the resources out",
        )
        for name, resource in (body.get("Resources") or {}).items()
        if isinstance(resource, dict) and resource.get("Type") == "AWS::Serverless::Application"
        and isinstance((resource.get("Properties") or {}).get("Location"), dict)
    ]  # fmt: skip
    if problems:
        raise TemplateError(problems, f"transform {SERVERLESS}")
