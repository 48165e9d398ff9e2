"""``erase``: a person asks to be deleted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from pipelines.cli.console import ConfigOption, DataOption, JsonOption, fail, out, print_json, settings_from, steps


def erase(
    resident_id: Annotated[str, typer.Argument(help="The resident's id, from any kept release: r_….")],
    data: DataOption = None,
    config: ConfigOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Erase a resident from every folder of the data root, for good, and print a proof without personal data.

    Rows, values, passes, review verdicts, old releases and receivers' copies go; a keyed tombstone keeps the person
    from coming back. Run it again after an interruption: it goes on where it was. Guide: docs/erasure.md.
    """
    from assets.erase.erase import StillFound
    from assets.erase.erase import erase as erase_resident
    from assets.erase.releases import CannotExchange
    from assets.explain import UnknownId

    settings = settings_from(data, config)
    question = f"Erase {resident_id} from all of {settings.data}? This cannot be undone"
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(1)
    try:
        with steps(1) as bar:
            proof = erase_resident(settings, resident_id, bar.say)
    except (UnknownId, StillFound, CannotExchange) as e:
        fail(str(e))
        raise typer.Exit(1) from e
    if as_json:
        print_json(asdict(proof))
        return

    def say(text: str) -> None:
        out.print(escape(text), highlight=False, soft_wrap=True)

    say(f"✓ {proof.resident_id} is erased ({proof.erasure}, {proof.begun_at} to {proof.finished_at})")
    for place, rows in proof.places.items():
        say(f"  {place}: {rows} rows or files")
    looked = proof.searched
    kinds = ", ".join(f"{n} {kind}" for kind, n in looked.items() if kind not in ("files", "bytes", "found"))
    say(f"  searched {looked['files']} files, {looked['bytes']:,} bytes for {kinds or 'nothing'}: 0 found")
    if proof.shared:
        others = ", ".join(f"{n} {kind}" for kind, n in proof.shared.items())
        say(f"  not searched, since rows of others hold them too: {others}")
    for receiver, ids in proof.told.items():
        say(f"  {receiver} is told to delete {ids} ids, in its next file (table erasures)")
    for receiver, why in proof.untold.items():
        fail(f"{receiver}: {why}")
    say(f"  proof: {settings.erasures / 'proofs' / f'{proof.erasure}.json'}")
