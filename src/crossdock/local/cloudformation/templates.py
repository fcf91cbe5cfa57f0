"""The part of the API that speaks of templates, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crossdock.errors import TemplateError
from crossdock.local.cloudformation import describe, imports, request
from crossdock.local.cloudformation.knowledge import invalid
from crossdock.local.cloudformation.stacksets.find import StackSets
from crossdock.local.engine import AwsError, Call


class Templates(StackSets):
    """Validate, show and sum up."""

    def validate_template(self, call: Call) -> Mapping[str, Any]:
        body = body_of(request.text(self.world, call))
        return {**describe.template(body), "Parameters": describe.declared_parameters(body, full=False)}

    def get_template(self, call: Call) -> Mapping[str, Any]:
        if "ChangeSetName" in call.params:
            _, change = self.change_set(call)
            if change.target is None:
                raise AwsError("ValidationError", f"ChangeSet [{change.id}] has no template")
            target = change.target
        else:
            if "StackName" not in call.params:
                raise AwsError("ValidationError", "StackName is required if ChangeSetName is not specified.")
            target = self.find(call, call.params["StackName"], "Stack with id {name} does not exist").target
        stages = ["Original", "Processed"]
        if call.params.get("TemplateStage", "Original") == "Processed":
            return {"TemplateBody": json.dumps(target.body), "StagesAvailable": stages}
        return {"TemplateBody": target.text, "StagesAvailable": stages}

    def get_template_summary(self, call: Call) -> Mapping[str, Any]:
        if "StackName" in call.params:
            text = self.find(call, call.params["StackName"], "Stack with id {name} does not exist").target.text
        elif "StackSetName" in call.params:
            text = self.find_set(call).text
        else:
            text = request.text(self.world, call)
        body = body_of(text)
        types = [declared.get("Type", "") for declared in body["Resources"].values()]
        shown = {**describe.template(body), "Parameters": describe.declared_parameters(body, full=True)}
        shown["ResourceTypes"] = list(dict.fromkeys(types))
        shown["ResourceIdentifierSummaries"] = imports.summaries(body["Resources"])
        if "Metadata" in body:
            shown["Metadata"] = json.dumps(body["Metadata"])
        if "AWSTemplateFormatVersion" in body:
            shown["Version"] = body["AWSTemplateFormatVersion"]
        return shown


def body_of(text: str) -> dict[str, Any]:
    """A template read and checked for its form, before any transform. AwsError in AWS's words."""
    try:
        return request.read(text).body
    except TemplateError as error:
        raise invalid(error) from error
