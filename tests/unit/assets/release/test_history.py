"""Every delivery against its contract and against its feed's own history, as the checks of a release tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from registers import AS_OF, Nights, deliver

from assets.merge import Merge
from assets.release.history import delivery_audits
from assets.standard import DeliveryChecks, read_delivery_checks, standard_folder
from expectations.checks import CheckResult

STEADY = {"male": 500, "female": 500}


def with_deliveries(nights: Nights, records: list[int], sexes: dict[str, int] | None = None) -> Merge:
    """A merge after nights of the given numbers of residents, the newest in effect; ``sexes`` are those of the last."""
    merge = nights.merge()
    (nights.settings.landing / "acme" / "d_resident" / "delivery.json").unlink(
        missing_ok=True
    )  # not one of these nights
    for n, count in enumerate(records):
        day = AS_OF - timedelta(days=len(records) - 1 - n)
        name = f"d_{day:%m%d}"
        newest = deliver(nights.settings, name, "residents", accepted=count, delivered_on=day)
        spread = sexes if sexes and n == len(records) - 1 else STEADY
        write(nights, name, DeliveryChecks(rows=count, results=[], distributions={"sex": spread}))
    return replace(merge, deliveries=(newest,))


def write(nights: Nights, delivery: str, checks: DeliveryChecks) -> None:
    (standard_folder(nights.settings, "acme", delivery) / "checks.json").write_text(checks.model_dump_json())


def told(merge: Merge) -> dict[str, CheckResult]:
    return {r.check: r for r in delivery_audits(merge) if r.table == "standard.residents"}


def test_the_first_nights_say_that_there_is_no_history(nights: Nights) -> None:
    found = told(with_deliveries(nights, [1000, 10]))
    assert found["volume.residents"].passed
    assert "no history yet" in found["volume.residents"].expected


def test_half_a_list_is_told_in_both_languages(nights: Nights) -> None:
    found = told(with_deliveries(nights, [1000, 1010, 990, 1005, 400]))["volume.residents"]
    assert (found.passed, found.severity, found.company) == (False, "warning", "acme")
    assert found.observed == f"400 records on {AS_OF}" and "median 1002.5 of the last 4" in found.expected
    assert "acme" in (found.remedy or "") and "400 条" in (found.message_zh or "")


def test_corrected_rows_are_not_the_volume_of_a_night(nights: Nights) -> None:
    merge = with_deliveries(nights, [1000, 1010, 990, 1005])
    deliver(nights.settings, "d_back", "residents", accepted=3, delivered_on=AS_OF, corrects=f"d_{AS_OF:%m%d}")
    write(nights, "d_back", DeliveryChecks(rows=3, results=[], distributions={"sex": {"male": 3}}))
    found = told(merge)
    assert found["volume.residents"].passed and found["volume.residents"].observed == f"1005 records on {AS_OF}"
    assert found["drift.residents"].passed


def test_swapped_codes_are_told_by_column(nights: Nights) -> None:
    found = told(with_deliveries(nights, [1000, 1000], {"male": 950, "female": 50}))["drift.residents"]
    assert (found.passed, found.columns) == (False, ("sex",))
    assert "50% before, 5% now" in found.observed or "50% before, 95% now" in found.observed
    assert told(with_deliveries(nights, [1000, 1000], {"male": 505, "female": 495}))["drift.residents"].passed


def test_a_feed_is_late_by_its_own_rhythm(nights: Nights) -> None:
    merge = with_deliveries(nights, [1000])
    assert told(merge)["freshness.residents"].passed
    late = replace(merge, as_of=AS_OF + timedelta(days=3))
    found = told(late)["freshness.residents"]
    assert not found.passed and "feeds.residents.every_days" in (found.remedy or "")
    company = merge.companies["acme"]
    weekly = company.feeds["residents"].model_copy(update={"every_days": 7})
    rare = {"acme": company.model_copy(update={"feeds": {**company.feeds, "residents": weekly}})}
    assert told(replace(late, companies=rare))["freshness.residents"].passed
    assert "never" in next(r for r in delivery_audits(merge) if r.check == "freshness.houses").observed


def test_history_outlives_the_landed_files(nights: Nights) -> None:
    merge = with_deliveries(nights, [1000, 1000, 1000])
    list(delivery_audits(merge))
    kept = nights.settings.ledger / "r"
    kept.mkdir(parents=True)
    (merge.state / "deliveries.parquet").rename(kept / "deliveries.parquet")
    for folder in (nights.settings.landing / "acme").glob("d_*"):
        (folder / "delivery.json").unlink(missing_ok=True)
    after = replace(with_deliveries(nights, [100]), previous=nights.settings.releases / "r")
    write(nights, "d_1122", DeliveryChecks(rows=100, results=[], distributions={}))
    assert "no history yet" in told(replace(after, previous=None))["volume.residents"].expected
    found = told(after)["volume.residents"]  # the day's delivery replaces what was known of it
    assert "2 of 3" in found.expected


def test_a_broken_contract_names_company_delivery_and_rows(nights: Nights) -> None:
    merge = nights.merge()
    held = read_delivery_checks(standard_folder(nights.settings, "acme", "d_resident"))
    broken = CheckResult("not_null.id_verified", "standard.residents", False, "2 rows otherwise", "no nulls")
    broken = replace(broken, examples=("a.csv 5", "a.csv 9"))
    write(nights, "d_resident", held.model_copy(update={"results": [*held.results, broken]}))
    found = told(merge)
    assert found["schema"].passed
    result = found["not_null.id_verified"]
    assert (result.stops, result.company) == (True, "acme")
    assert result.examples == ("d_resident a.csv 5", "d_resident a.csv 9")
    assert str(date(2026, 11, 22)) in result.observed
