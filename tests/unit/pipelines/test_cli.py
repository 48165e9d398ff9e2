"""The command line: help, exit codes, what is printed for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from two_companies import HOUSES, RESIDENTS, House
from typer.testing import CliRunner

from pipelines.cli.app import app

COMMANDS = [
    [],
    ["sample"],
    ["merge"],
    ["load"],
    ["replay"],
    ["status"],
    ["explain"],
    ["quarantine"],
    ["quarantine", "list"],
    ["quarantine", "show"],
    ["quarantine", "return"],
    ["review"],
    ["review", "list"],
    ["review", "communities"],
    ["review", "show"],
    ["review", "decide"],
    ["review", "undo"],
    ["review", "export"],
    ["review", "import"],
    ["ui"],
    ["releases"],
    ["releases", "list"],
    ["releases", "show"],
    ["releases", "diff"],
    ["releases", "rollback"],
    ["releases", "prune"],
    ["releases", "allow-churn"],
    ["feeds"],
    ["feeds", "check"],
    ["feeds", "schema"],
]


def _run(house: House, *arguments: str) -> tuple[int, str]:
    roots = ["--data", str(house.settings.data), "--config", str(house.settings.config)]
    result = CliRunner().invoke(app, [*arguments, *roots])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0 and len(result.stdout) > 100


@pytest.mark.parametrize("arguments", [["merge", "--no-such"], ["load"], ["merge", "--config", "/nowhere"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_an_unknown_company_is_wrong_usage(house: House) -> None:
    assert _run(house, "load", "gamma")[0] == 2


def test_feeds_check_names_file_and_key(house: House) -> None:
    assert _run(house, "feeds", "check")[0] == 0
    house.configure("beta", patterns=["*.csv"])
    code, printed = _run(house, "feeds", "check", "--json")
    assert code == 1
    assert "patterns: unknown key" in json.loads(printed)["errors"]["beta"]


def test_feeds_schema_is_a_schema() -> None:
    assert "properties" in json.loads(CliRunner().invoke(app, ["feeds", "schema"]).stdout)


def test_a_misspelt_community_is_seen_at_once_and_accepted_as_an_alias(house: House) -> None:
    wrong = HOUSES.replace("滨湖明珠,3,2,503", "滨湖明株,3,2,503")
    house.drop("acme", "houses_20261120.csv", wrong)
    code, printed = _run(house, "merge", "--without-dagster", "--json")
    (problem,) = [p for p in json.loads(printed)["problems"] if p["what"] == "unknown community"]
    assert code == 0 and json.loads(printed)["register"]["houses"] == 1
    assert "1 row set aside: 滨湖明株 is not declared; 滨湖明珠 is close (sounds alike)" in problem["message"]
    assert "config/feeds/acme.yaml" in problem["message"] and "滨湖明珠" in problem["message_zh"]
    for command in (["review", "communities"], ["status"]):
        code, printed = _run(house, *command)
        assert code == 0 and "滨湖明株" in printed
    (unknown,) = json.loads(_run(house, "review", "communities", "--json")[1])
    assert (unknown["company"], unknown["name"], unknown["rows"]) == ("acme", "滨湖明株", 1)
    with duckdb.connect(str(house.settings.current / "curated.duckdb"), read_only=True) as con:
        (said,) = con.execute("SELECT message FROM loads WHERE dataset = 'houses'").fetchone() or ()
    assert "滨湖明株 (1, perhaps 滨湖明珠)" in said

    house.configure("acme", communities=[{"name": "滨湖明珠", "aliases": ["滨湖明株"]}])
    code, printed = _run(house, "merge", "--without-dagster", "--json")
    assert json.loads(printed)["register"]["houses"] == 2
    assert json.loads(_run(house, "review", "communities", "--json")[1]) == []


def test_a_night_by_hand_without_dagster(house: House) -> None:
    for company in ("acme", "beta"):
        house.drop(company, "residents_20261120.csv", RESIDENTS)
    house.drop("acme", "houses_20261120.csv", HOUSES)
    house.drop("beta", "houses_20261120.csv", "")
    code, printed = _run(house, "merge", "--without-dagster", "--json")
    assert code == 0
    said = json.loads(printed)
    assert said["published"] and said["register"]["houses"] == 2
    assert [(p["company"], p["what"]) for p in said["problems"]] == [("beta", "houses")]
    assert "houses_20261120.csv" in said["problems"][0]["message"]

    code, printed = _run(house, "status", "--json")
    states = {c["company"]: c["state"] for c in json.loads(printed)["companies"]}
    assert code == 0 and states == {"acme": "fine", "beta": "failing"}

    code, printed = _run(house, "releases", "list", "--json")
    (release,) = json.loads(printed)
    assert Path(release["folder"]).name == release["release_id"]
    assert _run(house, "releases", "rollback", release["release_id"])[0] == 0
    assert _run(house, "releases", "rollback", "no_such_release")[0] == 1
    _look_at_releases(house, release["release_id"])


def _look_at_releases(house: House, first: str) -> None:
    for command in (["show", "nonsense"], ["diff", "nonsense"], ["allow-churn", "--by", "wang", "--why", "right"]):
        assert _run(house, "releases", *command)[0] == 1
    assert _run(house, "releases", "prune", "--keep", "0")[0] == 2
    code, printed = _run(house, "releases", "show", "--json")
    assert code == 0 and json.loads(printed)["changes"]["houses"] == {"created": 2}
    house.drop("acme", "houses_20261121.csv", HOUSES.replace("502", "901"))
    assert _run(house, "merge", "--without-dagster")[0] == 0
    code, printed = _run(house, "releases", "diff", first, "--json")
    assert code == 0 and json.loads(printed)["counts"]["house"]["created"] == 1
    assert "created" in _run(house, "releases", "diff", first)[1]
    assert "houses" in _run(house, "releases", "show", first)[1]
    assert _run(house, "releases", "prune", "--keep", "1", "--dry-run")[0] == 0
    code, printed = _run(house, "releases", "prune", "--keep", "1", "--json")
    assert code == 0 and json.loads(printed)["releases"] == [first]
    code, printed = _run(house, "releases", "list")
    assert code == 0 and first not in printed


def test_what_was_set_aside_is_listed_shown_and_returned_without_a_value(house: House, tmp_path: Path) -> None:
    house.drop("acme", "houses_20261120.csv", HOUSES + "滨湖明珠,3,2,,77\n")
    assert _run(house, "quarantine", "list")[1].startswith("nothing is set aside")
    assert _run(house, "load", "acme", "--without-dagster")[0] == 0
    code, printed = _run(house, "quarantine", "list", "--json")
    (one,) = json.loads(printed)
    assert code == 0 and (one["rows"], one["reasons"]) == (1, {"house_incomplete:room": 1})
    code, printed = _run(house, "quarantine", "show", one["delivery_id"][:6])
    assert code == 0 and "houses_20261120.csv" in printed and "77" not in printed
    assert _run(house, "quarantine", "show", "d_none")[0] == 1
    code, printed = _run(house, "quarantine", "return", "--company", "acme", "--out", str(tmp_path / "out"), "--json")
    (written,) = json.loads(printed)["returns"]
    assert code == 0 and Path(written["folder"]).parent == tmp_path / "out" / "acme"
    code, printed = _run(house, "quarantine", "return", "--since", "2026-11-21", "--json")
    assert code == 0 and json.loads(printed)["returns"] == []
    assert _run(house, "quarantine", "return", "--company", "gamma")[0] == 2


def test_a_replay_says_what_came_in_and_takes_nothing_new(house: House) -> None:
    house.configure("acme", communities=[{"name": "滨湖明珠"}, {"name": "翡翠湖"}])
    house.drop("acme", "houses_20261120.csv", HOUSES + "滨湖,3,2,504,77\n")
    assert _run(house, "load", "acme", "--without-dagster")[0] == 0
    house.drop("acme", "houses_20261121.csv", HOUSES)
    house.configure("acme", communities=[{"name": "滨湖明珠", "aliases": ["滨湖"]}, {"name": "翡翠湖"}])
    code, printed = _run(house, "replay", "--company", "acme")
    assert code == 0 and "2 → 3" in printed and "1 → 0" in printed and "1 of 1 stored" in printed
    code, printed = _run(house, "replay", "--json")
    (one,) = json.loads(printed)
    assert code == 0 and not one["judged_anew"] and one["after"]["reasons"] == {}
