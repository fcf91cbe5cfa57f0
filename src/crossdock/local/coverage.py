"""What the local AWS rehearses, accepts without an effect, and refuses: one table, printed, documented, tested."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.iam import calls
from crossdock.local.cloudformation.resources.coverage import Coverage, table
from crossdock.local.door.services import model
from crossdock.local.engine import Engine, snake
from crossdock.local.engines import ENGINES
from crossdock.local.store import SERVICES

DIFFERENCES: Mapping[str, str] = {
    "transport": "plain HTTP on loopback; policies see aws:SecureTransport true and aws:SourceIp 127.0.0.1",
    "time": "what was written is there at once: no eventual consistency, no throttling, no quotas of calls",
    "organization": "all accounts belong to one organization whose management account is the shared one, which service "
                    "and resource control policies never bind; at first nothing but FullAWSAccess is attached. On AWS, "
                    "give the shared account another management account than itself: then they bind it too",
    "permissions": "boundaries of users, tags of buckets as conditions (ABAC) and account-wide Block Public Access are "
                   "refused by name",
    "state": "of a local AWS that is kept, over stops and kills; what ran at a stop (builds, actions, operations on "
             "stacks, approvals that waited) has failed and says so",
    "AWS managed keys": "aws/s3 serves the callers of its own account, as on AWS; what other services encrypt with "
                        "keys of AWS is not encrypted",
    "codebuild image": "the image is not used: builds run on this machine in a scrubbed environment, with the nearest "
                       "interpreter for runtime-versions; the report says which",
    "codebuild isolation": "a build sees this machine's file system and runs as this user; docker is not there",
    "lambda limits": "memory and disk sizes are shown, not enforced; init (10 s) and Timeout are",
    "lambda runtime": "Python on the nearest interpreter, Node.js on this machine's own, with the AWS SDK of npm, with "
                      "layers on the path and outside of a VPC; functions of other runtimes are kept, and refused by "
                      "name when they are to run",
    "databases": "Aurora PostgreSQL and RDS for PostgreSQL are a real PostgreSQL of this machine, on a free port of "
                 "127.0.0.1, as the report says; without one they are kept and shown. Whatever security groups say, "
                 "everything here reaches it; the readers' endpoint takes changes too; its certificate is its own; "
                 "IAM tokens open nothing; of parameters rds.force_ssl alone is applied; what would begin with a "
                 "snapshot's data is refused by name. Other engines are kept and shown",
    "caches": "replication groups of ElastiCache are a real Valkey or Redis of this machine, one node on a free port "
              "of 127.0.0.1, over TLS and with the token where so asked, as the report says; without one that can, and "
              "with shards or user groups, they are kept and shown, as cache clusters are",
    "what nothing runs": "tasks and services of ECS, instances, search domains, load balancers, jobs, canaries and "
                         "streams of Firehose are kept as they were asked for; none of them starts, and what would "
                         "start them (RunTask, SubmitJob) is refused by name",
    "state machines": "executed in real time, JSONPath alone: JSONata, `.sync` of other services than Step Functions "
                      "and CodeBuild, HTTP tasks and calls of services that aren't here end the execution and are "
                      "named; a distributed Map runs within its execution; no execution log is written",
    "cognito": "user pools sign up and in by passwords; SRP, second factors, hosted pages, federation and credentials "
               "of identity pools aren't here; codes and invitations are told by the report",
    "appconfig": "deployments are there at once: growth, bake times and monitors are kept; extensions aren't there",
    "pipes": "read queues and streams of Kinesis and DynamoDB; brokers and Kafka are refused by name",
    "api destinations": "rules reach web addresses on this machine; those elsewhere are named and never called",
    "what nothing watches": "alarms never change their state and scaling never scales; schedules of EventBridge "
                            "Scheduler never come; names in Route 53 are not resolved; AWS WAF lets everything pass",
    "git hosts": "GitHub, GitLab, Bitbucket are not asked: what is pushed to ENDPOINT/v1/hosts/github.com/OWNER/NAME "
                 "(with CodeCommit's credential helper and a key of any account) stands in for "
                 "https://github.com/OWNER/NAME, for pipelines and builds, and starts what a push there would start; "
                 "tokens are not looked at, and a connection serves though nobody completed it in the console; the "
                 "report says so. There are no pull requests at hosts",
    "codepipeline": "rollbacks run their stage alone; one automatic retry; 50 executions at once in the modes QUEUED "
                    "and PARALLEL: AWS's pages leave these open",
    "test reports": "of builds are read from JUnit files; other formats, coverage and exports to S3 are accepted; a "
                    "report without its files fails the upload, as far as AWS's users tell",
    "notification rules": "topics are told; chats are not, and the report says so",
    "s3 access logs": "delivered within seconds instead of hours",
    "sns subscriptions": "queues and functions get messages, where their policies let the topic; web addresses, mail "
                         "and telephones are kept and get nothing, since nobody confirms them here",
    "api gateway": "throttling, quotas and caches are kept, not applied; authorizers are asked at each request; "
                   "nobody comes by a custom domain name, nobody connects to a WebSocket API, private APIs answer "
                   "nobody; HTTP integrations reach APIs here and servers on this machine: other addresses and VPC "
                   "links are refused by name",
    "stack sets": "with service-managed permissions, the roles that StackSets makes for itself appear when they are "
                  "needed first, and an organization's service control policies must let a root user make them; of all "
                  "services, stack sets alone heed trusted access and delegated administrators",
    "cloudformation waits": "resources are ready as soon as their service says so, which here is at once",
}
"""Where a rehearsal differs from AWS, beyond what is refused by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service: answered by an engine of ours or by the store, and which of its operations are."""

    name: str
    by: str
    operations: tuple[str, ...]
    of: int


def services() -> tuple[Service, ...]:
    """Every service that is answered at all, sorted by name. An operation counts when the door knows its rights and an
    engine has it; the store may still answer some of its operations with an error."""
    found = []
    for name in sorted({*ENGINES, *SERVICES}):
        known = set(calls.operations(name))
        if name in ENGINES:
            module, _, kind = ENGINES[name].partition(":")
            engine: type[Engine] = getattr(importlib.import_module(module), kind)
            known = {operation for operation in known if hasattr(engine, snake(operation))}
        total = len(model(name).operation_names)
        found.append(Service(name=name, by="engine" if name in ENGINES else "store", operations=tuple(sorted(known)),
                             of=total))
    return tuple(found)


def types() -> tuple[Coverage, ...]:
    """Every CloudFormation type that the local CloudFormation makes."""
    return table()


def document() -> str:
    """docs/coverage.md."""
    lines = [
        "# What the local AWS rehearses", "",
        "Made by `crossdock local coverage --markdown`; a test compares. What stands in no table here is refused by "
        "name: an error that says so, never a success.", "", "## Where a rehearsal differs from AWS", "",
        "| what | how |", "| --- | --- |", *(f"| {what} | {how} |" for what, how in DIFFERENCES.items()), "",
        "## Services", "",
        "*engine*: emulated by crossdock. *store*: state kept by moto, rights decided by crossdock's door.", "",
        "| service | by | operations |", "| --- | --- | --- |",
        *(f"| {s.name} | {s.by} | {len(s.operations)} of {s.of} |" for s in services()), "",
        "### Operations of the engines", "",
        *(f"- **{s.name}**: {', '.join(s.operations)}" for s in services() if s.by == "engine"), "",
        "## CloudFormation types", "",
        "*accepted*: kept and shown, without an effect here.", "",
        "| type | emulated | accepted | refused |", "| --- | --- | --- | --- |",
        *(f"| {t.type} | {_list(t.emulated)} | {_list(t.accepted)} | {_list(t.refused)} |" for t in types()), "",
    ]
    return "\n".join(lines)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "-"
