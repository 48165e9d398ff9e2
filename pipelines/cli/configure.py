"""``sample``, ``feeds`` and ``ui``: a city to try, the check of the feed files, the operators' page."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import ConfigOption, DataOption, JsonOption, err, fail, out, print_json, settings_from, steps

feeds_app = typer.Typer(help="The feed files in config/feeds: check them, or print their schema.", no_args_is_help=True)
HOST = "127.0.0.1"


def sample(
    out_folder: Annotated[Path, typer.Option("--out", help="Folder of the city: drop/ and config/ are made in it.")],
    truth: Annotated[Path, typer.Option("--truth", help="Folder of the truth about every row.")],
    tier: Annotated[str, typer.Option(help="community (seconds), pilot (a minute or two), city (many minutes).")] = (
        "community"
    ),
    seed: Annotated[int, typer.Option(help="The same seed makes the same city.")] = 1,
    nights: Annotated[int, typer.Option(min=1, help="How many nights are delivered.")] = 1,
) -> None:
    """Make up a messy city: what its property companies drop, its feed files, and the truth about every row.

    People, plates and phones are made up. What arrives on a later night lies in nights/<k>/drop.
    """
    from resources.sample_city import TIERS, generate

    if tier not in TIERS:
        raise typer.BadParameter(f"{tier!r} is no tier; one of: {', '.join(TIERS)}", param_hint="--tier")
    with steps(100) as bar:
        shown = 0

        def progress(what: str, share: float) -> None:
            nonlocal shown
            bar.say(what)
            bar.done(int(share * 100) - shown)
            shown = int(share * 100)

        generate(tier, seed, out_folder, truth, nights, progress)
    err.print(f"✓ a {tier} city (seed {seed}) in {out_folder}, its truth in {truth}", highlight=False)


@feeds_app.command()
def check(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check every feed file and register.yaml; say what is wrong, where, and what is allowed."""
    from expectations.feeds import load_companies
    from expectations.policy import PolicyError, load_policy

    settings = settings_from(data, config)
    good, bad = load_companies(settings.feeds)
    errors = {name: str(error) for name, error in bad.items()}
    try:
        load_policy(settings.config)
    except PolicyError as e:
        errors["register"] = str(e)
    if as_json:
        print_json({"good": sorted(good), "errors": errors})
    else:
        for name, company in sorted(good.items()):
            communities = len(company.communities)
            out.print(f"✓ {name}.yaml: {len(company.feeds)} feeds, {communities} communities", highlight=False)
        for message in errors.values():
            fail(message)
    raise typer.Exit(1 if errors else 0)


@feeds_app.command()
def schema() -> None:
    """Print the JSON Schema of a feed file, for an editor to check and complete from."""
    from expectations.feed_docs import feed_json_schema

    print_json(feed_json_schema())


def ui(
    data: DataOption = None,
    config: ConfigOption = None,
    port: Annotated[int, typer.Option(help="Port of the page.")] = 3000,
) -> None:
    """Open the operators' page (Dagster) with the schedule and the sensors, on this machine only."""
    from pipelines.instance import prepare_home
    from resources.version import ROOT

    home = prepare_home(settings_from(data, config))
    err.print(f"· http://{HOST}:{port}  (Ctrl-C stops it; history in {home})", highlight=False)
    dagster = str(Path(sys.executable).with_name("dagster"))
    command = [dagster, "dev", "--workspace", str(ROOT / "workspace.yaml"), "--host", HOST, "--port", str(port)]
    os.environ.setdefault("PYTHONWARNINGS", "ignore")  # notices to developers, not to operators
    os.chdir(ROOT)
    os.execv(dagster, [*command, "--log-level", "warning"])
