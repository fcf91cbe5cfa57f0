"""Custom::StackSet: a stack set, its instances and their outputs, as a resource of a stack.

CloudFormation invokes this function and waits for the answer at ResponseURL (CloudFormation User Guide, custom resource
request objects). One invocation works until its own time is short, then hands on to the next one with what is known;
all of them together end, with an answer, before the deadline that the first one set.
"""

from __future__ import annotations

import json
import logging
import os
import time
import urllib.request
from functools import partial
from typing import Any

import boto3

from .operations import Failed, Unready, Waiting, Work, phases

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)
SHORT_MS = 30_000
"""Milliseconds that one invocation keeps for handing on."""
LONGEST_REASON, LONGEST_ANSWER = 1000, 4096
"""Characters of a reason; bytes of a whole answer (CloudFormation User Guide, custom resource response objects)."""


def handler(event: dict[str, Any], context: Any) -> None:
    """Do what one event asks for, or the next part of it."""
    properties = event["ResourceProperties"]
    state = event.setdefault("State", {
        "deadline": time.time() + int(properties.get("TimeoutSeconds", 3000)),
        "phases": phases(event["RequestType"]), "operation": "", "failed": [], "skipped": [],
    })
    work = Work(event, boto3.client("cloudformation"), partial(_reader, properties))
    pause = 0.25
    while True:
        try:
            data = work.step()
        except (Waiting, Unready) as pending:
            if time.time() > state["deadline"]:
                return _answer(event, "FAILED", f"still not done when time was up: {pending}", {})
            if context.get_remaining_time_in_millis() < SHORT_MS:
                return _hand_on(event, context)
            time.sleep(pause)
            pause = min(pause * 1.5, 5.0)
        except Failed as failure:
            return _answer(event, "FAILED", str(failure), {})
        except Exception as error:
            LOG.exception("%s of %s", event["RequestType"], properties.get("StackSetName"))
            return _answer(event, "FAILED", f"{type(error).__name__}: {error}", {})
        else:
            if data is not None:
                return _answer(event, "SUCCESS", "", data)
            pause = 0.25


def _reader(properties: dict[str, Any], account: str, region: str) -> Any:
    """CloudFormation of an account, as the role that may look at instances there."""
    role = f"arn:{os.environ['PARTITION']}:iam::{account}:role/{properties['ReaderRoleName']}"
    granted = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="stack-set-outputs")["Credentials"]
    return boto3.client(
        "cloudformation", region_name=region, aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"], aws_session_token=granted["SessionToken"],
    )


def _hand_on(event: dict[str, Any], context: Any) -> None:
    """Let the next invocation go on from here."""
    boto3.client("lambda").invoke(
        FunctionName=context.invoked_function_arn, InvocationType="Event", Payload=json.dumps(event).encode())


def _answer(event: dict[str, Any], status: str, reason: str, data: dict[str, str]) -> None:
    """Tell CloudFormation how it ended. The stack set's name is the physical id: another name is another resource."""
    said = {
        "Status": status, "Reason": reason[:LONGEST_REASON], "PhysicalResourceId": _physical(event),
        "StackId": event["StackId"], "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"], "Data": data,
    }
    body = json.dumps(said).encode()
    if len(body) > LONGEST_ANSWER:
        said |= {"Status": "FAILED", "Data": {}, "Reason": (
            f"the outputs of all instances have {len(body)} bytes, {LONGEST_ANSWER} at most can be handed on:"
            " name fewer under OutputKeys")}
        body = json.dumps(said).encode()
    LOG.info("%s %s: %s %s", event["RequestType"], said["PhysicalResourceId"], said["Status"], reason)
    # The address comes from CloudFormation, which alone may invoke this function.
    request = urllib.request.Request(  # noqa: S310
        event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""})
    for pause in (1, 2, 4, 8, 0):
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310
                return
        except OSError:
            LOG.exception("the answer could not be handed over")
            time.sleep(pause)


def _physical(event: dict[str, Any]) -> str:
    if event["RequestType"] == "Delete":
        return str(event["PhysicalResourceId"])
    return str(event["ResourceProperties"]["StackSetName"])
