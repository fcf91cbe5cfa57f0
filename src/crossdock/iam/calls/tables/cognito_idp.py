"""Cognito user pools: what users call without credentials of AWS needs no permission (Cognito Developer Guide, "List of
API operations grouped by authorization model": unauthenticated and token-authorized operations).
"""

from __future__ import annotations

from crossdock.iam.calls.rules import Rules

OPEN = (
    "AssociateSoftwareToken", "ChangePassword", "CompleteWebAuthnRegistration", "ConfirmDevice",
    "ConfirmForgotPassword", "ConfirmSignUp", "DeleteUser", "DeleteUserAttributes", "DeleteWebAuthnCredential",
    "ForgetDevice", "ForgotPassword", "GetDevice", "GetTokensFromRefreshToken", "GetUser",
    "GetUserAttributeVerificationCode", "GetUserAuthFactors", "GlobalSignOut", "InitiateAuth", "ListDevices",
    "ListWebAuthnCredentials", "ResendConfirmationCode", "RespondToAuthChallenge", "RevokeToken",
    "SetUserMFAPreference", "SetUserSettings", "SignUp", "StartWebAuthnRegistration", "UpdateDeviceStatus",
    "UpdateUserAttributes", "VerifySoftwareToken", "VerifyUserAttribute",
)

RULES: dict[str, Rules] = dict.fromkeys(OPEN, ())
