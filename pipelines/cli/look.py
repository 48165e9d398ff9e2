"""``status``: how things stand."""

from __future__ import annotations

from dataclasses import asdict

from pipelines.cli.console import ConfigOption, DataOption, JsonOption, print_json, settings_from
from pipelines.cli.render import show_communities, show_status


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
