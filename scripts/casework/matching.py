"""Events that match what a function is subscribed to: the least that each source would send (Lambda Developer Guide,
"Invoking Lambda with events from other AWS services")."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from casework.stage import REGION, TOOLS

NOW = "2026-01-01T00:00:00Z"
BODY = {"id": "1", "name": "hello", "message": "hello"}
"""What requests with a body bring."""


def event(kind: str, properties: Mapping[str, Any]) -> Any:
    """An event of one of SAM's event source types."""
    match kind:
        case "Api":
            return _rest(str(properties.get("Path", "/")), str(properties.get("Method", "get")).upper())
        case "HttpApi":
            return _http(str(properties.get("Path", "/")), str(properties.get("Method", "get")).upper())
        case "SQS":
            return {"Records": [{
                "messageId": "m-1", "receiptHandle": "r-1", "body": json.dumps({"id": "1", "message": "hello"}),
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767225600000"},
                "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": REGION,
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{TOOLS}:queue"}]}
        case "SNS":
            return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": "arn:x",
                                 "Sns": {"Type": "Notification", "MessageId": "m-1", "Subject": "hello",
                                         "TopicArn": f"arn:aws:sns:{REGION}:{TOOLS}:topic", "Timestamp": NOW,
                                         "Message": json.dumps({"id": "1", "message": "hello"}),
                                         "MessageAttributes": {}}}]}
        case "S3":
            return {"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": REGION,
                                 "eventTime": NOW, "eventName": "ObjectCreated:Put",
                                 "s3": {"s3SchemaVersion": "1.0", "bucket": {
                                     "name": "cases-given-bucket", "arn": "arn:aws:s3:::cases-given-bucket"},
                                        "object": {"key": "hello.txt", "size": 5, "eTag": "e"}}}]}
        case "DynamoDB":
            return {"Records": [{"eventID": "1", "eventName": "INSERT", "eventSource": "aws:dynamodb",
                                 "eventVersion": "1.1", "awsRegion": REGION,
                                 "dynamodb": {"Keys": {"id": {"S": "1"}}, "NewImage": {"id": {"S": "1"}},
                                              "SequenceNumber": "1", "StreamViewType": "NEW_AND_OLD_IMAGES"},
                                 "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{TOOLS}:table/t/stream/x"}]}
        case "Kinesis":
            data = base64.b64encode(json.dumps({"id": "1", "message": "hello"}).encode()).decode()
            return {"Records": [{"kinesis": {"partitionKey": "p", "data": data, "sequenceNumber": "1",
                                             "kinesisSchemaVersion": "1.0", "approximateArrivalTimestamp": 1767225600},
                                 "eventSource": "aws:kinesis", "eventID": "shardId-0:1", "awsRegion": REGION,
                                 "eventName": "aws:kinesis:record", "eventVersion": "1.0",
                                 "eventSourceARN": f"arn:aws:kinesis:{REGION}:{TOOLS}:stream/s"}]}
        case "CloudWatchLogs":
            import gzip

            log = {"messageType": "DATA_MESSAGE", "owner": TOOLS, "logGroup": "g", "logStream": "s",
                   "subscriptionFilters": ["f"], "logEvents": [{"id": "1", "timestamp": 1, "message": "hello"}]}
            return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(log).encode())).decode()}}
        case "Schedule" | "ScheduleV2":
            return _bus("aws.events", "Scheduled Event", {})
        case "CloudWatchEvent" | "EventBridgeRule":
            pattern = properties.get("Pattern") or {}
            source = next(iter(_list(pattern.get("source"))), "aws.events")
            kind_ = next(iter(_list(pattern.get("detail-type"))), "Scheduled Event")
            return _bus(str(source), str(kind_), {})
        case _:
            return {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _bus(source: str, kind: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": "0", "id": "e-1", "detail-type": kind, "source": source, "account": TOOLS, "time": NOW,
            "region": REGION, "resources": [], "detail": dict(detail)}


def _rest(path: str, method: str) -> dict[str, Any]:
    return {"resource": path, "path": path, "httpMethod": method, "headers": {"Host": "x", "User-Agent": "cases"},
            "multiValueHeaders": {}, "queryStringParameters": None, "multiValueQueryStringParameters": None,
            "pathParameters": {part[1:-1].rstrip("+"): "1" for part in path.split("/") if part.startswith("{")} or None,
            "stageVariables": None, "body": json.dumps({"id": "1", "message": "hello"}), "isBase64Encoded": False,
            "requestContext": {"resourcePath": path, "httpMethod": method, "path": f"/Prod{path}", "stage": "Prod",
                               "accountId": TOOLS, "apiId": "api", "requestId": "r-1", "requestTimeEpoch": 1,
                               "identity": {"sourceIp": "127.0.0.1", "userAgent": "cases"}, "protocol": "HTTP/1.1"}}


def _http(path: str, method: str) -> dict[str, Any]:
    return {"version": "2.0", "routeKey": f"{method} {path}", "rawPath": path, "rawQueryString": "", "headers": {},
            "body": json.dumps({"id": "1", "message": "hello"}), "isBase64Encoded": False,
            "pathParameters": {part[1:-1].rstrip("+"): "1" for part in path.split("/") if part.startswith("{")},
            "requestContext": {"accountId": TOOLS, "apiId": "api", "domainName": "x", "requestId": "r-1",
                               "stage": "$default", "routeKey": f"{method} {path}", "timeEpoch": 1, "time": NOW,
                               "http": {"method": method, "path": path, "protocol": "HTTP/1.1",
                                        "sourceIp": "127.0.0.1", "userAgent": "cases"}}}
