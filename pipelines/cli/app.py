"""The commands, put together, and what becomes of an error."""

from __future__ import annotations

import sys

import typer

from pipelines.cli.configure import feeds_app, sample, ui
from pipelines.cli.console import fail
from pipelines.cli.erase import erase
from pipelines.cli.explain import explain
from pipelines.cli.look import status
from pipelines.cli.quarantine import quarantine_app
from pipelines.cli.receivers import receivers_app
from pipelines.cli.releases import releases_app
from pipelines.cli.replay import replay
from pipelines.cli.review import review_app
from pipelines.cli.train import train
from pipelines.cli.work import load, merge

app = typer.Typer(
    name="community-register",
    help="One register of residents, houses, vehicles and passes out of many property companies' exports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(sample)
app.command()(merge)
app.command()(load)
app.command()(replay)
app.command()(status)
app.command()(explain)
app.command()(erase)
app.command()(train)
app.command()(ui)
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(review_app, name="review")
app.add_typer(releases_app, name="releases")
app.add_typer(feeds_app, name="feeds")
app.add_typer(receivers_app, name="receivers")


def main() -> None:
    """Run the command line; an error that a person can mend is one message and exit code 1."""
    from assets.merge import InputsChanged, NothingToMerge
    from assets.receivers.log import LogDamaged
    from assets.release import AuditFailed, StaleMerge
    from assets.verdicts import VerdictsDamaged
    from expectations.feeds import FeedError
    from expectations.policy import PolicyError
    from resources.engine import SparkFailed
    from resources.keys import KeyProblem
    from resources.lock import Held
    from resources.machine import trouble
    from resources.settings import SettingsError

    mendable = (
        AuditFailed,
        FeedError,
        Held,
        InputsChanged,
        KeyProblem,
        LogDamaged,
        NothingToMerge,
        PolicyError,
        SettingsError,
        SparkFailed,
        StaleMerge,
        VerdictsDamaged,
    )
    try:
        app()
    except mendable as e:
        fail(str(e))
        sys.exit(1)
    except Exception as e:
        what = trouble(e)
        if what is None:
            raise  # a defect: its traceback is what helps
        fail(f"{what}; what was published stays as it is. Mend this and run it again")
        sys.exit(1)
    except KeyboardInterrupt:
        fail("stopped; what was published stays as it is")
        sys.exit(130)
