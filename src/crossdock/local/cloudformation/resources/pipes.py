"""AWS::Pipes: pipes."""

from __future__ import annotations

from crossdock.local.cloudformation.resources.declare import Kind, Step, Tagging, handlers

_CHANGED = ("Description DesiredState RoleArn Enrichment EnrichmentParameters Target TargetParameters LogConfiguration "
            "KmsKeyIdentifier SourceParameters")

TYPES = handlers(
    Kind(
        type="AWS::Pipes::Pipe", service="pipes", who="Name", name="Name", limit=64, create="CreatePipe",
        delete="DeletePipe", takes=f"Source {_CHANGED}",
        steps=(Step(operation="UpdatePipe", of=_CHANGED, also="RoleArn Target", empty={"Description": ""}),),
        read=("DescribePipe", ""), tags="map", arn="@Arn",
        tagging=Tagging(put=("TagResource", "resourceArn", "tags"), drop=("UntagResource", "resourceArn", "tagKeys"),
                        map=True),
    ),
)  # fmt: skip
