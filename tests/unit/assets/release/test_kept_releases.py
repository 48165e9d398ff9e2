"""What becomes of releases once they are published: ids asked for later, compared, cleared away, let through."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from registers import Nights, Size

from assets.release import (
    AuditFailed,
    acknowledge_churn,
    compared_folder,
    describe_release,
    difference,
    list_releases,
    prune,
    publish,
    read_manifest,
    rollback,
)
from resources.keys import open_restricted


def _event(kind: str, entity_id: str, event: str, other: str | None, night: int) -> str:
    """An entry of the id ledger of the n-th night."""
    other_id = f"'{other}'" if other else "NULL"
    return (
        f"INSERT INTO id_ledger SELECT '{kind}' AS entity_type, '{entity_id}' AS entity_id, '{event}' AS event, "
        f"{other_id} AS other_id, 'x' AS cause, DATE '2026-11-22' AS as_of, 'm{night}' AS release_id"
    )


def _renamed(old: str, new: str) -> tuple[str, ...]:
    """A vehicle whose id is another from now on."""
    return (
        f"UPDATE vehicles SET vehicle_id = '{new}' WHERE vehicle_id = '{old}'",
        f"UPDATE vehicle_holdings SET vehicle_id = '{new}' WHERE vehicle_id = '{old}'",
        f"UPDATE sources SET entity_id = '{new}' WHERE entity_id = '{old}'",
    )


@pytest.fixture
def moved(nights: Nights) -> Nights:
    """v_3 is merged into v_4, which becomes v_new the night after; v_5 is retired; v_9 has other holders."""
    nights.publish()
    gone = ("DELETE FROM vehicles WHERE vehicle_id = '{0}'", "DELETE FROM vehicle_holdings WHERE vehicle_id = '{0}'",
            "DELETE FROM sources WHERE entity_id = '{0}'")  # fmt: skip
    without_3, without_5 = ([g.format(v) for g in gone] for v in ("v_3", "v_5"))
    other_role = "UPDATE vehicle_holdings SET role = 'tenant' WHERE vehicle_id = 'v_9'"
    nights.publish(*without_3, other_role, _event("vehicle", "v_3", "merged", "v_4", 2))
    events = [
        _event("vehicle", "v_new", "split", "v_3", 3),
        _event("vehicle", "v_4", "merged", "v_6", 3),
        _event("vehicle", "v_5", "retired", None, 3),
    ]
    nights.publish(*without_3, *without_5, other_role, *_renamed("v_4", "v_new"), *events)
    return nights


ASKED = {"v_3": "v_6", "v_4": "v_6", "v_5": "retired", "v_6": "v_6", "v_new": "v_new", "r_1": "r_1", "h_1": "h_1",
         "v_never": None}  # fmt: skip


def test_any_id_ever_published_leads_to_the_one_that_stands(moved: Nights) -> None:
    query = "SELECT x, {}current_id(x) FROM (SELECT unnest($asked) AS x)"
    asked = {"asked": list(ASKED)}
    path = moved.settings.current.resolve() / "curated.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        assert dict(con.execute(query.format(""), asked).fetchall()) == ASKED
    with duckdb.connect() as con:  # attached under any name, and made the default
        con.execute(f"ATTACH '{path}' AS register (READ_ONLY)")
        con.execute("USE register")
        assert dict(con.execute(query.format(""), asked).fetchall()) == ASKED
        former = con.execute("SELECT old_id, became, current_id FROM register.former_ids").fetchall()
    assert former == [("v_3", "merged", "v_6"), ("v_4", "merged", "v_6"), ("v_5", "retired", None)]
    with open_restricted(moved.settings) as con:
        assert dict(con.execute(query.format(""), asked).fetchall()) == ASKED


def test_the_difference_of_two_nights_is_their_table_of_changes(moved: Nights) -> None:
    first, second, third = (r.folder for r in list_releases(moved.settings))
    for old, new in ((first, second), (second, third)):
        with duckdb.connect(str(new / "curated.duckdb"), read_only=True) as con:
            told = con.execute(
                "SELECT entity_type, entity_id, change, other_id, changed_columns FROM changes"
            ).fetchall()
        assert [tuple(vars(c).values()) for c in difference(moved.settings, old, new).changes] == told
    assert difference(moved.settings, first, second).as_json()["changes"] == [
        {"entity_type": "vehicle", "entity_id": "v_3", "change": "merged", "other_id": "v_4", "changed_columns": None},
        {
            "entity_type": "vehicle",
            "entity_id": "v_9",
            "change": "updated",
            "other_id": None,
            "changed_columns": ["vehicle_holdings"],
        },
    ]


def test_over_several_nights_and_back(moved: Nights) -> None:
    first, _, third = (r.folder for r in list_releases(moved.settings))
    forward = {c.entity_id: (c.change, c.other_id) for c in difference(moved.settings, first, third).changes}
    assert forward == {
        "v_3": ("merged", "v_6"),
        "v_4": ("merged", "v_6"),
        "v_5": ("retired", None),
        "v_9": ("updated", None),
        "v_new": ("split", "v_6"),
    }
    back = difference(moved.settings, third, first)
    assert back.counts == {"vehicle": {"created": 3, "retired": 1, "updated": 1}}
    assert difference(moved.settings, third, third).changes == []
    assert len(difference(moved.settings, first, third, most=2).changes) == 2


def test_a_release_is_described_from_its_own_files(moved: Nights) -> None:
    second = list_releases(moved.settings)[1]
    told = describe_release(moved.settings, second.release_id)
    assert told["changes"] == {"vehicles": {"merged": 1, "updated": 1}}
    assert (told["is_current"], told["rows"]["vehicles"], told["checks"]["failed"]) == (False, 39, [])
    assert describe_release(moved.settings)["is_current"]
    with pytest.raises(FileNotFoundError, match=second.release_id):
        describe_release(moved.settings, "nonsense")


def test_only_what_no_kept_release_needs_is_cleared_away(nights: Nights) -> None:
    first = nights.publish(days=("2026-11-21",))
    second = nights.publish(days=("2026-11-21", "2026-11-22"))
    third = nights.publish(days=("2026-11-22",))
    days = nights.settings.register / "events"
    _name_as_the_register_does(days)
    rollback(nights.settings, second.name)
    said = prune(nights.settings, 1, only_say=True)
    assert (said.releases, said.kept, said.days) == ((first.name,), (second.name, third.name), ())
    assert first.exists()
    assert prune(nights.settings, 1) == said
    assert [r.folder for r in list_releases(nights.settings)] == [second, third]
    assert sorted(p.name for p in nights.settings.ledger.iterdir()) == [second.name, third.name]
    rollback(nights.settings, third.name)
    # the day that only the second release lists is kept with it, and goes with it
    assert prune(nights.settings, 2).days == ()
    assert sorted(p.name for p in days.iterdir()) == ["2026-11-21", "2026-11-22"]
    assert prune(nights.settings, 1).days == ("2026-11-21/" + "0" * 16,)
    assert sorted(p.name for p in days.iterdir()) == ["2026-11-22"]
    assert (third / "events" / "access_events" / "2026-11-22.parquet").exists()


def _name_as_the_register_does(days: Path) -> None:
    """Put each day's files into a folder of its content, as the register does."""
    for day in list(days.iterdir()):
        aside = day.with_name("aside")
        day.rename(aside)
        day.mkdir()
        aside.rename(day / ("0" * 16))


SWAPPED = (
    "UPDATE occupancies SET house_id = 'h_' || ((substr(house_id, 3)::INT + 1) % {houses})",
    "UPDATE houses SET resident_count = (SELECT count(DISTINCT resident_id) FROM occupancies o "
    "WHERE o.house_id = houses.house_id)",
)
"""Every second house is of the other community: the residents of both have changed places."""


def _swapped(nights: Nights) -> list[str]:
    return [edit.format(houses=nights.size.houses) for edit in SWAPPED]


@pytest.fixture
def held_back(nights: Nights) -> AuditFailed:
    nights.publish()
    merge = nights.merge(*_swapped(nights))
    with pytest.raises(AuditFailed) as said:
        publish(nights.release(merge), merge)
    return said.value


def test_two_communities_taken_for_each_other_are_held_back(nights: Nights, held_back: AuditFailed) -> None:
    assert [(r.table, r.check) for r in held_back.results] == [("residents", "churn_by_community")]
    assert "2 communities lost their residents: c_340199000000000 100 of 100" in str(held_back)
    assert "releases allow-churn" in str(held_back)
    (old,) = list_releases(nights.settings)
    assert old.is_current
    report = json.loads(next((nights.settings.releases / "failed").glob("*.json")).read_text())
    held = compared_folder(nights.settings, report["release_id"])
    found = difference(nights.settings, old.folder, held)
    assert found.counts["resident"] == {"updated": 200}
    assert {tuple(c.changed_columns or ()) for c in found.changes if c.entity_type == "resident"} == {("occupancies",)}


def test_it_is_let_through_once_somebody_has_looked(nights: Nights, held_back: AuditFailed) -> None:
    acknowledge_churn(nights.settings, by="wang", why="the two codes were exchanged by the district")
    another = nights.merge(*_swapped(nights))
    folder = publish(nights.release(another), another)
    with duckdb.connect(str(folder / "curated.duckdb"), read_only=True) as con:
        (row,) = con.execute("""SELECT severity, passed, observed FROM checks WHERE "check" = 'churn_by_community'
            AND "table" = 'residents'""").fetchall()
    assert row[:2] == ("warning", False)
    assert "let through by wang on " in row[2] and row[2].endswith("the two codes were exchanged by the district")
    (line,) = (nights.settings.acknowledged / "churn.jsonl").read_text().splitlines()
    assert json.loads(line)["checks"] == [f"residents.churn_by_community: {row[2].split(';')[0]}"]
    # it held for that night: the same the other way round is held back again
    back = nights.merge()
    with pytest.raises(AuditFailed, match="churn_by_community"):
        publish(nights.release(back), back)
    assert nights.settings.current.resolve() == folder


def test_an_acknowledgement_needs_something_to_acknowledge(nights: Nights) -> None:
    nights.publish()
    with pytest.raises(ValueError, match="nothing is held back"):
        acknowledge_churn(nights.settings, by="wang", why="just in case")
    merge = nights.merge(*_swapped(nights), "UPDATE houses SET status = 'haunted' WHERE house_id = 'h_1'")
    with pytest.raises(AuditFailed) as said:
        publish(nights.release(merge), merge)
    assert "allow-churn" not in str(said.value)
    with pytest.raises(ValueError, match=r"houses\.values"):
        acknowledge_churn(nights.settings, by="wang", why="it is right")
    with pytest.raises(ValueError, match="phone"):
        acknowledge_churn(nights.settings, by="wang", why="asked at 13800000001")
    assert not nights.settings.acknowledged.exists()


def test_few_may_leave_a_small_community(nights: Nights) -> None:
    nights.size = Size(residents=80)
    nights.publish()
    folder = nights.publish(*_swapped(nights))
    assert read_manifest(folder)["checks"]["failed"] == []
