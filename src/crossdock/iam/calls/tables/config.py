"""AWS Config: recorders, whose ARN holds an id of its own. Source: Service Authorization Reference, list_awsconfig."""

from __future__ import annotations

from crossdock.iam.calls.rules import Rule, Rules

RECORDER = ("arn:${Partition}:config:${Region}:${Account}:configuration-recorder/{ConfigurationRecorderName}/*",)

RULES: dict[str, Rules] = {
    **{name: (Rule(f"config:{name}", RECORDER),) for name in (
        "DeleteConfigurationRecorder", "StartConfigurationRecorder", "StopConfigurationRecorder")},
}
