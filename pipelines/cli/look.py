"""``status`` and ``releases``: how things stand, and going back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.cli.console import ConfigOption, DataOption, JsonOption, fail, out, print_json, settings_from
from pipelines.cli.render import show_communities, show_releases, show_status

releases_app = typer.Typer(help="The kept releases: list them, or make an older one current.", no_args_is_help=True)


def status(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show every company: its newest good delivery, its state, how late it is; unknown communities; the release."""
    from assets.communities import unknown_communities
    from assets.release import list_releases
    from assets.status import company_statuses

    settings = settings_from(data, config)
    statuses = company_statuses(settings)
    unknown = unknown_communities(settings)
    current = next((r for r in list_releases(settings) if r.is_current), None)
    if as_json:
        companies = [
            asdict(s) | {"broken": [d.model_dump(mode="json", exclude={"files", "columns"}) for d in s.broken]}
            for s in statuses
        ]
        print_json(
            {
                "companies": companies,
                "unknown_communities": [asdict(u) for u in unknown],
                "release": asdict(current) if current else None,
            }
        )
    else:
        show_status(statuses, current)
        show_communities(unknown)


@releases_app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the kept releases, oldest first."""
    from assets.release import list_releases

    found = list_releases(settings_from(data, config))
    if as_json:
        print_json([asdict(r) for r in found])
    else:
        show_releases(found)


@releases_app.command()
def rollback(
    release_id: Annotated[str, typer.Argument(help="The release to make current; see: releases list.")],
    data: DataOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a kept release current again, with its id ledger. The next merge follows it."""
    from assets.release import rollback as switch_to

    try:
        folder = switch_to(settings_from(data, config), release_id)
    except FileNotFoundError as e:
        fail(str(e))
        raise typer.Exit(1) from e
    out.print(f"✓ {release_id} is current: {folder}", highlight=False, soft_wrap=True)
