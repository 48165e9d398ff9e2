"""The engine's spill folders: in use they are left alone, abandoned they are cleared away."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from resources.duck import PARQUET, connect, enumeration, one_value, quote
from resources.settings import Settings

_HOLDS = """
import sys, time
from pathlib import Path
from resources.duck import connect
from resources.settings import Settings
root = Path(sys.argv[1])
with connect(Settings(data=root, config=root)):
    next(root.glob(".spill_*")).joinpath("much").write_bytes(b"x" * 100)
    print("spilling", flush=True)
    time.sleep(600)
"""


def test_a_spill_folder_goes_when_its_process_was_killed_and_not_before(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, config=tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "spilling\n"
        (theirs,) = tmp_path.glob(".spill_*")
        with connect(settings):
            assert (theirs / "much").exists() and len(list(tmp_path.glob(".spill_*"))) == 2
        assert (theirs / "much").exists()
        other.send_signal(signal.SIGKILL)
    with connect(settings):
        assert not theirs.exists()
    assert not list(tmp_path.glob(".spill_*"))


def test_a_text_that_all_rows_share_is_read_as_text(tmp_path: Path) -> None:
    file, said = tmp_path / "a.parquet", "it's 门禁"
    with connect(Settings(data=tmp_path, config=tmp_path)) as con:
        con.execute(f"COPY (SELECT {one_value(said)} AS said FROM range(3)) TO {quote(file)} ({PARQUET})")
        assert con.sql(f"SELECT DISTINCT said, typeof(said) FROM {quote(file)}").fetchall() == [(said, "VARCHAR")]
    assert pq.read_table(file).column("said").to_pylist() == [said] * 3
    assert pq.read_schema(file).field("said").type == pa.string()


def test_an_enumeration_is_sorted_as_its_texts_are(tmp_path: Path) -> None:
    texts = ["b", "10", "é", "门", "9", "", "it's", "\U00020000", "\uff21", "B", "a"]
    with connect(Settings(data=tmp_path, config=tmp_path)) as con:
        con.execute("CREATE TABLE t AS SELECT unnest(?) AS said", [texts])
        as_texts = con.sql("FROM t ORDER BY said").fetchall()
        assert con.sql(f"SELECT said::{enumeration(texts)} AS said FROM t ORDER BY said").fetchall() == as_texts
