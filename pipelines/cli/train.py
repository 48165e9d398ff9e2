"""``train``: make the linking model anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.console import ConfigOption, fail, out, settings_from, steps


def train(
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Data root with loaded deliveries; may be given several times."),
    ] = None,
    config: ConfigOption = None,
    note: Annotated[str, typer.Option("--note", help="What the data are, for the report.")] = "the standard data",
    model: Annotated[
        Path | None, typer.Option("--model", help="Where to write it [default: over the one in use].")
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="Where to write its report, in Markdown.")] = None,
) -> None:
    """Train the model that links residents, from records which ID numbers already join. Rarely needed; never by night.

    With several data roots each brings its own config folder, unless --config names one for all.
    """
    from assets.merge import open_merge
    from assets.register.linking import SHIPPED, write_model
    from assets.register.linking.report import model_report
    from assets.register.linking.train import TooFewLabels
    from assets.register.linking.train import train as learn

    given: list[Path | None] = [*data] if data else [None]
    roots = [settings_from(root, config or (root / "config" if root and len(given) > 1 else None)) for root in given]
    with steps(1) as bar:
        bar.say("training")
        try:
            trained = learn([open_merge(settings) for settings in roots], note)
        except TooFewLabels as e:
            fail(str(e))
            raise typer.Exit(1) from e
        bar.done()
    target = model or SHIPPED
    write_model(trained, target)
    if report:
        report.write_text(model_report(trained), encoding="utf-8")
    out.print(f"✓ {target}: trained on {trained.about['labelled_pairs']:,} labelled pairs", soft_wrap=True)
