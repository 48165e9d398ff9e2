"""``receivers``: who is served, what was given to whom, and the keys of their pseudonyms."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipelines.cli.console import ConfigOption, DataOption, JsonOption, fail, out, print_json, settings_from

receivers_app = typer.Typer(
    help="Receivers of publications: who is served, the log of what was given, their keys. Guide: docs/receivers.md.",
    no_args_is_help=True,
)


@receivers_app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List every receiver: served or not and why, until when, and what it was given last.

    Exit code 1 when one of them gets nothing.
    """
    from assets.receivers.log import publications
    from assets.receivers.standing import standings

    settings = settings_from(data, config)
    last = {
        line.said["receiver"]: line.said for line in publications(settings) if line.said.get("what") == "publication"
    }
    found = standings(settings)
    if as_json:
        print_json([_told(s.name, s.receiver, s.problem, last.get(s.name)) for s in found])
    else:
        table = Table(box=None, pad_edge=False)
        for header in ("receiver", "served", "until", "tables", "given last"):
            table.add_column(header, overflow="fold")
        for s in found:
            given = last.get(s.name)
            table.add_row(
                s.name,
                "[green]yes[/]" if s.served else "[red]no[/]",
                str(s.receiver.expires_on) if s.receiver else "–",
                ", ".join(s.receiver.tables) if s.receiver else "–",
                f"{given['at'][:10]} in {given['release_id']}" if given else "never",
            )
        out.print(table if found else f"no receiver is declared in {settings.receivers}", highlight=False)
        for s in found:
            if s.problem:
                fail(s.problem)
    raise typer.Exit(0 if all(s.served for s in found) else 1)


def _told(name: str, receiver: Any, problem: str | None, given: dict[str, Any] | None) -> dict[str, Any]:
    declared = receiver.model_dump(mode="json") if receiver else None
    return {"receiver": name, "served": problem is None, "problem": problem, "declared": declared, "given_last": given}


@receivers_app.command()
def verify(
    data: DataOption = None,
    config: ConfigOption = None,
    head: Annotated[str, typer.Option(help="A digest that an earlier check printed: it must be in the log.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Check that no line of the publications log was changed, removed, moved or put in. Exit code 1 if one was."""
    from assets.receivers import log

    settings = settings_from(data, config)
    found = log.verify(settings)
    faults = list(found.faults)
    if head and not faults and head not in {line.digest for line in log.publications(settings)}:
        faults.append(f"no line of the log has the digest {head}: it was made anew, or cut after its third year")
    if as_json:
        print_json({"lines": found.lines, "head": found.head, "faults": faults})
    elif not faults:
        said = f"✓ {found.lines} lines, each follows the one before; newest digest {found.head}"
        out.print(said, highlight=False, soft_wrap=True)
    else:
        for fault in faults:
            fail(fault)
    raise typer.Exit(1 if faults else 0)


@receivers_app.command()
def key(
    receiver: Annotated[str, typer.Argument(help="The receiver's name: its file without .yaml.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make the receiver's pseudonym key, once; say where it lies. The key itself is never shown.

    Keep the file: with another key every id that the receiver knows changes.
    """
    from resources.keys import key_fingerprint, receiver_key, receiver_key_path

    settings = settings_from(data, config)
    if not (settings.receivers / f"{receiver}.yaml").exists():
        known = ", ".join(sorted(p.stem for p in settings.receivers.glob("*.yaml"))) or "none"
        raise typer.BadParameter(f"there is no file for {receiver!r}; known: {known}", param_hint="RECEIVER")
    made = receiver_key(receiver, create=True)
    named = f"REGISTER_RECEIVER_KEY_{receiver.upper()}"
    where = f"the variable {named}" if os.environ.get(named) else receiver_key_path(receiver)
    out.print(escape(f"✓ {receiver}: key {key_fingerprint(made)} in {where}"), highlight=False, soft_wrap=True)


@receivers_app.command()
def schema() -> None:
    """Print the JSON Schema of a receiver's file, for an editor to check and complete from."""
    from expectations.receivers import Receiver

    print_json(Receiver.model_json_schema())
