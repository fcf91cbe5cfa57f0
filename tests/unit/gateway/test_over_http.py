"""All of it over HTTP: a function that acts as its role, behind an API that anybody may ask."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from typing import TYPE_CHECKING, Any

import boto3
from tests.unit.gateway.conftest import TRUST
from tests.unit.gateway.documents import IAM, proxy, rest

if TYPE_CHECKING:
    import pytest

    from crossdock.local.cloud import Local

READS = '''
import boto3
s3 = boto3.client("s3")
def handler(event, context):
    if event["path"] == "/who":
        return {"statusCode": 200, "body": boto3.client("sts").get_caller_identity()["Arn"]}
    return {"statusCode": 200, "body": s3.get_object(Bucket="settings", Key="greeting")["Body"].read().decode()}
'''
ACCOUNT = "222222222222"


def get(url: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def statement(action: str, resource: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": resource}]})


def test_a_function_behind_an_api_acts_as_its_role_and_no_more(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(local.config_file))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(local.credentials_file))
    session = boto3.Session(profile_name="nonprod")

    def client(name: str) -> Any:
        return session.client(name)

    client("s3").create_bucket(Bucket="settings")
    client("s3").put_object(Bucket="settings", Key="greeting", Body=b"hello")
    role = client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", READS)
    function = client("lambda").create_function(
        FunctionName="reader", Runtime="python3.11", Handler="app.handler", Role=role, Timeout=20,
        Code={"ZipFile": held.getvalue()})["FunctionArn"]
    client("lambda").add_permission(
        FunctionName="reader", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*")
    signed = proxy(function, security=[{"AWS_IAM": []}])
    document = rest({"/read": {"get": proxy(function)}, "/who": {"get": proxy(function)}, "/signed": {"get": signed}},
                    securityDefinitions=IAM)
    api = client("apigateway").import_rest_api(body=json.dumps(document))["id"]
    client("apigateway").create_deployment(restApiId=api, stageName="live")
    url = f"{local.endpoint}/_aws/execute-api/{api}/live"

    assert get(f"{url}/who") == (200, f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/reader")
    assert get(f"{url}/read")[0] == 502
    client("iam").put_role_policy(RoleName="worker", PolicyName="read",
                                  PolicyDocument=statement("s3:GetObject", "arn:aws:s3:::settings/*"))
    assert get(f"{url}/read") == (200, "hello")
    host = f"{api}.execute-api.us-east-1.amazonaws.com"
    assert get(f"{local.endpoint}/live/read", Host=host) == (200, "hello")
    assert get(f"{url}/signed")[0] == 403
    assert get(f"{url}/signed", Authorization="AWS4-HMAC-SHA256 Credential=AKIA/20200101/us-east-1/execute-api/"
               "aws4_request, SignedHeaders=host, Signature=00")[0] == 403
