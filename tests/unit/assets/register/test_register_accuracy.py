"""The nightly measure of accuracy: what it hides, what it finds, and that it tells a bad model from a good one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from register_nights import Night, Register, Sent, id_number, person

from assets.register.accuracy import build_accuracy
from assets.register.linking import LinkingModel
from assets.register.linking.model import believed
from assets.release.audit import accuracy_audits
from expectations.policy import Accuracy, Linking, Policy

HALF = 20
"""Pairs of namesakes in the town: two people with one name and one birthday, known in two houses each."""
ALL = Policy(accuracy=Accuracy(share=1))


def town() -> list[dict[str, Any]]:
    """Everybody is called the same; only phone and house tell two people of one birthday apart. A few more never had a
    number, so that the feed is seen to tell birth dates."""
    records = []
    for n in range(2 * HALF):
        born = date(1970, 1, 1) + timedelta(days=400 * (n // 2))
        known = {
            "id": id_number(n, born.strftime("%Y%m%d")),
            "phone": f"138{n:08d}",
            "birth_date": born,
            "sex": "male",
            "id_verified": True,
        }
        records += [person("王伟", room=str(room + n), **known) for room in (101, 301)]
    return records + [
        person("李强", room=str(901 + n), birth_date=date(1950, 1, 1 + n), sex="female") for n in range(5)
    ]


def accuracy(night: Night, stratum: str = "all", company: str | None = None) -> dict[str, Any]:
    return night.one("accuracy", stratum=stratum, company=company)


def measured(night: Night, linking: LinkingModel | None) -> dict[str, Any]:
    """The row over all companies as another model would have it."""
    with duckdb.connect() as con:
        build_accuracy(night.merge, con, linking)
    return accuracy(night)


def too_sure() -> LinkingModel:
    """A model that takes any two people for one before it has seen anything."""
    model = believed()
    return replace(model, settings=model.settings | {"probability_two_random_records_match": 0.5})


def test_a_bad_model_is_seen_by_its_precision(register: Register) -> None:
    register.policy = ALL
    night = register.night(Sent("residents", town()))
    good = accuracy(night)
    assert (good["people"], good["true_pairs"], good["joined_pairs"]) == (2 * HALF, 2 * HALF, 2 * HALF)
    assert (good["precision"], good["recall"]) == (1, 1)
    assert 0.9 < good["precision_low"] < good["precision_high"] == 1
    bad = measured(night, too_sure())
    # two people of two records each, taken for one: of six pairs two are right
    assert bad["recall"] == 1 and bad["precision"] == pytest.approx(1 / 3, abs=1e-5)
    assert bad["precision_high"] < good["precision_low"]


def test_a_bad_threshold_is_seen_by_its_recall(register: Register) -> None:
    register.policy = Policy(accuracy=Accuracy(share=1), linking=Linking(accept=1))
    night = register.night(Sent("residents", town()))
    found = accuracy(night)
    assert found["recall"] == 0 and found["joined_pairs"] == 0 and found["precision"] is None
    precision, recall = audits(night)
    assert precision.passed and not recall.passed and not recall.stops
    assert "accuracy.recall_floor in register.yaml" in recall.expected


def audits(night: Night) -> list[Any]:
    with duckdb.connect() as con:
        con.execute("ATTACH ':memory:' AS curated")
        con.execute(f"CREATE TABLE curated.accuracy AS FROM read_parquet('{night.merge.tables}/accuracy.parquet')")
        return list(accuracy_audits(con, night.merge))


def test_a_release_warns_only_when_precision_is_surely_too_low(register: Register) -> None:
    register.policy = ALL
    night = register.night(Sent("residents", town()))
    assert all(r.passed for r in audits(night))
    measured(night, too_sure())
    precision, recall = audits(night)
    assert not precision.passed and precision.severity == "warning" and recall.passed


def test_the_measure_changes_nothing_and_is_the_same_whatever_the_order(register: Register) -> None:
    register.policy = ALL
    first = register.night(Sent("residents", town()[::2], file="a.csv"), Sent("residents", town()[1::2], file="b.csv"))
    other = register.night(
        Sent("residents", town()[1::2][::-1], file="a.csv"), Sent("residents", town()[::2][::-1], file="b.csv")
    )
    rows = [[{**r, "release_id": None} for r in night.rows("accuracy")] for night in (first, other)]
    assert rows[0] == rows[1] and rows[0]
    # the numbers were hidden for the measure only
    assert len(first.rows("residents")) == 2 * HALF + 5
    assert all(r["id_number"] for r in first.rows("residents") if r["name"] == "王伟")


def test_the_sample_is_bounded_and_small_counts_are_not_told(register: Register) -> None:
    register.policy = Policy(accuracy=Accuracy(people=4, share=1))
    night = register.night(Sent("residents", town()))
    assert night.report.counts["residents_hidden"] == 4
    row = accuracy(night)
    assert [v for k, v in row.items() if k not in ("release_id", "entity", "stratum")] == [None] * 10


def test_nothing_is_measured_where_nobody_can_be(register: Register) -> None:
    register.policy = Policy(accuracy=Accuracy(people=0))
    night = register.night(Sent("residents", town()))
    assert night.rows("accuracy") == []
    assert [r.observed for r in audits(night)] == ["too few people to measure"] * 2


def test_a_wrong_join_of_somebody_with_one_record_counts_for_all_who_were_not_drawn(register: Register) -> None:
    """All forty people with two records are drawn, and half of the eighty with one: each of these stands for two."""
    alone = []
    for n in range(80):
        born = date(1940, 1, 1) + timedelta(days=100 * (n // 2))
        number = id_number(500 + n, born.strftime("%Y%m%d"))
        alone.append(person("赵敏", room=str(401 + n), id=number, birth_date=born, sex="male"))
    register.policy = Policy(accuracy=Accuracy(people=40, share=1))
    night = register.night(Sent("residents", [*alone, *town()]))
    assert night.report.counts["residents_hidden"] == 80
    bad = measured(night, too_sure())
    wrong, right = bad["joined_pairs"] - bad["true_pairs"], bad["true_pairs"]
    of_one = wrong - 4 * HALF
    assert bad["recall"] == 1 and of_one > 0
    assert bad["precision"] == pytest.approx(right / (right + 4 * HALF + 2 * of_one), abs=1e-5)


@pytest.mark.parametrize("keeps", [True, False])
def test_what_the_number_told_is_hidden_too(register: Register, keeps: bool) -> None:
    """A birth date that only the number told must not be evidence when the number is hidden."""
    register.policy = ALL
    people = town() if keeps else [r | ({"birth_date": None} if r["name"] == "李强" else {}) for r in town()]
    night = register.night(Sent("residents", people))
    told = [r["stratum"] for r in night.rows("accuracy")]
    assert ("without_birth_date" in told) is not keeps
