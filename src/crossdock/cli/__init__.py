"""The command line: parse, call, render; no decisions. Commands are imported when they are asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

import click

from crossdock import __version__

_COMMANDS = {
    "init": ("authoring", "Make a new platform in DIR."),
    "schema": ("authoring", "Print the JSON Schema of crossdock.yaml."),
    "check": ("authoring", "Find every mistake in crossdock.yaml and in what is composed from it."),
    "compose": ("authoring", "Write the CloudFormation templates of a platform to .crossdock/assembly."),
    "bootstrap": ("authoring", "Print the stack by which an account's owner lets the platform in."),
    "prove": ("access", "Prove who reaches what: every need met, every never kept."),
    "access": ("access", "Explain one request, decide many, compare with what was done."),
    "plan": ("deploying", "Show what apply would do."),
    "apply": ("deploying", "Make the accounts what crossdock.yaml says."),
    "destroy": ("deploying", "Delete everything that apply and the pipelines made."),
    "outputs": ("looking", "Show what every stack gives."),
    "drift": ("looking", "Find what was changed by hand."),
    "doctor": ("looking", "Find what is wrong, why, and how to go on."),
    "library": ("library", "The templates that platforms are composed from: list, show."),
    "rehearse": ("delivering", "Bring the platform up on this machine, deliver every service, check its answers."),
    "retry": ("delivering", "Retry the failed stage of a service's pipeline."),
    "status": ("delivering", "Show what runs and what was delivered where."),
    "logs": ("delivering", "Show the last log lines of a delivered service."),
    "local": ("local", "The local AWS: up, down, status, reset, env, coverage."),
}


class Lazy(click.Group):
    """A group whose commands live in modules that are imported on demand, so that --help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"crossdock.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], _COMMANDS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]}{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Compose a multi-account delivery platform from one file, deliver it to AWS, rehearse it on this machine."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The program. Ends the process with the exit code of what happened."""
    from crossdock.cli.output import guarded

    sys.exit(guarded(cli, list(sys.argv[1:] if arguments is None else arguments)))
