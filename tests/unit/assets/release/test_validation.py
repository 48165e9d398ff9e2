"""A rule is declared once: it is then in the suite, in the audits of every layer, in ``checks`` and on the page."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from registers import SECRET_NAME, Nights

from assets.release import publish
from assets.release.checks import read_checks
from assets.standard.validate import validate
from expectations.contracts.datasets import DATASETS
from expectations.contracts.row_rules import ROW_RULES, RowRule
from expectations.contracts.tables import TABLES
from expectations.relations import standard_relation, table_relation
from expectations.suites import build_suite

RULE = RowRule(
    "no_ground_floor",
    ("standard.houses", "houses"),
    ("floor",),
    "nobody counts floors from 0",
    "楼层从1开始",
    "floor = 0",
    "warning",
)


def test_a_new_rule_is_everywhere_at_once(
    audited_nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("expectations.relations.ROW_RULES", (*ROW_RULES, RULE))
    for relation in (standard_relation(DATASETS["houses"]), table_relation(TABLES["houses"], "curated")):
        assert RULE.name in [e.meta["check"] for e in build_suite(relation).expectations]

    folder = audited_nights.publish("UPDATE houses SET floor = 0 WHERE house_id = 'h_7'")
    broken = {r.check: r for r in read_checks(folder) if r.check.removeprefix("gx.") == RULE.name}
    assert sorted(broken) == ["gx.no_ground_floor", "no_ground_floor"]
    for found in broken.values():  # houses 0 and 30 have had floor 0 all along
        assert (found.passed, found.severity, found.expected) == (False, "warning", RULE.holds)
        assert found.examples == ("h_0", "h_30", "h_7")
    page = (folder / "validation.html").read_text(encoding="utf-8")
    assert "houses.no_ground_floor" in page and RULE.holds in page and "h_0, h_30, h_7" in page
    assert SECRET_NAME not in page and "http" not in page

    relation = standard_relation(DATASETS["houses"])
    with duckdb.connect() as con:
        columns = ", ".join(f'"{c.name}" {c.type}' for c in relation.columns)
        con.execute(f"CREATE TABLE accepted ({columns})")
        for n, floor in enumerate((0, 3), 1):
            con.execute("INSERT INTO accepted (file, row_number, floor) VALUES ('a.csv', ?, ?)", [n, floor])
        con.execute(f"COPY accepted TO '{tmp_path / 'accepted.parquet'}'")
        checks = validate(con, DATASETS["houses"], tmp_path / "accepted.parquet")
    found = next(r for r in checks.results if r.check == RULE.name)
    assert (found.passed, found.examples) == (False, ("a.csv 1",))


def test_an_error_stops_the_release_and_its_page_is_kept(audited_nights: Nights) -> None:
    """The same rule, as an error: severity alone decides."""
    with pytest.MonkeyPatch.context() as patch:
        stern = RowRule(**(vars(RULE) | {"severity": "error"}))
        patch.setattr("expectations.relations.ROW_RULES", (*ROW_RULES, stern))
        merge = audited_nights.merge()
        candidate = audited_nights.release(merge)
        with pytest.raises(Exception, match="no_ground_floor: found 2 rows otherwise"):
            publish(candidate, merge)
    assert "Not released" in (audited_nights.settings.releases / "failed" / f"{candidate.release_id}.html").read_text()


def test_passes_before_registration_are_told_on_the_night_their_day_is_new(audited_nights: Nights) -> None:
    """And the release is let out: it is a warning."""
    moved_in = "UPDATE occupancies SET valid_from = DATE '2026-11-15' WHERE resident_id = 'r_1'"
    days = ("2026-11-10", "2026-11-21")
    first = audited_nights.publish(moved_in, days=days)
    (found,) = [r for r in read_checks(first) if r.check == "pass_after_registration"]
    early = audited_nights.size.passes // 4  # every fourth pass is of r_1
    assert (found.passed, found.severity, found.observed) == (False, "warning", f"{early} rows otherwise")
    assert found.examples[:2] == ("202611100000000000", "202611100000000004") and len(found.examples) == 20
    assert "events_identified.pass_after_registration" in (first / "validation.html").read_text(encoding="utf-8")

    second = audited_nights.publish(moved_in, days=days)
    (found,) = [r for r in read_checks(second) if r.check == "pass_after_registration"]
    assert found.passed
