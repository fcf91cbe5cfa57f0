"""init, schema, check, compose: what needs no cloud."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from crossdock.cli.output import show
from crossdock.cli.places import DIRECTORY, Place, directory_argument, directory_option, json_option


@click.command()
@click.argument("directory", metavar="DIR", type=DIRECTORY)
@json_option
def init(*, directory: Path, as_json: bool) -> None:
    """Make a new platform in DIR: a crossdock.yaml and one service, ready to rehearse."""
    from crossdock import compose

    made = [str(path) for path in compose.init(directory)]
    show(as_json, {"directory": str(directory), "files": made},
         [*(f"wrote {name}" for name in made), f"next: crossdock rehearse {directory}"])


@click.command()
def schema() -> None:
    """Print the JSON Schema of crossdock.yaml."""
    from crossdock import compose

    click.echo(compose.schema().rstrip("\n"))


@click.command()
@directory_argument
@json_option
def check(*, directory: Path, as_json: bool) -> None:
    """Find every mistake in crossdock.yaml and in what is composed from it; change nothing."""
    from crossdock import compose
    from crossdock.compose import sources
    from crossdock.deploy.assemble import lint
    from crossdock.errors import TemplateError
    from crossdock.prove.read import mistakes, read
    from crossdock.views.words import count

    platform, state = compose.read(directory), Place(directory).state
    assembly = compose.compose(platform)
    with tempfile.TemporaryDirectory() as scratch:
        compose.render(assembly, compose.files(platform), Path(scratch) / "assembly")
        lint(Path(scratch) / "assembly", state=state if state.is_dir() else None, sources=sources(platform, directory))
        problems = mistakes(read(assembly, Path(scratch) / "assembly", directory))
    if problems:
        raise TemplateError(problems, f"what {platform.name} is composed of")
    show(as_json, {"ok": True, "platform": platform.name, "stacks": len(assembly.stacks), "digest": assembly.digest},
         [f"{platform.name}: {count(len(assembly.stacks), 'stack', 'stacks')}, "
          f"{count(len(assembly.deliveries), 'delivery', 'deliveries')}, no mistake found"])


@click.command("compose")
@directory_argument
@click.option("--fresh", is_flag=True, help="Overwrite templates that were edited by hand.")
@json_option
def compose(*, directory: Path, fresh: bool, as_json: bool) -> None:
    """Write the CloudFormation templates of a platform to .crossdock/assembly."""
    from crossdock import compose as composer
    from crossdock.deploy.assemble import assemble, assembly_directory
    from crossdock.model.codec import encode

    platform = composer.read(directory)
    assembly = assemble(platform, directory, fresh=fresh)
    width = max((len(stack.id) for stack in assembly.stacks), default=0)
    show(as_json, encode(assembly) | {"digest": assembly.digest}, [
        *(f"{stack.id:<{width}}  {stack.name}  {stack.template}  ({stack.source})" for stack in assembly.stacks),
        f"assembly {assembly.digest[:16]} in {assembly_directory(directory)}",
    ])


@click.command()
@click.argument("account")
@directory_option
@json_option
def bootstrap(*, account: str, directory: Path, as_json: bool) -> None:
    """Print the stack by which the owner of ACCOUNT lets the platform in, for who may not be given a role there.

    Once the owner has made it, under this name, `apply` finds it done.
    """
    from crossdock import compose
    from crossdock.compose.stacks import bootstrap_id
    from crossdock.deploy.plan import tags as tags_of
    from crossdock.errors import UsageError
    from crossdock.model.assembly import Literal

    platform = compose.read(directory)
    assembly, texts = compose.compose(platform), compose.templates(platform)
    if account not in {target.name for target in platform.targets}:
        known = ", ".join(target.name for target in platform.targets)
        raise UsageError(message=f"no environment is in an account {account}", hint=f"one of {known}")
    stack = assembly.stack(bootstrap_id(account))
    given = {name: value.value for name, value in stack.parameters.items() if isinstance(value, Literal)}
    tags = tags_of(stack, assembly)
    deploy = (
        f"aws cloudformation deploy --stack-name {stack.name} --region {stack.region} --template-file FILE"
        f" --capabilities {' '.join(stack.capabilities)}"
        f" --parameter-overrides {' '.join(f'{name}={value}' for name, value in given.items() if value)}"
        f" --tags {' '.join(f'{key}={value}' for key, value in tags.items())}"
    )
    show(as_json, {"account": stack.account_id, "stack": stack.name, "parameters": given, "tags": tags,
                   "template": texts[stack.template], "deploy": deploy},
         [texts[stack.template].rstrip("\n")])
    click.echo(f"in account {stack.account_id}, with what is printed here as FILE:\n  {deploy}", err=True)
