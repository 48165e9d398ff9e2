"""The register's own measure of accuracy, held against the truth of the made-up city."""

from __future__ import annotations

from pathlib import Path

import duckdb
from city_nights import city_settings

from benchmarks.accuracy import measure


def test_silver_truth_is_about_the_truth(merged_city: Path) -> None:
    """What hidden numbers say of linking is what the truth says of the records that never had one."""
    truth = {
        line["stratum"]: line
        for line in measure(city_settings(merged_city), merged_city.parent / "truth")
        if line["entity"] == "residents"
    }
    with duckdb.connect(str(merged_city / "published/current/curated.duckdb"), read_only=True) as con:
        rows = con.sql("SELECT * FROM accuracy WHERE company IS NULL AND stratum = 'all'").to_arrow_table().to_pylist()
        companies = con.execute("SELECT count(*) FROM accuracy WHERE company IS NOT NULL").fetchone()
    (found,) = rows
    for rate in ("precision", "recall"):
        assert abs(found[rate] - truth["weak"][rate]) < 0.05
        assert found[f"{rate}_high"] - found[f"{rate}_low"] < 0.2, "an interval that says nothing holds anything"
    assert found["people"] > 100 and companies and companies[0] > 5
