"""The folder names are the architecture: a layer imports only from its left."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = {
    "resources": {"resources"},
    "expectations": {"expectations"},
    "assets": {"assets", "expectations", "resources"},
    "pipelines": {"pipelines", "assets", "expectations", "resources"},
}
DAGSTER_AT_HOME = ("pipelines/", "expectations/dagster_checks.py")
"""Dagster is wiring: outside the pipelines only the adapter that turns a check into an asset check may name it."""


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(ROOT).parts[: -node.level]) if node.level else ""
            yield f"{package}.{node.module or ''}".strip("."), node.lineno


@pytest.mark.parametrize("layer", ALLOWED)
def test_a_layer_imports_only_from_its_left(layer: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in sorted((ROOT / layer).rglob("*.py"))
        for name, line in _imports(path)
        if (top := name.split(".")[0]) in ALLOWED and top not in ALLOWED[layer]
    ]
    assert not wrong


def test_dagster_is_named_in_the_wiring_only() -> None:
    wrong = [
        f"{where}:{line}"
        for layer in ALLOWED
        for path in sorted((ROOT / layer).rglob("*.py"))
        if not (where := path.relative_to(ROOT).as_posix()).startswith(DAGSTER_AT_HOME)
        for name, line in _imports(path)
        if name.split(".")[0] == "dagster"
    ]
    assert not wrong


def test_modules_stay_readable() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for layer in ALLOWED
        for path in sorted((ROOT / layer).rglob("*.py"))
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) >= 400
    }
    assert not long
