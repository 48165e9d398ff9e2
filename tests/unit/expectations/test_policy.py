"""``register.yaml``: one order for all fields or one for each, and clear words for what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.register import houses, residents, vehicles
from expectations.contracts.tables import TABLES
from expectations.policy import GOLDEN_FIELDS, Policy, PolicyError, load_policy

ROOT = Path(__file__).parents[3]


def _load(folder: Path, text: str) -> Policy:
    (folder / "register.yaml").write_text(text, encoding="utf-8")
    return load_policy(folder)


def test_the_file_that_is_delivered_says_the_defaults() -> None:
    assert load_policy(ROOT / "config") == Policy()


def test_a_field_has_its_own_order_and_the_others_their_default(tmp_path: Path) -> None:
    orders = "residents: {phone: [recent]}, houses: [trusted], vehicles: {default: [recent], vin: [trusted]}"
    found = _load(tmp_path, f"survivorship: {{{orders}}}").survivorship
    assert found.residents.of("phone") == ("recent",)
    assert found.residents.of("name") == Policy().survivorship.residents.default
    assert found.houses.of("status") == ("trusted",)
    assert (found.vehicles.of("vin"), found.vehicles.of("plate")) == (("trusted",), ("recent",))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "{residents: {phon: [recent]}}",
            "survivorship.residents: Value error, no such field: phon; default or one of",
        ),
        ("{houses: {phone: [recent]}}", "no such field: phone; default or one of floor, use"),
        ("{vehicles: {brand: [newest]}}", "survivorship.vehicles.fields.brand.0: Input should be 'verified'"),
        ("{vehicles: {brand: []}}", "survivorship.vehicles.fields.brand: Tuple should have at least 1 item"),
        ("{vehicles: [recent, recent]}", "default: a preference is named twice"),
        ("{cars: [recent]}", "survivorship.cars: Extra inputs are not permitted"),
        ("{houses: recent}", "survivorship.houses"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, given: str, said: str) -> None:
    with pytest.raises(PolicyError) as error:
        _load(tmp_path, f"survivorship: {given}")
    assert said in str(error.value) and "register.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [("# 公司".encode("gb18030"), "not UTF-8"), (b"a: [", "not readable as YAML"), (b"- a", "survivorship")],
)
def test_what_is_no_configuration_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "register.yaml").write_bytes(content)
    with pytest.raises(PolicyError, match=rf"register\.yaml: .*{said}"):
        load_policy(tmp_path)


def test_an_empty_file_leaves_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "register.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert load_policy(tmp_path) == Policy()


def test_the_fields_are_columns_of_the_golden_records() -> None:
    for name, module in {"residents": residents, "houses": houses, "vehicles": vehicles}.items():
        survivors = [s.column for s in module.SURVIVORS]
        assert set(GOLDEN_FIELDS[name]) <= set(survivors) <= {c.name for c in TABLES[name].columns}
