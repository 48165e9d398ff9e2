"""The same night as a data team would write it in an afternoon of pandas: read, clean, drop duplicates, merge, write.

It does less than the register: no reasons, no quarantine, no ledger, no ids that last, no linking beyond equal keys, no
audits, no release. It reads each file by its content and knows each feed's headers and codes, as such a script would
after a while.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from assets.landing.layout import Mapper
from expectations.feeds import Company, load_companies
from resources.settings import Settings

_HOUSE = (
    r"(?:(?P<phase>[一二三四五六七八九\dA-Z]+[期区]))?(?P<building>\w+?)(?:号楼|[栋幢座#-])"
    r"(?:(?P<unit>\w+?)(?:单元|-))?(?P<room>\w+?)(?:室)?$"
)
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_HOUSE_KEY = ["community", "building", "unit", "room"]


def read_files(path: Path, mapper: Mapper) -> Iterator[pd.DataFrame]:
    """Every table in a file, all columns as text, header rows found."""
    data = path.read_bytes()
    if data[:2] == b"PK" and path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from _tables(archive.read(name), Path(name).suffix, mapper)
    else:
        yield from _tables(data, path.suffix, mapper)


def _tables(data: bytes, suffix: str, mapper: Mapper) -> Iterator[pd.DataFrame]:
    start = data[:64].lstrip(b"\xef\xbb\xbf \r\n")
    if data[:4] == b"PAR1":
        yield pd.read_parquet(io.BytesIO(data)).astype("str")
    elif data[:2] == b"PK":
        for sheet in pd.read_excel(
            io.BytesIO(data), sheet_name=None, header=None, dtype=str, engine="calamine"
        ).values():
            yield _headed(sheet, mapper)
    elif start[:1] == b"<":
        text = _text(data)
        # without a converter an ID number becomes a float
        width = max(len(re.findall("<t[dh]", row)) for row in text[:65536].split("</tr>"))
        for table in pd.read_html(io.StringIO(text), header=None, converters=dict.fromkeys(range(width), str)):
            yield _headed(table, mapper)
    elif suffix == ".jsonl":
        yield pd.read_json(io.BytesIO(data), lines=True, dtype=False, convert_dates=False)
    elif start[:1] in (b"{", b"["):
        yield pd.json_normalize(_records(json.loads(data)))
    else:
        text = _text(data)
        head = text[:4096]
        grid = pd.read_csv(
            io.StringIO(text),
            sep="\t" if head.count("\t") > head.count(",") else ",",
            header=None,
            names=range(40),
            dtype=str,
            on_bad_lines="skip",
        )
        yield _headed(grid.dropna(axis=1, how="all"), mapper)


def _text(data: bytes) -> str:
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", errors="replace")


def _records(document: Any) -> list[dict[str, Any]]:
    """The first list of objects in a JSON document."""
    if isinstance(document, list):
        return document
    found = (_records(v) for v in document.values() if isinstance(v, dict | list))
    return next((rows for rows in found if rows), [])


def _headed(grid: pd.DataFrame, mapper: Mapper) -> pd.DataFrame:
    header = mapper.find_header(grid.head(25).astype(object).where(grid.head(25).notna(), None).values.tolist())
    if header is None:
        return pd.DataFrame()
    body = grid.iloc[header.row :]
    body.columns = [n or f"_{i}" for i, n in enumerate(header.names)] + [
        f"_{i}" for i in range(len(header.names), grid.shape[1])
    ]
    return body


def load(settings: Settings, companies: dict[str, Company]) -> dict[str, pd.DataFrame]:
    """All companies' rows by dataset, under the fields' names."""
    tables: dict[str, list[pd.DataFrame]] = {}
    for company in companies.values():
        for name, feed in company.feeds.items():
            mapper = Mapper(company, name)
            for path in sorted(p for pattern in feed.files for p in (settings.drop / company.company).glob(pattern)):
                try:
                    frames = list(read_files(path, mapper))
                except (zipfile.BadZipFile, ValueError) as error:
                    print(f"cannot read a file of {company.company}: {type(error).__name__}")
                    continue
                tables.setdefault(feed.dataset, []).extend(_named(f, mapper, company, name) for f in frames if len(f))
    return {dataset: pd.concat(frames, ignore_index=True) for dataset, frames in tables.items()}


def _named(frame: pd.DataFrame, mapper: Mapper, company: Company, feed: str) -> pd.DataFrame:
    layout = mapper.map([str(c) for c in frame.columns], feed)
    out = pd.DataFrame({name: frame.iloc[:, i] for name, i in layout.fields.items()}).assign(**mapper.constants)
    for field, codes in company.feeds[feed].codes.items():
        if field in out:
            out[field] = out[field].map(codes)
    out["company"] = company.company
    return out.reset_index(drop=True)


def clean(table: pd.DataFrame) -> pd.DataFrame:
    """Text normal forms, numbers checked, dates and addresses read."""
    for column in table.columns:
        table[column] = table[column].astype("str").str.normalize("NFKC").str.strip().replace({"": None, "nan": None})
    if "id_number" in table:
        table["id_number"] = table["id_number"].str.upper().where(_checked(table["id_number"]))
    for phone in ("phone", "owner_phone"):
        if phone in table:
            found = table[phone].str.extract(r"(1[3-9]\d{9})", expand=False)
            table[phone] = found
    if "birth_date" in table:
        table["birth_date"] = pd.to_datetime(table["birth_date"], errors="coerce", format="mixed")
    if "address" in table:
        parts = table["address"].str.extract(_HOUSE)
        for name in ("building", "unit", "room"):
            table[name] = parts[name] if name not in table else table[name].fillna(parts[name])
    for name in ("building", "unit", "room"):
        if name in table:
            table[name] = table[name].str.replace(r"(号楼|[栋幢座]|单元|室)$", "", regex=True)
    if "plate" in table:
        table["plate"] = table["plate"].str.upper().str.replace(r"[\s·•・.-]", "", regex=True)
    if "occurred_at" in table:
        table["occurred_at"] = _times(table["occurred_at"])
    return table


def _checked(numbers: pd.Series) -> pd.Series:
    """Whether each is an ID number with a right check character."""
    well = numbers.str.fullmatch(r"\d{17}[\dXx]").fillna(False).astype(bool)
    likely = numbers[well].astype(str).tolist()
    digits = np.array([list(n[:17]) for n in likely], dtype=np.int64).reshape(-1, 17)
    checks = np.array(list("10X98765432"))[(digits * _WEIGHTS).sum(axis=1) % 11]
    well[well] = [n[17].upper() == check for n, check in zip(likely, checks, strict=True)]
    return well


def _times(texts: pd.Series) -> pd.Series:
    digits = texts.str.fullmatch(r"\d{10}|\d{13}").fillna(False).astype(bool)
    counted = pd.to_numeric(texts.where(digits), errors="coerce")
    counted = counted.where(counted < 10**11, counted / 1000)
    written = pd.to_datetime(texts.where(~digits), errors="coerce", format="mixed", utc=True)
    return written.fillna(pd.to_datetime(counted, unit="s", utc=True))


def merge(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """One row per house, person, vehicle and pass, by equal keys, and who lives where."""
    people = tables["residents"].drop_duplicates()
    person = people["id_number"].fillna(
        people["name"].fillna("") + "|" + people["phone"].fillna("") + "|" + people["birth_date"].astype("str")
    )
    people = people.assign(person=person)
    residents = people.groupby("person", sort=False).first().reset_index()
    houses = (
        pd.concat([tables["houses"], people[[c for c in people if c in tables["houses"].columns]]])
        .drop_duplicates(_HOUSE_KEY)
        .reset_index(drop=True)
        .reset_index(names="house_id")
    )
    lives = people[["person", *_HOUSE_KEY]].drop_duplicates()
    occupancies = lives.merge(houses[["house_id", *_HOUSE_KEY]], on=_HOUSE_KEY)
    vehicles = tables["vehicles"].drop_duplicates().groupby("plate", sort=False).first().reset_index()
    events = tables["access_events"].drop_duplicates().sort_values("occurred_at")
    subject = [c for c in ("plate", "card_number", "name") if c in events]
    events = events.drop_duplicates(["community", "occurred_at", "direction", *subject])
    counts = occupancies.groupby("house_id")["person"].nunique().rename("residents")
    houses = houses.merge(counts, left_on="house_id", right_index=True, how="left")
    return {
        "residents": residents,
        "houses": houses,
        "occupancies": occupancies,
        "vehicles": vehicles,
        "access_events": events,
    }


def run(settings: Settings, out: Path) -> dict[str, int]:
    """The whole script; rows written by table."""
    out.mkdir(parents=True, exist_ok=True)
    companies, _ = load_companies(settings.feeds)
    tables = {name: clean(table) for name, table in load(settings, companies).items()}
    merged = merge(tables)
    for name, table in merged.items():
        table.to_parquet(out / f"{name}.parquet", compression="zstd")
    return {name: len(table) for name, table in merged.items()}
