"""AWS::OpenSearchService and AWS::Elasticsearch: domains. Kept and shown; no cluster runs behind them here."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Step, Tagging, handlers
from crossdock.local.cloudformation.resources.shapes import text

_TAGGING = Tagging(put=("AddTags", "ARN", "TagList"), drop=("RemoveTags", "ARN", "TagKeys"), create="TagList")
_SETTINGS = ("AccessPolicies AdvancedOptions AdvancedSecurityOptions CognitoOptions DomainEndpointOptions EBSOptions "
             "LogPublishingOptions NodeToNodeEncryptionOptions SnapshotOptions VPCOptions EncryptionAtRestOptions")


def _domain(type_name: str, service: str, version: str, config: str, operations: tuple[str, ...]) -> Kind:
    create, delete, update, describe = operations
    return Kind(
        type=type_name, service=service, name="DomainName", limit=28, lower=True, who="DomainName", create=create,
        delete=delete, takes=f"{version} {config} {_SETTINGS}", shaped={"AccessPolicies": text},
        steps=(Step(operation=update, of=f"{config} {_SETTINGS}"),), read=(describe, "DomainStatus"),
        found={"Arn": "ARN", "DomainArn": "ARN", "DomainEndpoint": "Endpoint || Endpoints.vpc || ''",
               "Id": "DomainId"},
        tagging=_TAGGING, arn="@Arn",
        accepted="" if service == "es" else "SoftwareUpdateOptions OffPeakWindowOptions IPAddressType",
    )


TYPES = handlers(
    _domain("AWS::OpenSearchService::Domain", "opensearch", "EngineVersion", "ClusterConfig",
            ("CreateDomain", "DeleteDomain", "UpdateDomainConfig", "DescribeDomain")),
    _domain("AWS::Elasticsearch::Domain", "es", "ElasticsearchVersion", "ElasticsearchClusterConfig",
            ("CreateElasticsearchDomain", "DeleteElasticsearchDomain", "UpdateElasticsearchDomainConfig",
             "DescribeElasticsearchDomain")),
)  # fmt: skip
