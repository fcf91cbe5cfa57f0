"""User pools: signing up and in, tokens, triggers, and the APIs that let their bearers in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.unit.worlds import ACCOUNT, one_account

from crossdock.local.engine import HttpRequest
from crossdock.local.identity import ANONYMOUS

if TYPE_CHECKING:
    from crossdock.local.server import LocalWorld

TRIGGER = '''
def handler(event, context):
    if event["triggerSource"].startswith("PreSignUp"):
        if event["userName"] == "evil":
            raise Exception("not you")
        event["response"]["autoConfirmUser"] = True
    else:
        event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": {"team": "a"}}
    return event
'''
PASSWORD = "Long-enough-1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWorld]:
    yield from one_account(tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def client(world: LocalWorld) -> Callable[[str], Any]:
    return lambda service: world.client(service, world.root_user(ACCOUNT))


@pytest.fixture(scope="module")
def anybody(world: LocalWorld) -> Any:
    """Somebody without credentials of AWS."""
    return world.client("cognito-idp", ANONYMOUS)


@pytest.fixture
def pool(client: Callable[[str], Any]) -> tuple[str, str]:
    """A pool's id, and that of a client that takes passwords."""
    pools = client("cognito-idp")
    id_ = pools.create_user_pool(PoolName="people")["UserPool"]["Id"]
    made = pools.create_user_pool_client(UserPoolId=id_, ClientName="web", ExplicitAuthFlows=[
        "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    return str(id_), str(made["UserPoolClient"]["ClientId"])


def enter(anybody: Any, app: str, name: str = "ann", password: str = PASSWORD, **more: str) -> dict[str, Any]:
    told = anybody.initiate_auth(ClientId=app, AuthFlow="USER_PASSWORD_AUTH",
                                 AuthParameters={"USERNAME": name, "PASSWORD": password, **more})
    return dict(told["AuthenticationResult"])


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def code(world: LocalWorld, pool: str) -> str:
    engine: Any = world.engine("cognito-idp")
    return str(next(iter(engine.state[pool].users.values())).code)


def test_a_user_signs_up_confirms_and_signs_in(world: LocalWorld, anybody: Any, pool: tuple[str, str]) -> None:
    id_, app = pool
    anybody.sign_up(ClientId=app, Username="ann", Password=PASSWORD, UserAttributes=[
        {"Name": "email", "Value": "ann@example.com"}])
    with pytest.raises(ClientError, match="UserNotConfirmedException"):
        enter(anybody, app)
    with pytest.raises(ClientError, match="CodeMismatchException"):
        anybody.confirm_sign_up(ClientId=app, Username="ann", ConfirmationCode="no")
    anybody.confirm_sign_up(ClientId=app, Username="ann", ConfirmationCode=code(world, id_))
    told = enter(anybody, app)
    assert (claims(told["IdToken"])["email"], claims(told["IdToken"])["aud"]) == ("ann@example.com", app)
    assert claims(told["AccessToken"])["username"] == "ann"
    assert anybody.get_user(AccessToken=told["AccessToken"])["Username"] == "ann"
    again = anybody.initiate_auth(ClientId=app, AuthFlow="REFRESH_TOKEN_AUTH",
                                  AuthParameters={"REFRESH_TOKEN": told["RefreshToken"]})
    assert "IdToken" in again["AuthenticationResult"]
    anybody.global_sign_out(AccessToken=told["AccessToken"])
    with pytest.raises(ClientError, match="Invalid Access Token"):
        anybody.get_user(AccessToken=told["AccessToken"])


@pytest.mark.parametrize(("name", "password", "error"), [
    ("ann", "wrong", "NotAuthorizedException"), ("nobody", PASSWORD, "UserNotFoundException")])
def test_who_is_not_known_does_not_get_in(
    client: Callable[[str], Any], anybody: Any, pool: tuple[str, str], name: str, password: str, error: str
) -> None:
    id_, app = pool
    pools = client("cognito-idp")
    pools.admin_create_user(UserPoolId=id_, Username="ann", MessageAction="SUPPRESS")
    pools.admin_set_user_password(UserPoolId=id_, Username="ann", Password=PASSWORD, Permanent=True)
    with pytest.raises(ClientError, match=error):
        enter(anybody, app, name, password)


def test_nobody_administers_without_credentials(anybody: Any, pool: tuple[str, str]) -> None:
    with pytest.raises(ClientError, match=r"AccessDenied|not authorized"):
        anybody.admin_create_user(UserPoolId=pool[0], Username="x")


def test_an_invited_user_chooses_a_password(client: Callable[[str], Any], anybody: Any, pool: tuple[str, str]) -> None:
    id_, app = pool
    client("cognito-idp").admin_create_user(UserPoolId=id_, Username="bob", TemporaryPassword=PASSWORD)
    asked = anybody.initiate_auth(ClientId=app, AuthFlow="USER_PASSWORD_AUTH",
                                  AuthParameters={"USERNAME": "bob", "PASSWORD": PASSWORD})
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(ClientError, match="Password not long enough"):
        anybody.respond_to_auth_challenge(ClientId=app, ChallengeName=asked["ChallengeName"], Session=asked["Session"],
                                          ChallengeResponses={"USERNAME": "bob", "NEW_PASSWORD": "short"})


def test_a_client_with_a_secret_wants_its_hash(
    client: Callable[[str], Any], anybody: Any, pool: tuple[str, str]
) -> None:
    pools = client("cognito-idp")
    made = pools.create_user_pool_client(UserPoolId=pool[0], ClientName="safe", GenerateSecret=True, ExplicitAuthFlows=[
        "ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]
    pools.admin_create_user(UserPoolId=pool[0], Username="ann", MessageAction="SUPPRESS")
    pools.admin_set_user_password(UserPoolId=pool[0], Username="ann", Password=PASSWORD, Permanent=True)
    with pytest.raises(ClientError, match="Unable to verify secret hash"):
        enter(anybody, made["ClientId"])
    digest = hmac.new(made["ClientSecret"].encode(), f"ann{made['ClientId']}".encode(), hashlib.sha256).digest()
    assert enter(anybody, made["ClientId"], SECRET_HASH=base64.b64encode(digest).decode())["IdToken"]


def test_triggers_decide_and_add_claims(world: LocalWorld, client: Callable[[str], Any], anybody: Any) -> None:
    role = client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                                                "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("app.py", TRIGGER)
    arn = client("lambda").create_function(
        FunctionName="trigger", Runtime="python3.11", Handler="app.handler", Role=role,
        Code={"ZipFile": held.getvalue()})["FunctionArn"]
    pools = client("cognito-idp")
    triggers = {"PreSignUp": arn, "PreTokenGeneration": arn}
    id_ = pools.create_user_pool(PoolName="t", LambdaConfig=triggers)["UserPool"]["Id"]
    app = pools.create_user_pool_client(UserPoolId=id_, ClientName="web", ExplicitAuthFlows=[
        "ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    with pytest.raises(ClientError, match="not authorized to perform: lambda:InvokeFunction"):
        anybody.sign_up(ClientId=app, Username="ann", Password=PASSWORD)
    client("lambda").add_permission(FunctionName=arn, StatementId="pool", Action="lambda:InvokeFunction",
                                    Principal="cognito-idp.amazonaws.com")
    with pytest.raises(ClientError, match="PreSignUp failed with error not you"):
        anybody.sign_up(ClientId=app, Username="evil", Password=PASSWORD)
    assert anybody.sign_up(ClientId=app, Username="ann", Password=PASSWORD)["UserConfirmed"]
    assert claims(enter(anybody, app)["IdToken"])["team"] == "a"


def test_apis_let_in_who_has_a_token_of_the_pool(
    world: LocalWorld, client: Callable[[str], Any], anybody: Any, pool: tuple[str, str]
) -> None:
    id_, app = pool
    pools, gateway, http = client("cognito-idp"), client("apigateway"), client("apigatewayv2")
    pools.admin_create_user(UserPoolId=id_, Username="ann", MessageAction="SUPPRESS")
    pools.admin_set_user_password(UserPoolId=id_, Username="ann", Password=PASSWORD, Permanent=True)
    told = enter(anybody, app)
    arn = pools.describe_user_pool(UserPoolId=id_)["UserPool"]["Arn"]
    mock = {"responses": {"200": {}}, "security": [{"P": []}], "x-amazon-apigateway-integration": {
        "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {
            "application/json": "$context.authorizer.claims.sub"}}}}}
    rest = gateway.import_rest_api(body=json.dumps({
        "swagger": "2.0", "info": {"title": "a"}, "paths": {"/a": {"get": mock}}, "securityDefinitions": {"P": {
            "type": "apiKey", "name": "Authorization", "in": "header",
            "x-amazon-apigateway-authtype": "cognito_user_pools",
            "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": [arn]}}}}))["id"]
    gateway.create_deployment(restApiId=rest, stageName="live")
    web = http.create_api(Name="h", ProtocolType="HTTP")["ApiId"]
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{id_}"
    jwt = http.create_authorizer(
        ApiId=web, Name="j", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": [app]})["AuthorizerId"]
    to = http.create_integration(
        ApiId=web, IntegrationType="HTTP_PROXY", IntegrationMethod="GET", PayloadFormatVersion="1.0",
        IntegrationUri=f"https://{rest}.execute-api.us-east-1.amazonaws.com/live/a")
    http.create_route(ApiId=web, RouteKey="GET /b", AuthorizationType="JWT", AuthorizerId=jwt,
                      Target=f"integrations/{to['IntegrationId']}")
    http.create_stage(ApiId=web, StageName="$default", AutoDeploy=True)

    def asked(path: str, token: str) -> tuple[int, bytes]:
        answer = world.engine("apigateway").http(HttpRequest(
            method="GET", path=path, query="", headers={"authorization": token} if token else {}, body=b"",
            caller=ANONYMOUS))
        return answer.status, answer.body

    other = told["IdToken"][:-8] + "AAAAAAAA"
    assert asked(f"/{rest}/live/a", told["IdToken"]) == (200, claims(told["IdToken"])["sub"].encode())
    assert [asked(f"/{rest}/live/a", token)[0] for token in ("", other, told["AccessToken"])] == [401, 401, 401]
    assert asked(f"/{web}/b", f"Bearer {told['IdToken']}")[0] == 200
    assert [asked(f"/{web}/b", token)[0] for token in ("", other)] == [401, 401]
