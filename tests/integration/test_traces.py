"""Every surviving value is in the file and row that ``sources`` names, and each has exactly one source."""

from __future__ import annotations

from pathlib import Path

import pytest
from city_nights import city_settings

from assets.landing import current_deliveries, delivery_folder
from assets.standard import ACCEPTED, standard_folder
from expectations.feeds import load_companies
from expectations.policy import GOLDEN_FIELDS
from resources.duck import quote
from resources.keys import open_restricted

KEYS = {"residents": "resident_id", "houses": "house_id", "vehicles": "vehicle_id"}
LANDED = {"residents": ("name", "phone"), "houses": ("area_m2",), "vehicles": ("plate", "brand")}
"""Fields whose text in the file holds the value, when spaces and dots are taken away."""


@pytest.mark.parametrize("table", KEYS)
def test_surviving_values_are_in_the_named_file_and_row(merged_city: Path, table: str) -> None:
    settings = city_settings(merged_city)
    companies, _ = load_companies(settings.feeds)
    found = [
        (d.company, d.delivery_id)
        for company in companies.values()
        for name, feed in company.feeds.items()
        if feed.dataset == table
        for d in current_deliveries(settings, company, name)
    ]
    accepted = ", ".join(quote(standard_folder(settings, *f) / ACCEPTED) for f in found)
    landed = ", ".join(quote(delivery_folder(settings, *f) / "data.parquet") for f in found)
    where = "(company, delivery_id, file, row_number)"
    with open_restricted(settings) as con:
        for field in GOLDEN_FIELDS[table]:
            given = f"""SELECT s.*, e.{field} AS value FROM sources s JOIN {table} e ON e.{KEYS[table]} = s.entity_id
                WHERE s.dataset = '{table}' AND s.entity_type || 's' = '{table}'
                    AND list_contains(s.surviving_columns, '{field}')"""
            sums = f"SELECT count(*), count(DISTINCT entity_id) FROM ({given})"
            records, entities = con.execute(sums).fetchone() or (0, 0)
            assert records == entities > 0, field
            missing = f"SELECT count(*) FROM {table} WHERE {field} IS NOT NULL"
            if field != "floor":  # where no record has one, it is the room number's
                assert (con.execute(missing).fetchone() or (0,))[0] == entities, field
            same = f"""SELECT count(*) FROM ({given}) g
                JOIN read_parquet([{accepted}], union_by_name = true) a USING {where} WHERE a.{field} = g.value"""
            assert (con.execute(same).fetchone() or (0,))[0] == records, field
        for field in LANDED[table]:
            bare = r"regexp_replace(upper({}::VARCHAR), '[\s·•・‧．.\-]', '', 'g')"
            holds = f"contains({bare.format('l.' + field)}, {bare.format('s.value')})"
            sent = f"""SELECT count(*), count(*) FILTER ({holds})
                FROM (SELECT s.*, e.{field} AS value FROM sources s JOIN {table} e ON e.{KEYS[table]} = s.entity_id
                    WHERE s.dataset = '{table}' AND list_contains(s.surviving_columns, '{field}')) s
                JOIN read_parquet([{landed}], union_by_name = true) l USING {where}"""
            rows, told = con.execute(sent).fetchone() or (0, 0)
            assert rows > 100 and told > 0.9 * rows, field  # the rest is written in another width, or with a prefix
