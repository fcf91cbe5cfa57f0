"""AWS's refusals as errors of ours: every client made by `cloud` raises CloudError and nothing of botocore's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from crossdock.errors import AccessDenied, CloudError

_DENIED = frozenset({
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
    "AuthorizationErrorException",
})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_CALLER = frozenset({
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "InvalidSignatureException", "AuthFailure", "IncompleteSignature",
})

_SENTENCE = re.compile(
    r"User: (?P<principal>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: \"?(?P<resource>[^\s\"]+)\"?)?"
    r"(?: (?P<because>because no [\w -]+ allows? the [\w:*-]+ action|(?:because|with an explicit deny)"
    r"(?:(?!\. )[^\"\n(])*))?"
)


def code(error: CloudError) -> str:
    """AWS's code of a refusal, e.g. `ValidationError`; empty where AWS gave none."""
    return str(error.facts.get("code", ""))


def translate(error: Exception) -> CloudError:
    """A botocore exception as a CloudError: AWS's message as it is, a hint where there is one thing to do."""
    from botocore import exceptions as boto

    if isinstance(error, boto.ClientError):
        return _refused(error.response.get("Error", {}), str(error.operation_name))
    if isinstance(error, boto.ProfileNotFound):
        return CloudError(message=str(error), hint="name a profile of ~/.aws/config with --profile")
    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return CloudError(
            message=f"no AWS credentials: {error}", hint="name a profile with --profile, or set AWS_PROFILE"
        )
    if isinstance(error, (boto.TokenRetrievalError, boto.SSOTokenLoadError, boto.UnauthorizedSSOTokenError)):
        return CloudError(message=f"the AWS session has expired: {error}", hint="sign in again: aws sso login")
    if isinstance(error, (boto.EndpointConnectionError, boto.HTTPClientError)):
        return CloudError(
            message=f"AWS could not be reached: {error}", code="Unreachable",
            hint="check the network and the profile's endpoint_url; a local AWS is started with: crossdock local up",
        )
    return CloudError(message=f"{type(error).__name__}: {error}", code=type(error).__name__)


def _refused(answer: dict[str, Any], operation: str) -> CloudError:
    code_, said = str(answer.get("Code", "")), str(answer.get("Message", ""))
    message = f"{operation}: {said or 'no reason given'} ({code_})"
    if code_ in _DENIED:
        return AccessDenied(message=message, code=code_, operation=operation, details=explain(said))
    if code_ in _EXPIRED:
        return CloudError(message=message, code=code_, hint="the credentials have expired: sign in again")
    if code_ in _UNKNOWN_CALLER:
        return CloudError(message=message, code=code_, hint="AWS does not know these credentials: check the profile")
    return CloudError(message=message, code=code_, operation=operation, said=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """What a sentence of AWS's tells about a denial. `because` is empty where AWS keeps the policy to itself."""

    principal: str
    action: str
    resource: str
    because: str

    def lines(self) -> list[str]:
        """For a person: who, what, on what, and which policy lacked the statement."""
        return [
            f"principal  {self.principal}",
            f"action     {self.action}",
            *([f"resource   {self.resource}"] if self.resource else []),
            *([f"policy     {self.because}"] if self.because else []),
        ]


def denials(text: str) -> list[Denial]:
    """Every denial that a text tells of (IAM User Guide, "Troubleshoot access denied error messages"), each once."""
    found = [
        Denial(
            principal=match["principal"], action=match["action"], resource=(match["resource"] or "").rstrip(".,"),
            because=(match["because"] or "").strip(" ."),
        )
        for match in _SENTENCE.finditer(text)
    ]
    return list(dict.fromkeys(found))


def explain(text: str) -> list[str]:
    """The denials of a text as lines for a person."""
    return [line for denial in denials(text) for line in denial.lines()]


class Translating:
    """Mixed into botocore's client classes (event `creating-client-class`): what leaves a client is a CloudError."""

    def _make_api_call(self, operation_name: str, api_params: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            return super()._make_api_call(operation_name, api_params)  # type: ignore[misc]
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            raise translate(error) from error
