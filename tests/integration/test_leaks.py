"""No name, ID number, phone or plate of anybody gets into what operators read: Dagster's store, logs, checks, messages.

A whole night of the made-up city runs under Dagster, in which five companies send lists that are broken in different
ways; everything it wrote outside the data themselves is then read once, and every piece of text in it that could be
somebody's is looked up among all values that any company ever sent.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from city_nights import city_settings
from typer.testing import CliRunner

from assets.landing import deliveries
from expectations.feeds import load_companies
from pipelines.cli.app import app
from pipelines.instance import open_instance
from pipelines.run import Runner
from resources.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FIELDS = ("name", "owner_name", "id_number", "owner_id_number", "phone", "owner_phone", "plate")
HAN = re.compile("[\u4e00-\u9fff]+")
LONGEST = 4


def _without_header(content: bytes) -> bytes:
    return content.split(b"\n", 1)[1]


BREAKS = {
    "cut in the middle": lambda content: content[: len(content) // 2],
    "no header": _without_header,
    "bytes lost": lambda content: content[:300] + b"\x00\xff\xfe\x81" * 50 + content[700:],
    "twice in one": lambda content: content + content,
    "one column too many": lambda content: content.replace(b"\n", b",x\n", 30),
}


def _break_some(settings: Settings) -> int:
    """Let five companies send a broken list of residents of the next day."""
    broken = 0
    good = {d.company: d for d in deliveries(settings) if d.dataset == "residents" and d.status == "loaded"}
    for (company, delivery), spoil in zip(sorted(good.items()), BREAKS.values(), strict=False):
        source = settings.drop / company / delivery.files[0].path
        target = source.with_name(source.name.replace(delivery.delivered_on.strftime("%Y%m%d"), "20261224"))
        if target == source or not source.exists():
            continue
        target.write_bytes(spoil(source.read_bytes()))
        later = source.stat().st_mtime + 1
        os.utime(target, (later, later))
        broken += 1
    return broken


@pytest.fixture(scope="module")
def night(merged_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, str]]:
    """The night under Dagster; the settings, and all that was logged and printed."""
    root = tmp_path_factory.mktemp("leaks")
    shutil.copytree(merged_city, root / "city", symlinks=True)
    settings = city_settings(root / "city")
    said: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(self.format(record))

    keeper = Keeper()
    logging.getLogger().addHandler(keeper)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(root / "dagster"))
        for name in ("REGISTER_DATA", "REGISTER_CONFIG"):
            patch.setenv(name, "")
        assert _break_some(settings) >= 4
        with open_instance(settings) as instance:
            runner = Runner(settings, instance, said.append)
            failed = [c for c in runner.companies() if runner.load(c).errors]
            assert len(failed) >= 2  # what cannot be read; the others are set aside row by row
            assert runner.merge(force=True).success
        roots = ["--data", str(settings.data), "--config", str(settings.config)]
        for command in (
            ["status"],
            ["status", "--json"],
            ["releases", "list"],
            ["merge", "--without-dagster", "--json"],
            ["review", "list", "--json"],
            ["receivers", "list"],
        ):
            said.append(CliRunner().invoke(app, [*command, *roots]).output)
    logging.getLogger().removeHandler(keeper)
    yield settings, "\n".join(said)


def _texts(settings: Settings, said: str) -> Iterator[tuple[str, str]]:
    """(place, text) of everything that was written for people, not as data."""
    yield "logs and output", said
    for path in sorted(p for p in (settings.data.parent / "dagster").rglob("*") if p.is_file()):
        yield f"dagster/{path.name}", path.read_bytes().decode("utf-8", errors="replace")
        if path.suffix == ".db":
            yield f"dagster/{path.name} rows", _rows(path)
    release = settings.current.resolve()
    for path in [*release.rglob("*.json"), *release.rglob("*.html"), *settings.releases.glob("failed/*")]:
        yield f"release/{path.name}", path.read_text(encoding="utf-8")
    for pattern in ("landing/*/d_*/delivery.json", "standard/*/d_*/ledger.json"):
        for path in settings.data.glob(pattern):
            yield pattern, path.read_text(encoding="utf-8")
    with duckdb.connect(str(release / "curated.duckdb"), read_only=True) as con:
        for table in ("checks", "loads", "quarantine_summary", "releases", "coverage"):
            yield f"table {table}", json.dumps(con.execute(f"FROM {table}").fetchall(), ensure_ascii=False, default=str)


def _rows(path: Path) -> str:
    """What a SQLite file holds, with escapes undone: Dagster stores JSON, in which a name is ``\\u5f20``."""
    import sqlite3

    with sqlite3.connect(path) as con:
        tables = [t for (t,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        text = "\n".join(str(row) for t in tables for row in con.execute(f'SELECT * FROM "{t}"'))
    return re.sub(r"\\+u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)


def _values(settings: Settings) -> dict[str, set[str]]:
    """Every name, number, phone and plate that any company sent, whole ones."""
    found: dict[str, set[str]] = {f: set() for f in FIELDS}
    with duckdb.connect() as con:
        for path in settings.landing.glob("*/d_*/data.parquet"):
            columns = {c for (c, *_) in con.execute(f"DESCRIBE FROM '{path}'").fetchall()}
            for field in columns & set(FIELDS):
                rows = con.execute(f"SELECT DISTINCT {field} FROM '{path}' WHERE {field} IS NOT NULL").fetchall()
                found[field] |= {v.strip() for (v,) in rows}
    return {f: {v for v in values if "*" not in v} for f, values in found.items()}


def _known_words(settings: Settings) -> set[str]:
    """Pieces of Han text that the program's own messages, the feed files and the places are made of."""
    companies, _ = load_companies(settings.feeds)
    sources = [
        p
        for folder in ("assets", "expectations", "pipelines")
        for p in (ROOT / folder).rglob("*")
        if p.suffix in (".py", ".sql", ".html", ".css", ".js")
    ]
    own = [p.read_text(encoding="utf-8") for p in sources]
    own += [json.dumps(c.model_dump(mode="json"), ensure_ascii=False) for c in companies.values()]
    return {piece for text in own for piece in _pieces(text)}


def _pieces(text: str) -> Iterator[str]:
    """Every run of two to four characters of the Han text."""
    for run in HAN.findall(text):
        for n in range(2, LONGEST + 1):
            yield from (run[i : i + n] for i in range(len(run) - n + 1))


def leaks(settings: Settings, said: str) -> tuple[dict[str, int], int]:
    """Place → how many values of people stand there; and how many names are also words of the program, so that they
    cannot be told from them."""
    values = _values(settings)
    numbers = {re.sub(r"[\s-]", "", v).upper() for f in FIELDS[2:6] for v in values[f] if len(v) >= 7}
    plates = {v.upper() for v in values["plate"] if len(v) >= 7}
    words = _known_words(settings)
    names = {v for f in FIELDS[:2] for v in values[f] if HAN.fullmatch(v) and 2 <= len(v) <= LONGEST}
    found: dict[str, int] = {}
    for place, text in _texts(settings, said):
        digits = {d.upper() for d in re.findall(r"(?<![0-9A-Za-z])[0-9]{7,18}[Xx]?(?![0-9A-Za-z])", text)}
        cars = {p.upper() for p in re.findall("[\u4e00-\u9fff][A-Z][A-Z0-9·]{5,7}", text)}
        people = set(_pieces(text)) & (names - words)
        hits = len(digits & numbers) + len(cars & plates) + len(people)
        if hits:
            found[place] = found.get(place, 0) + hits
    return found, len(names & words)


def test_a_night_tells_nobody_about_anybody(night: tuple[Settings, str]) -> None:
    settings, said = night
    found, words = leaks(settings, said)
    assert found == {}
    assert words < 20  # 高层 and the like: names that are words too, for which nothing can be said


def test_the_search_finds_what_is_there(night: tuple[Settings, str]) -> None:
    """One value of each kind, written as it would be, is found wherever it stands."""
    settings, said = night
    values, words = _values(settings), _known_words(settings)
    name = min(v for v in values["name"] if HAN.fullmatch(v) and 2 <= len(v) <= LONGEST and v not in words)
    phone = min(v for v in values["phone"] if re.fullmatch("1[0-9]{10}", v))
    number = min(v for v in values["id_number"] if re.fullmatch("[0-9]{17}[0-9X]", v))
    plate = min(v for v in values["plate"] if re.fullmatch("[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}", v))
    for value in (name, phone, number, plate):
        found, _ = leaks(settings, f"{said}\nrow 7: {value} is wrong")
        assert found == {"logs and output": 1}
