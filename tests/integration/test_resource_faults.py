"""The machine fails during a load: said in words, what was loaded before stays in use, and the next load is fine."""

from __future__ import annotations

import multiprocessing
import resource
import shutil
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import pytest

from assets.landing import current_deliveries
from assets.landing.write import write_data
from assets.nightly import LoadReport, load_company
from expectations.feeds import Company
from resources.machine import trouble
from resources.settings import Settings

HEADER = "小区,楼栋,单元,房号,姓名,身份证号,电话\n"
ROWS = [f"滨湖明珠,3,2,{500 + i % 40},张三{i},340199199001010012,1381234{i:04d}\n" for i in range(3000)]


@pytest.fixture
def standing(office: Any) -> Any:
    """An office with a good delivery in use and a newer one in the drop folder."""
    office.put("20260101/residents.csv", HEADER + "".join(ROWS[:2000]))
    assert not _load(office).failed
    office.put("20260102/residents.csv", HEADER + "".join(ROWS))
    return office


def _load(office: Any, settings: Settings | None = None) -> LoadReport:
    return load_company(settings or office.settings, office.company)


def _in_use(office: Any) -> list[str]:
    return [str(d.delivered_on) for d in current_deliveries(office.settings, office.company, "residents")]


def _recovers(office: Any) -> bool:
    return not _load(office).failed and _in_use(office) == ["2026-01-02"]


def _load_with_little_disk(settings: Settings, company: Company, said: Connection) -> None:
    # every file that grows beyond this fails as it would on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
    said.send([(r.delivery.code, r.message, r.message_zh) for r in load_company(settings, company).failed])


def test_a_full_disk(standing):
    apart = multiprocessing.get_context("spawn")
    here, there = apart.Pipe(duplex=False)
    process = apart.Process(target=_load_with_little_disk, args=(standing.settings, standing.company, there))
    process.start()
    there.close()
    ((code, message, message_zh),) = here.recv()
    process.join()
    assert code == "machine"
    assert "20260102/residents.csv" in message and "20260102/residents.csv" in message_zh
    assert "need not be sent again" in message and "无需重新报送" in message_zh
    assert _in_use(standing) == ["2026-01-01"]
    assert _recovers(standing)


def test_too_little_memory(standing):
    (failed,) = _load(standing, replace(standing.settings, memory_limit="1MB")).failed
    assert failed.delivery.code == "machine" and "REGISTER_MEMORY" in failed.message
    assert _in_use(standing) == ["2026-01-01"]
    assert _recovers(standing)


def test_a_folder_that_cannot_be_written(standing):
    # root may write anywhere, so that a mode would stop nobody: a file in the place of the folder stops everybody
    aside = standing.settings.landing.rename(standing.settings.data / "aside")
    standing.settings.landing.write_text("")
    with pytest.raises(OSError) as stopped:
        _load(standing)
    assert str(standing.settings.landing) in trouble(stopped.value)
    standing.settings.landing.unlink()
    aside.rename(standing.settings.landing)
    assert _in_use(standing) == ["2026-01-01"]
    assert _recovers(standing)


@pytest.mark.parametrize("change", ["the folder goes", "the file grows"])
def test_the_drop_folder_changes_while_it_is_read(standing, monkeypatch, change):
    folder = standing.drop / "20260102"

    def meanwhile(*given: Any) -> Any:
        if change == "the folder goes":
            shutil.rmtree(folder)
        else:
            with (folder / "residents.csv").open("a", encoding="utf-8") as f:
                f.writelines(ROWS[:500])
        return write_data(*given)

    with monkeypatch.context() as patched:
        patched.setattr("assets.landing.load.write_data", meanwhile)
        (_, waiting) = _load(standing).deliveries
    assert (waiting.delivery.status, waiting.delivery.code) == ("waiting", "still_writing")
    assert "20260102/residents.csv" in waiting.message and "20260102/residents.csv" in waiting.message_zh
    assert _in_use(standing) == ["2026-01-01"]
    standing.put("20260102/residents.csv", HEADER + "".join(ROWS))
    assert _recovers(standing)
