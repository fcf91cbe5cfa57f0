"""Signing up and in: what users themselves call, without credentials of AWS, and what administrators do for them.

Cognito API reference; Developer Guide, "Authentication with Amazon Cognito user pools", "Customizing user pool
workflows with Lambda triggers". Codes are not sent: the report tells them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crossdock.local.engine import AwsError, Call, NotEmulated
from crossdock.local.identity import service_principal
from crossdock.local.userpools import tokens
from crossdock.local.userpools.state import Client, Pool, User
from crossdock.local.world import World

if TYPE_CHECKING:
    from crossdock.local.functions import Lambda

_RULES = (("RequireUppercase", "A-Z", "uppercase"), ("RequireLowercase", "a-z", "lowercase"),
          ("RequireNumbers", "0-9", "numeric"), ("RequireSymbols", r"^$*.\[\]{}()?\"!@#%&/\\,><':;|_~`=+\- ", "symbol"))


class Signing:
    """Operations of the engine about users and their tokens."""

    world: World
    state: dict[str, Pool]

    def _pool(self, call: Call) -> Pool:
        raise NotImplementedError

    # -- users themselves

    def sign_up(self, call: Call) -> Mapping[str, Any]:
        pool, client = self._of_client(call)
        if (pool.members.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
            raise AwsError("NotAuthorizedException", "SignUp is not permitted for this user pool", 400)
        name = str(call.params["Username"])
        self._hash(client, name, call.params)
        user = self._new(pool, name, _attributes(call.params.get("UserAttributes")))
        self._set(pool, user, str(call.params["Password"]))
        told = self._triggered(pool, "PreSignUp", "PreSignUp_SignUp", user, client.id)
        if (told or {}).get("autoConfirmUser"):
            user.status = "CONFIRMED"
            for kind in ("Email", "Phone"):
                if (told or {}).get(f"autoVerify{kind}"):
                    user.attributes["email_verified" if kind == "Email" else "phone_number_verified"] = "true"
        else:
            self._code(pool, user)
        pool.users[user.name] = user
        return {"UserConfirmed": user.status == "CONFIRMED", "UserSub": user.sub}

    def confirm_sign_up(self, call: Call) -> Mapping[str, Any]:
        pool, client = self._of_client(call)
        user = self._user(pool, str(call.params["Username"]))
        self._hash(client, str(call.params["Username"]), call.params)
        self._coded(user, str(call.params["ConfirmationCode"]))
        return self._confirmed(pool, user, client.id)

    def _confirmed(self, pool: Pool, user: User, client: str) -> Mapping[str, Any]:
        if user.status != "UNCONFIRMED":
            raise AwsError("NotAuthorizedException", f"User cannot be confirmed. Current status is {user.status}", 400)
        user.status, user.modified = "CONFIRMED", datetime.now(UTC)
        for kind, name in (("email", "email_verified"), ("phone_number", "phone_number_verified")):
            if kind in (pool.members.get("AutoVerifiedAttributes") or ()) and kind in user.attributes:
                user.attributes[name] = "true"
        self._triggered(pool, "PostConfirmation", "PostConfirmation_ConfirmSignUp", user, client)
        return {}

    def resend_confirmation_code(self, call: Call) -> Mapping[str, Any]:
        pool, _ = self._of_client(call)
        return {"CodeDeliveryDetails": self._code(pool, self._user(pool, str(call.params["Username"])))}

    def forgot_password(self, call: Call) -> Mapping[str, Any]:
        return self.resend_confirmation_code(call)

    def confirm_forgot_password(self, call: Call) -> Mapping[str, Any]:
        pool, _ = self._of_client(call)
        user = self._user(pool, str(call.params["Username"]))
        self._coded(user, str(call.params["ConfirmationCode"]))
        self._set(pool, user, str(call.params["Password"]))
        user.status = "CONFIRMED"
        return {}

    def initiate_auth(self, call: Call) -> Mapping[str, Any]:
        pool, client = self._of_client(call)
        return self._auth(pool, client, call.params)

    def respond_to_auth_challenge(self, call: Call) -> Mapping[str, Any]:
        pool, client = self._of_client(call)
        return self._respond(pool, client, call.params)

    def get_user(self, call: Call) -> Mapping[str, Any]:
        _, user = self._of_token(call)
        return {"Username": user.name, "UserAttributes": user.shown}

    def change_password(self, call: Call) -> Mapping[str, Any]:
        pool, user = self._of_token(call)
        self._right(user, str(call.params.get("PreviousPassword") or ""))
        self._set(pool, user, str(call.params["ProposedPassword"]))
        return {}

    def update_user_attributes(self, call: Call) -> Mapping[str, Any]:
        _, user = self._of_token(call)
        user.attributes |= _attributes(call.params["UserAttributes"])
        return {}

    def delete_user(self, call: Call) -> Mapping[str, Any]:
        pool, user = self._of_token(call)
        del pool.users[user.name]
        return {}

    def global_sign_out(self, call: Call) -> Mapping[str, Any]:
        pool, user = self._of_token(call)
        self._sign_out(pool, user)
        claims = tokens.verified(pool, str(call.params["AccessToken"])) or {}
        pool.revoked.add(str(claims.get("origin_jti")))
        return {}

    def revoke_token(self, call: Call) -> Mapping[str, Any]:
        pool, _ = self._of_client(call)
        pool.refresh.pop(str(call.params["Token"]), None)
        return {}

    # -- administrators

    def admin_create_user(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        user = self._new(pool, str(call.params["Username"]), _attributes(call.params.get("UserAttributes")))
        password = str(call.params.get("TemporaryPassword") or f"{secrets.token_urlsafe(12)}aA1!")
        self._set(pool, user, password)
        self._triggered(pool, "PreSignUp", "PreSignUp_AdminCreateUser", user, "CLIENT_ID_NOT_APPLICABLE")
        user.status = "FORCE_CHANGE_PASSWORD"
        pool.users[user.name] = user
        if call.params.get("MessageAction") != "SUPPRESS":
            self.world.substitution(f"user {user.name} of {pool.members['PoolName']} was sent no invitation; the "
                                    f"temporary password is {password}")
        return {"User": _shown(user)}

    def admin_get_user(self, call: Call) -> Mapping[str, Any]:
        shown = _shown(self._admin(call))
        shown["UserAttributes"] = shown.pop("Attributes")
        return shown

    def admin_set_user_password(self, call: Call) -> Mapping[str, Any]:
        pool, user = self._pool(call), self._admin(call)
        self._set(pool, user, str(call.params["Password"]))
        user.status = "CONFIRMED" if call.params.get("Permanent") else "FORCE_CHANGE_PASSWORD"
        return {}

    def admin_confirm_sign_up(self, call: Call) -> Mapping[str, Any]:
        return self._confirmed(self._pool(call), self._admin(call), "CLIENT_ID_NOT_APPLICABLE")

    def admin_delete_user(self, call: Call) -> Mapping[str, Any]:
        del self._pool(call).users[self._admin(call).name]
        return {}

    def admin_enable_user(self, call: Call) -> Mapping[str, Any]:
        self._admin(call).enabled = True
        return {}

    def admin_disable_user(self, call: Call) -> Mapping[str, Any]:
        self._admin(call).enabled = False
        return {}

    def admin_update_user_attributes(self, call: Call) -> Mapping[str, Any]:
        self._admin(call).attributes |= _attributes(call.params["UserAttributes"])
        return {}

    def admin_user_global_sign_out(self, call: Call) -> Mapping[str, Any]:
        self._sign_out(self._pool(call), self._admin(call))
        return {}

    def admin_initiate_auth(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        return self._auth(pool, self._client(pool, str(call.params["ClientId"])), call.params)

    def admin_respond_to_auth_challenge(self, call: Call) -> Mapping[str, Any]:
        pool = self._pool(call)
        return self._respond(pool, self._client(pool, str(call.params["ClientId"])), call.params)

    def list_users(self, call: Call) -> Mapping[str, Any]:
        pool, wanted = self._pool(call), str(call.params.get("Filter") or "")
        found = [user for user in pool.users.values() if not wanted or _filtered(user, wanted)]
        return {"Users": [_shown(user) for user in found]}

    def _admin(self, call: Call) -> User:
        return self._user(self._pool(call), str(call.params["Username"]))

    # -- signing in

    def _auth(self, pool: Pool, client: Client, p: Mapping[str, Any]) -> Mapping[str, Any]:
        flow, given = str(p["AuthFlow"]), p.get("AuthParameters") or {}
        allowed = client.members.get("ExplicitAuthFlows") or ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
        plain = {"USER_PASSWORD_AUTH": ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"),
                 "ADMIN_NO_SRP_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"),
                 "ADMIN_USER_PASSWORD_AUTH": ("ALLOW_ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")}
        if flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
            name, id_ = pool.refresh.get(str(given.get("REFRESH_TOKEN")), ("", ""))
            if id_ != client.id or name not in pool.users:
                raise AwsError("NotAuthorizedException", "Invalid Refresh Token", 400)
            return {"AuthenticationResult": self._tokens(pool, client, pool.users[name], "RefreshTokens")}
        if flow not in plain:
            raise NotEmulated(f"the authentication flow {flow} of Cognito")
        if not set(plain[flow]) & set(allowed):
            raise AwsError("InvalidParameterException", f"{flow} flow not enabled for this client", 400)
        name = str(given.get("USERNAME") or "")
        self._hash(client, name, {"SecretHash": given.get("SECRET_HASH")})
        try:
            user = self._user(pool, name)
        except AwsError:
            if client.members.get("PreventUserExistenceErrors") == "ENABLED":
                raise AwsError("NotAuthorizedException", "Incorrect username or password.", 400) from None
            raise
        self._triggered(pool, "PreAuthentication", "PreAuthentication_Authentication", user, client.id)
        self._right(user, str(given.get("PASSWORD") or ""))
        match user.status:
            case "UNCONFIRMED":
                raise AwsError("UserNotConfirmedException", "User is not confirmed.", 400)
            case "RESET_REQUIRED":
                raise AwsError("PasswordResetRequiredException", "Password reset required for the user", 400)
            case "FORCE_CHANGE_PASSWORD":
                session = secrets.token_urlsafe(48)
                pool.sessions[session] = (user.name, client.id)
                return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeParameters": {
                    "USER_ID_FOR_SRP": user.name, "requiredAttributes": "[]",
                    "userAttributes": json.dumps(user.attributes)}}
        return {"AuthenticationResult": self._entered(pool, client, user)}

    def _respond(self, pool: Pool, client: Client, p: Mapping[str, Any]) -> Mapping[str, Any]:
        if p["ChallengeName"] != "NEW_PASSWORD_REQUIRED":
            raise NotEmulated(f"the challenge {p['ChallengeName']} of Cognito")
        given = p.get("ChallengeResponses") or {}
        name, id_ = pool.sessions.pop(str(p.get("Session")), ("", ""))
        if id_ != client.id or name != self._user(pool, str(given.get("USERNAME") or "")).name:
            raise AwsError("NotAuthorizedException", "Invalid session for the user.", 400)
        user = pool.users[name]
        self._set(pool, user, str(given.get("NEW_PASSWORD") or ""))
        user.attributes |= {key.removeprefix("userAttributes."): value for key, value in given.items()
                            if key.startswith("userAttributes.")}
        user.status = "CONFIRMED"
        return {"AuthenticationResult": self._entered(pool, client, user)}

    def _entered(self, pool: Pool, client: Client, user: User) -> Mapping[str, Any]:
        self._triggered(pool, "PostAuthentication", "PostAuthentication_Authentication", user, client.id)
        made = self._tokens(pool, client, user, "Authentication")
        refresh = secrets.token_urlsafe(96)
        pool.refresh[refresh] = (user.name, client.id)
        return {**made, "RefreshToken": refresh}

    def _tokens(self, pool: Pool, client: Client, user: User, why: str) -> dict[str, Any]:
        told = self._triggered(pool, "PreTokenGeneration", f"TokenGeneration_{why}", user, client.id) or {}
        details = told.get("claimsOverrideDetails") or {}
        overridden = {**(details.get("claimsToAddOrOverride") or {}),
                      **dict.fromkeys(details.get("claimsToSuppress") or ())}
        if not user.enabled:
            raise AwsError("NotAuthorizedException", "User is disabled.", 400)
        return tokens.of(pool, client, user, overridden=overridden)

    def _sign_out(self, pool: Pool, user: User) -> None:
        for token in [token for token, (name, _) in pool.refresh.items() if name == user.name]:
            del pool.refresh[token]

    # -- triggers

    def _triggered(self, pool: Pool, trigger: str, source: str, user: User, client: str) -> Mapping[str, Any] | None:
        """What a trigger's function answers; None where there is none. Raises AwsError when it fails."""
        arn = str((pool.members.get("LambdaConfig") or {}).get(trigger) or "")
        if not arn:
            return None
        caller = service_principal("cognito-idp.amazonaws.com", source_arn=pool.arn, source_account=pool.account)
        region, account = arn.split(":")[3:5]
        self.world.authorize(caller, action="lambda:InvokeFunction", resource=arn, account=account, region=region)
        event = {
            "version": "1", "region": pool.region, "userPoolId": pool.id, "userName": user.name,
            "triggerSource": source, "callerContext": {"awsSdkVersion": "aws-sdk-unknown", "clientId": client},
            "request": {"userAttributes": {"sub": user.sub, "cognito:user_status": user.status, **user.attributes},
                        "groupConfiguration": {"groupsToOverride": user.groups, "iamRolesToOverride": [],
                                               "preferredRole": None}},
            "response": {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False,
                         "claimsOverrideDetails": None}}
        functions: Any = self.world.engine("lambda")
        engine: Lambda = functions
        payload, failed = engine.run(arn, json.dumps(event).encode())
        if failed:
            said = json.loads(payload or b"{}").get("errorMessage", "")
            raise AwsError("UserLambdaValidationException", f"{trigger} failed with error {said}.", 400)
        try:
            answer: Mapping[str, Any] = json.loads(payload)["response"]
        except (ValueError, KeyError, TypeError):
            raise AwsError("InvalidLambdaResponseException",
                           f"Unrecognizable lambda output of {trigger}", 400) from None
        return answer

    # -- helpers

    def _new(self, pool: Pool, name: str, attributes: dict[str, str]) -> User:
        """A user; where people sign in by mail address, that is the name they give, and the user's own is made up."""
        kinds = pool.members.get("UsernameAttributes") or ()
        if kinds:
            known = "email" if "email" in kinds and "@" in name else "phone_number"
            attributes.setdefault(known, name)
            if any(user.attributes.get(known) == name for user in pool.users.values()):
                raise AwsError("UsernameExistsException", f"An account with the given {known} already exists.", 400)
            made = User(name="", attributes=attributes)
            made.name = made.sub
            return made
        if name in pool.users:
            raise AwsError("UsernameExistsException", "User account already exists", 400)
        missing = [str(one["Name"]) for one in pool.members.get("SchemaAttributes") or ()
                   if one.get("Required") and one["Name"] not in (*attributes, "sub")]
        if missing:
            raise AwsError("InvalidParameterException", f"Attributes did not conform to the schema: {missing[0]}: The "
                           "attribute is required", 400)
        return User(name=name, attributes=attributes)

    def _user(self, pool: Pool, name: str) -> User:
        found = pool.users.get(name)
        aliases = (*(pool.members.get("UsernameAttributes") or ()), *(pool.members.get("AliasAttributes") or ()))
        if found is None:
            found = next((user for user in pool.users.values()
                          if name == user.sub or any(user.attributes.get(one) == name for one in aliases)), None)
        if found is None:
            raise AwsError("UserNotFoundException", "User does not exist.", 400)
        return found

    def _of_client(self, call: Call) -> tuple[Pool, Client]:
        """A pool by the id of one of its clients, which is unique among all."""
        id_ = str(call.params.get("ClientId") or "")
        for pool in self.state.values():
            if id_ in pool.clients:
                return pool, pool.clients[id_]
        raise AwsError("ResourceNotFoundException", f"User pool client {id_} does not exist.", 400)

    def _client(self, pool: Pool, id_: str) -> Client:
        if id_ not in pool.clients:
            raise AwsError("ResourceNotFoundException", f"User pool client {id_} does not exist.", 400)
        return pool.clients[id_]

    def _of_token(self, call: Call) -> tuple[Pool, User]:
        token = str(call.params["AccessToken"])
        pool = next((one for one in self.state.values() if one.issuer == tokens.issuer(token)), None)
        claims = tokens.verified(pool, token) if pool is not None else None
        # An id token has no client_id.
        if pool is None or claims is None or claims.get("client_id") is None \
                or claims.get("username") not in pool.users:
            raise AwsError("NotAuthorizedException", "Invalid Access Token", 400)
        return pool, pool.users[claims["username"]]

    def _hash(self, client: Client, name: str, p: Mapping[str, Any]) -> None:
        if not client.secret:
            return
        given = f"{name}{client.id}".encode()
        wanted = base64.b64encode(hmac.new(client.secret.encode(), given, hashlib.sha256).digest())
        if not hmac.compare_digest(str(p.get("SecretHash") or "").encode(), wanted):
            raise AwsError("NotAuthorizedException", f"Unable to verify secret hash for client {client.id}", 400)

    def _set(self, pool: Pool, user: User, password: str) -> None:
        """Keep a password that satisfies the pool's policy."""
        policy = {"MinimumLength": 8, **((pool.members.get("Policies") or {}).get("PasswordPolicy") or {})}
        if len(password) < int(policy["MinimumLength"]):
            raise _password("Password not long enough")
        for rule, letters, what in _RULES:
            if policy.get(rule) and not re.search(f"[{letters}]", password):
                raise _password(f"Password must have {what} characters")
        salt = secrets.token_hex(16)
        user.secret, user.modified = (salt, _hashed(salt, password)), datetime.now(UTC)

    def _right(self, user: User, password: str) -> None:
        salt, kept = user.secret
        if not hmac.compare_digest(kept, _hashed(salt, password)):
            raise AwsError("NotAuthorizedException", "Incorrect username or password.", 400)

    def _code(self, pool: Pool, user: User) -> Mapping[str, Any]:
        user.code = f"{secrets.randbelow(10**6):06d}"
        self.world.substitution(f"user {user.name} of {pool.members['PoolName']} was sent no code; it is {user.code}")
        return {"Destination": "***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}

    def _coded(self, user: User, code: str) -> None:
        if not user.code or not hmac.compare_digest(user.code, code):
            raise AwsError("CodeMismatchException", "Invalid verification code provided, please try again.", 400)
        user.code = ""


def _password(why: str) -> AwsError:
    return AwsError("InvalidPasswordException", f"Password did not conform with policy: {why}", 400)


def _hashed(salt: str, password: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 10_000).hex()


def _attributes(given: Any) -> dict[str, str]:
    return {str(one["Name"]): str(one.get("Value", "")) for one in given or ()}


def _shown(user: User) -> dict[str, Any]:
    return {"Username": user.name, "Attributes": user.shown, "UserCreateDate": user.created, "Enabled": user.enabled,
            "UserLastModifiedDate": user.modified, "UserStatus": user.status}


def _filtered(user: User, wanted: str) -> bool:
    """ListUsers API: `name = "value"`, or `name ^= "start"`."""
    found = re.fullmatch(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*', wanted)
    if found is None:
        raise AwsError("InvalidParameterException", "Error while parsing filter.", 400)
    value = {"username": user.name, "sub": user.sub, "cognito:user_status": user.status,
             "status": "Enabled" if user.enabled else "Disabled"}.get(found[1], user.attributes.get(found[1], ""))
    return value.startswith(found[3]) if found[2] == "^=" else value == found[3]
