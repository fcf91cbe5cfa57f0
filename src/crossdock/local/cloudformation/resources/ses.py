"""AWS::SES: identities and configuration sets. Kept and shown; no mail is sent here."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Tagging, handlers

_ARN = "arn:{partition}:ses:{region}:{account}:"

TYPES = handlers(
    Kind(
        type="AWS::SES::EmailIdentity", service="sesv2", name="EmailIdentity", who="EmailIdentity",
        create="CreateEmailIdentity", delete="DeleteEmailIdentity", takes="DkimSigningAttributes", tagging=Tagging(),
        arn=_ARN + "identity/{id}",
        accepted="ConfigurationSetAttributes DkimAttributes FeedbackAttributes MailFromAttributes",
    ),
    Kind(
        type="AWS::SES::ConfigurationSet", service="sesv2", name="Name", limit=64, who="ConfigurationSetName",
        spelled={"Name": "ConfigurationSetName"}, create="CreateConfigurationSet", delete="DeleteConfigurationSet",
        takes="TrackingOptions DeliveryOptions ReputationOptions SendingOptions SuppressionOptions", tagging=Tagging(),
        arn=_ARN + "configuration-set/{id}",
    ),
)  # fmt: skip
