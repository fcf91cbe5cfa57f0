"""Signatures are believed only when the key is known, its secret was used, and nothing was changed on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import botocore.session
import pytest
from tests.unit.door.signing import signed

from crossdock.local.door.signature import read, verify, verify_git
from crossdock.local.door.wire import Wire
from crossdock.local.engine import AwsError
from crossdock.local.identity import Caller, Credentials, Kind, Sessions

USER = Caller(kind=Kind.USER, arn="arn:aws:iam::111111111111:user/x", account="111111111111")


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


def _verify(wire: Wire, sessions: Sessions) -> Caller:
    claim = read(wire)
    assert claim is not None
    return verify(wire, claim, sessions.find)


CALLS = [
    ("s3", "get_object", {"Bucket": "b-x", "Key": "a b/é+c=1.txt", "VersionId": "v 1"}),
    ("s3", "put_object", {"Bucket": "b-x", "Key": "a/b//c", "Body": b"hello", "Metadata": {"a": "b  c"}}),
    ("s3", "list_objects_v2", {"Bucket": "b-x", "Prefix": "a/&?"}),
    ("iam", "list_roles", {}),
    ("lambda", "get_function", {"FunctionName": "arn:aws:lambda:us-east-1:1:function:f"}),
    ("codecommit", "list_repositories", {}),
]


@pytest.mark.parametrize(("service", "operation", "params"), CALLS, ids=[f"{s}-{o}" for s, o, _ in CALLS])
def test_what_an_aws_sdk_signs_is_accepted(sessions: Sessions, service: str, operation: str, params: dict) -> None:
    wire = signed(sessions.issue(USER), service, operation, **params)
    assert _verify(wire, sessions).arn == USER.arn


def test_an_unknown_key_stands_for_nobody(sessions: Sessions) -> None:
    wire = signed(Credentials(access_key="AKIA111111111111", secret_key="x"), "iam", "list_roles")
    with pytest.raises(AwsError, match="security token included in the request is invalid"):
        _verify(wire, sessions)


def test_a_twelve_digit_key_is_no_account(sessions: Sessions) -> None:
    wire = signed(Credentials(access_key="111111111111", secret_key="x"), "s3", "list_buckets")
    with pytest.raises(AwsError) as refused:
        _verify(wire, sessions)
    assert refused.value.code == "InvalidAccessKeyId"


def test_a_wrong_secret_is_refused(sessions: Sessions) -> None:
    wire = signed(replace(sessions.issue(USER), secret_key="wrong"), "iam", "list_roles")
    with pytest.raises(AwsError) as refused:
        _verify(wire, sessions)
    assert refused.value.code == "SignatureDoesNotMatch"


def test_a_session_needs_its_own_token(sessions: Sessions) -> None:
    one, other = sessions.issue(USER), sessions.issue(USER)
    wire = signed(replace(one, token=other.token), "iam", "list_roles")
    with pytest.raises(AwsError) as refused:
        _verify(wire, sessions)
    assert refused.value.code == "InvalidClientTokenId"


def test_an_expired_session_is_refused(sessions: Sessions) -> None:
    wire = signed(sessions.issue(USER, seconds=-1), "iam", "list_roles")
    with pytest.raises(AwsError) as refused:
        _verify(wire, sessions)
    assert refused.value.code == "ExpiredTokenException"


def test_a_changed_body_path_or_query_breaks_the_signature(sessions: Sessions) -> None:
    wire = signed(sessions.issue(USER), "s3", "put_object", Bucket="b-x", Key="a", Body=b"one")
    wire.body = b"two"
    with pytest.raises(AwsError) as refused:
        _verify(wire, sessions)
    assert refused.value.code == "XAmzContentSHA256Mismatch"
    for change in ({"raw_path": "/b-x/b"}, {"query": "versionId=1"}, {"method": "DELETE"}):
        wire = signed(sessions.issue(USER), "s3", "get_object", Bucket="b-x", Key="a")
        for name, value in change.items():
            setattr(wire, name, value)
        with pytest.raises(AwsError) as refused:
            _verify(Wire(method=wire.method, raw_path=wire.raw_path, query=wire.query, headers=wire.headers), sessions)
        assert refused.value.code == "SignatureDoesNotMatch"


def test_an_old_signature_is_not_replayed(sessions: Sessions) -> None:
    wire = signed(sessions.issue(USER), "iam", "list_roles")
    wire.headers["x-amz-date"] = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y%m%dT%H%M%SZ")
    with pytest.raises(AwsError, match="Signature expired"):
        _verify(wire, sessions)


def test_a_pre_signed_url_works_until_it_expires(sessions: Sessions) -> None:
    credentials = sessions.issue(USER)
    session = botocore.session.Session()
    session.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
    client = session.create_client("s3", region_name="us-east-1", endpoint_url="http://127.0.0.1:4",
                                   config=botocore.config.Config(signature_version="s3v4"))
    for seconds, code in ((60, None), (0, "AccessDenied"), (-60, "AuthorizationQueryParametersError")):
        url = client.generate_presigned_url("get_object", {"Bucket": "b-x", "Key": "a b"}, ExpiresIn=seconds)
        path, _, query = url[len("http://127.0.0.1:4") :].partition("?")
        wire = Wire(method="GET", raw_path=path, query=query, headers={"host": "127.0.0.1:4"})
        if code is None:
            assert _verify(wire, sessions).arn == USER.arn
        else:
            with pytest.raises(AwsError) as refused:
                _verify(wire, sessions)
            assert refused.value.code == code


def test_signature_version_2_is_refused_by_name() -> None:
    query = "AWSAccessKeyId=AKIA111111111111&Signature=x&Expires=1"
    with pytest.raises(AwsError, match="Please use AWS4-HMAC-SHA256"):
        read(Wire(method="GET", raw_path="/b/k", query=query, headers={}))


def test_an_unsigned_request_claims_nothing() -> None:
    assert read(Wire(method="GET", raw_path="/b/k", query="", headers={})) is None


def test_git_credentials_are_those_of_the_cli_helper(sessions: Sessions) -> None:
    import base64

    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as BotoCredentials

    credentials = sessions.issue(USER)
    keys = BotoCredentials(credentials.access_key, credentials.secret_key, credentials.token)
    request = AWSRequest(method="GIT", url="http://127.0.0.1/v1/repos/greeter")
    request.context["timestamp"] = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    signer = SigV4Auth(keys, "codecommit", "us-east-1")
    text = signer.string_to_sign(request, "GIT\n/v1/repos/greeter\n\nhost:127.0.0.1\n\nhost\n")
    password = f"{request.context['timestamp']}Z{signer.signature(text, request)}"
    basic = base64.b64encode(f"{keys.access_key}%{keys.token}:{password}".encode()).decode()

    def wire(path: str) -> Wire:
        headers = {"host": "127.0.0.1:4", "authorization": f"Basic {basic}"}
        return Wire(method="GET", raw_path=path, query="service=git-upload-pack", headers=headers)

    caller = verify_git(wire("/v1/repos/greeter/info/refs"), sessions.find, region="us-east-1")
    assert caller is not None
    assert caller.arn == USER.arn
    with pytest.raises(AwsError):
        verify_git(wire("/v1/repos/other/info/refs"), sessions.find, region="us-east-1")
