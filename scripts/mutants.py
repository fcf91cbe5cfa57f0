"""How much the proof sees: break the composed policies in every way of a list, and count what it notices.

    python scripts/mutants.py [--sample N] [--platform examples/access]

- removed: each Allow statement, and each action of it. Some need must fail, unless the action was listed as unused. A
  permissions boundary grants nothing, so nothing is removed from one.
- broad: a Deny taken away, a statement that loses its conditions or its resource, and grants that nobody should have,
  added to each policy. Some never must be broken.

A mutant that AWS would refuse to store counts as noticed. Prints the score and each mutant that nobody noticed.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crossdock import compose
from crossdock.errors import InputError, PolicyError
from crossdock.model.assembly import Assembly
from crossdock.model.platform import Platform
from crossdock.model.proof import Proof, Unused
from crossdock.prove import Source, judge_of, of, stage
from crossdock.prove.needs import needs
from crossdock.prove.nevers import claims
from crossdock.prove.scene import Scene
from crossdock.template import dump, load

Path_ = tuple[str | int, ...]
Documents = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change of one template. `lost`: what it took away, as (Sid, action); empty for what it widens."""

    template: str
    title: str
    body: Mapping[str, Any]
    lost: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is mutated: an assembly with its templates and services, and the proof that it holds."""

    assembly: Assembly
    texts: Mapping[str, str]
    sources: Mapping[str, Source]
    proof: Proof

    @property
    def deployed(self) -> Mapping[str, str]:
        """The templates of which something is there: others, such as those of parts left out, grant nothing."""
        there = {resource.document.name for resource in self.scene().platform}
        return {path: text for path, text in self.texts.items() if path in there}

    def scene(self, mutant: Mutant | None = None) -> Scene:
        texts = dict(self.texts)
        if mutant is not None:
            texts[mutant.template] = dump(mutant.body)
        return stage(self.assembly, texts, self.sources)


def ground(root: Path, environments: Sequence[str] = ()) -> Ground:
    """A platform's assembly, of some of its environments only where they are named."""
    platform: Platform = compose.read(root)
    if environments:
        kept = tuple(e for e in platform.environments if e.name in environments)
        platform = replace(platform, environments=kept)
    assembly, library = compose.compose(platform), compose.templates(platform)
    paths = {path for s in assembly.stacks for path in (s.template, *(asset.path for asset in s.assets))}
    texts = {path: library[path] for path in sorted(paths & library.keys())}
    sources = {
        s.name: Source(file=f"{s.source}/template.yaml", text=(root / s.source / "template.yaml").read_text("utf-8"))
        for s in platform.services
    }
    return Ground(assembly=assembly, texts=texts, sources=sources, proof=of(stage(assembly, texts, sources)))


def mutants(texts: Mapping[str, str]) -> Iterator[Mutant]:
    """Every mutant of every template that holds policies."""
    for template, text in sorted(texts.items()):
        body = load(text, template).body
        for path in _documents(body, ()):
            if not _bounds(body, path):
                yield from _removed(template, body, path)
            yield from _widened(template, body, path)
            yield from _added(template, body, path)


def _documents(value: Any, path: Path_) -> Iterator[Path_]:
    """The paths of policy documents."""
    if isinstance(value, dict) and isinstance(value.get("Statement"), list):
        yield path
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _documents(item, (*path, key))


def _bounds(body: Mapping[str, Any], path: Path_) -> bool:
    """Whether a document is that of a managed policy which nobody has attached: a permissions boundary."""
    resource = _at(body, path[:2])
    return resource.get("Type") == "AWS::IAM::ManagedPolicy" and "Roles" not in resource["Properties"]


def _at(body: Any, path: Path_) -> Any:
    for step in path:
        body = body[step]
    return body


def _changed(body: Mapping[str, Any], path: Path_) -> tuple[dict[str, Any], list[Any]]:
    """A copy of a template, and the statements at a path of it."""
    made: dict[str, Any] = copy.deepcopy(dict(body))
    return made, _at(made, path)["Statement"]


def _actions(statement: Mapping[str, Any]) -> list[str]:
    found = statement["Action"]
    return list(found) if isinstance(found, list) else [found]


def _removed(template: str, body: Mapping[str, Any], path: Path_) -> Iterator[Mutant]:
    for index, statement in enumerate(_at(body, path)["Statement"]):
        if statement["Effect"] != "Allow":
            continue
        sid, actions = statement["Sid"], _actions(statement)
        made, listed = _changed(body, path)
        del listed[index]
        yield Mutant(template=template, title=f"without {sid}", body=made, lost=tuple((sid, a) for a in actions))
        for action in actions if len(actions) > 1 else ():
            made, listed = _changed(body, path)
            listed[index]["Action"].remove(action)
            yield Mutant(template=template, title=f"{sid} without {action}", body=made, lost=((sid, action),))


def _widened(template: str, body: Mapping[str, Any], path: Path_) -> Iterator[Mutant]:
    for index, statement in enumerate(_at(body, path)["Statement"]):
        if statement["Effect"] == "Deny":
            made, listed = _changed(body, path)
            del listed[index]
            yield Mutant(template=template, title=f"without the denial {statement['Sid']}", body=made)
            continue
        if "Condition" in statement:
            made, listed = _changed(body, path)
            del listed[index]["Condition"]
            yield Mutant(template=template, title=f"{statement['Sid']} without its conditions", body=made)
        if "Principal" not in statement and statement["Resource"] != "*" and not _of_api(statement):
            made, listed = _changed(body, path)
            listed[index]["Resource"] = "*"
            yield Mutant(template=template, title=f"{statement['Sid']} on everything", body=made)


def _of_api(statement: Mapping[str, Any]) -> bool:
    """API Gateway's ids are made by AWS: nothing that the proof could speak of lies outside of the statement."""
    return all(action.startswith("apigateway:") for action in _actions(statement))


_ROLE = (
    ("everything", "*"), ("all of S3", "s3:*"), ("every object read", "s3:GetObject"),
    ("every object written", "s3:PutObject"), ("every role assumed", "sts:AssumeRole"),
    ("every role passed", "iam:PassRole"), ("every role changed", ["iam:PutRolePolicy", "iam:AttachRolePolicy"]),
    ("every key used", "kms:Decrypt"), ("every key managed", "kms:*"), ("every stack changed", "cloudformation:*"),
    ("every build and pipeline", ["codebuild:*", "codepipeline:*"]), ("every log", "logs:*"),
    ("every repository", "codecommit:*"), ("every function", "lambda:*"), ("every secret", "secretsmanager:*"),
)  # fmt: skip


def _added(template: str, body: Mapping[str, Any], path: Path_) -> Iterator[Mutant]:
    first = _at(body, path)["Statement"][0]
    for title, statement in _grants(body, path, first):
        made, listed = _changed(body, path)
        listed.append({"Sid": "Added", "Effect": "Allow", **statement})
        where = next(str(step) for step in path[1:] if isinstance(step, str))
        yield Mutant(template=template, title=f"{where}: {title}", body=made)


def _grants(
    body: Mapping[str, Any], path: Path_, first: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    anyone: Any = {"AWS": "*"}
    others: Any = {"AWS": ["111111111111", "222222222222"]}  # whosever it is, one of them is another's
    if "Principal" not in first:
        yield from ((title, {"Action": action, "Resource": "*"}) for title, action in _ROLE)
    elif "AssumeRolePolicyDocument" in path:
        yield "anybody becomes it", {"Principal": anyone, "Action": "sts:AssumeRole"}
        if "ec2." not in str(first["Principal"]):  # a machine's role is for EC2
            yield "EC2 becomes it", {"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        yield "an account becomes it", {"Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}
        yield "the pipelines' account becomes it", {"Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}
    elif "KeyPolicy" in path:
        readers = {"AWS": {"Ref": "ReaderAccountIds"}}
        yield "anybody decrypts", {"Principal": anyone, "Action": "kms:Decrypt", "Resource": "*"}
        yield "readers decrypt anyhow", {"Principal": readers, "Action": "kms:Decrypt", "Resource": "*"}
        yield "readers encrypt", {"Principal": readers, "Action": "kms:GenerateDataKey", "Resource": "*"}
        yield "readers manage", {"Principal": readers, "Action": ["kms:PutKeyPolicy", "kms:CreateGrant"],
                                 "Resource": "*"}  # fmt: skip
    elif "Bucket" not in _at(body, path[:2])["Properties"]:
        same = {key: first[key] for key in ("Action", "Resource") if key in first}
        yield "anybody may", {"Principal": anyone, **same}
        yield "another account may", {"Principal": others, **same}
    else:
        bucket = _at(body, path[:2])["Properties"]["Bucket"]["Ref"]
        objects: Any = {"Fn::Sub": f"${{{bucket}.Arn}}/*"}
        for whom, principal in (("anybody", anyone), ("another account", others)):
            for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
                yield f"{whom} may {action}", {"Principal": principal, "Action": action, "Resource": objects}


def noticed(mutant: Mutant, where: Ground) -> bool:
    """Whether the proof fails for a mutant, or had said that what it lost is unused."""
    if mutant.lost and all(any(_is(one, sid, action) for one in where.proof.unused) for sid, action in mutant.lost):
        return True
    try:
        scene = where.scene(mutant)
        judge, listed = judge_of(scene), needs(scene)
        if any(not judge.decide(need).allowed for need in listed):
            return True
        refused = ("implicit_deny", "explicit_deny")
        return any(judge.decide(claim.need).verdict not in refused for claim in claims(scene, listed))
    except (PolicyError, InputError):
        return True


def _is(one: Unused, sid: str, action: str) -> bool:
    return (one.place.statement, one.action) == (sid, action)


def main(arguments: Sequence[str]) -> int:
    """1 when a mutant was not noticed."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--sample", type=int, default=0, help="so many, chosen at random; 0: all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--platform", type=Path, default=Path("examples/access"))
    parser.add_argument("--environments", default="develop,staging,master", help="as many as differ are enough")
    given = parser.parse_args(arguments)
    where = ground(given.platform, given.environments.split(","))
    chosen = list(mutants(where.deployed))
    if given.sample:
        chosen = random.Random(given.seed).sample(chosen, given.sample)  # noqa: S311  a sample, no secret
    survivors = [mutant for mutant in chosen if not noticed(mutant, where)]
    for mutant in survivors:
        sys.stdout.write(f"not noticed: {mutant.template}: {mutant.title}\n")
    score = 100 * (len(chosen) - len(survivors)) / len(chosen)
    sys.stdout.write(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants noticed: {score:.1f} %\n")
    return 1 if survivors or not where.proof.ok else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
