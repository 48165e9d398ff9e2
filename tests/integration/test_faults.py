"""A small round of ``make faults``: nights killed under a reader's eyes, deliveries damaged at random."""

from __future__ import annotations

from benchmarks.faults.deliveries import run_mutations
from benchmarks.faults.kills import run_kills
from benchmarks.faults.progress import bar


def test_killed_nights_publish_what_undisturbed_ones_do() -> None:
    with bar("kills", 2) as tell:
        found = run_kills(2, 7, tell, histories=1)
    assert found.wrong == []
    assert (found.kills, found.mixed, found.read_errors) == (2, 0, 0)
    assert found.reads > 0


def test_damaged_deliveries_are_taken_in_or_refused_with_words() -> None:
    with bar("mutations", 60) as tell:
        found = run_mutations(range(60), tell)
    assert found.wrong == []
    assert found.mutations == 60
    # the draws reach both ends: some are read, some are refused, for several reasons
    assert found.outcomes["loaded"] > 10
    assert len([o for o in found.outcomes if o.startswith("failed")]) > 4
