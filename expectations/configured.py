"""Configuration files in YAML: one read as keys and values, and all of a folder, each failing alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml

Read = TypeVar("Read")
Wrong = TypeVar("Wrong", bound=ValueError)

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_mapping(path: Path, wrong: type[ValueError], keys: str, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The keys and values of a file. Raises ``wrong`` naming the file where it is not YAML in UTF-8, or holds
    anything else than keys; ``keys`` says which it should have."""
    try:
        data = _loaded(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as e:
        raise wrong(f"{path.name}: not readable as YAML: {e}") from e
    except UnicodeDecodeError as e:
        raise wrong(f"{path.name}: not UTF-8; save the file as UTF-8") from e
    if data is None and may_be_empty:
        return {}
    if not isinstance(data, dict):
        raise wrong(f"{path.name}: expected keys such as {keys}")
    return data


def _loaded(text: str) -> Any:
    """What a text in YAML says, by libyaml where it is there: a tenth of the time, and each step of a merge reads each
    feed file. What is wrong is told by the Python one, which shows the line."""
    try:
        return yaml.load(text, _LOADER)
    except yaml.YAMLError:
        return yaml.safe_load(text)


def read_each(
    folder: Path, read: Callable[[Path], Read], wrong: type[Wrong]
) -> tuple[dict[str, Read], dict[str, Wrong]]:
    """Every file of a folder by its stem, and the error of each that cannot be used: one never hides the others."""
    good: dict[str, Read] = {}
    bad: dict[str, Wrong] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            good[path.stem] = read(path)
        except wrong as e:
            bad[path.stem] = e
    return good, bad
