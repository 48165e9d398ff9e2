"""The example in the guide to receivers is one, and names every key there is."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from expectations.receivers import SHAREABLE, Receiver, SensitiveBasis

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "receivers.md").read_text(encoding="utf-8")


def test_the_example_is_a_receiver_with_every_key():
    (example,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.S)
    said = yaml.safe_load(example)
    assert Receiver.model_validate(said).receiver == "grid_platform"
    assert set(said) == set(Receiver.model_fields)


def test_every_table_and_ground_is_in_the_guide():
    assert [t for t in SHAREABLE if f"`{t}`" not in GUIDE] == []
    assert [b for b in SensitiveBasis.model_fields if f"sensitive_basis.{b}" not in GUIDE] == []
