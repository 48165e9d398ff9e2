"""Whether other DuckDB versions read a release: each client in an environment of its own asks the analysts' questions.

``python -m benchmarks.clients --data .sample/community-1 --versions 1.2.0 2.0.0``. Exits 1 when a client cannot.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_ASK = """
import json, sys
import duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print(json.dumps([duckdb.__version__, [len(con.sql(q).fetchall()) for q in json.load(sys.stdin)]]))
"""


def client(version: str) -> Path:
    """The interpreter of an environment with that DuckDB alone; made once, below ``.tmp``."""
    home = ROOT / ".tmp" / f"duckdb-{version}"
    python = home / "bin" / "python"
    if not (home / ".installed").exists():
        venv.create(home, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # older clients ask for pytz where a query returns times with a zone
        subprocess.run([*install, f"duckdb=={version}", "pytz"], check=True)
        (home / ".installed").touch()
    return python


def main() -> int:
    """Ask every question with every client; prints the rows each got."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / ".sample" / "community-1")
    parser.add_argument("--versions", nargs="+", default=["1.2.0", "1.5.5", "2.0.0"])
    args = parser.parse_args()
    database = args.data / "published" / "current" / "curated.duckdb"
    page = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    questions = re.findall(r"```sql\n(.+?)```", page, re.S)
    failed = 0
    for version in args.versions:
        asked = subprocess.run(
            [str(client(version)), "-c", _ASK, str(database)],
            input=json.dumps(questions),
            text=True,
            capture_output=True,
            check=False,
        )
        if asked.returncode:
            failed = 1
            print(f"{version}: cannot: {asked.stderr.strip().splitlines()[-1]}")
        else:
            found, rows = json.loads(asked.stdout)
            print(f"{found}: {len(rows)} of {len(questions)} questions answered, rows {rows}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
