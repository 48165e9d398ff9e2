"""The linking model: Splink's settings with trained parameters, stored as one versioned JSON file.

The file is made by ``community-register train`` and read every night; nothing is trained in a nightly run.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.register.linking.comparisons import COMPARISONS, ELSE, POPULATION, PRIOR, Comparison, Level

SHIPPED = Path(__file__).with_name("model.json")
FORMAT = 1

_FEWEST_UNITS = 5000
"""A smaller register is judged like one of this size: a few streets are part of a town."""

Settings = dict[str, Any]


class ModelError(RuntimeError):
    """The stored model cannot be used; the message says which file and what to do."""


@dataclass(frozen=True)
class LinkingModel:
    """``settings`` as Splink reads them; ``population``: the units of the register whose chance agreements they hold;
    ``about``: what it was trained on."""

    settings: Settings
    population: int
    about: dict[str, Any]

    def scaled(self, units: int) -> Settings:
        """The settings for a register of so many units.

        A phone, a house or a number is shared by a handful of people in a register of any size, so that two units
        agree on it by chance in inverse proportion to the size; so is the chance that two are one person.
        """
        ratio = self.population / max(units, _FEWEST_UNITS)
        settings = copy.deepcopy(self.settings)
        settings["probability_two_random_records_match"] *= ratio
        for comparison, found in zip(COMPARISONS, settings["comparisons"], strict=True):
            for level, stored in zip(comparison.levels, levels(found), strict=True):
                if level.local:
                    stored["u_probability"] *= ratio
        return settings


def levels(comparison: Settings) -> list[Settings]:
    """A comparison's levels without the one that says nothing."""
    return [v for v in comparison["comparison_levels"] if not v.get("is_null_level")]


def believed() -> LinkingModel:
    """The model as declared, before anything is learned."""
    return LinkingModel(untrained_settings(), POPULATION, {"trained_on": "nothing: the values declared in the code"})


def untrained_settings() -> Settings:
    """Splink's settings for :data:`COMPARISONS` with the declared ``m`` and ``u``."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unit",
        "probability_two_random_records_match": PRIOR,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [_declared(c) for c in COMPARISONS],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def _declared(comparison: Comparison) -> Settings:
    null = {"sql_condition": comparison.null, "label_for_charts": "says nothing", "is_null_level": True}
    first = comparison.levels[0]
    return {
        "output_column_name": comparison.name,
        "comparison_levels": [null, *(_level(v, comparison if v is first else None) for v in comparison.levels)],
    }


def _level(level: Level, adjusted: Comparison | None) -> Settings:
    said: Settings = {
        "sql_condition": level.sql,
        "label_for_charts": "anything else" if level.name == ELSE else level.name,
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if adjusted and adjusted.term_frequency:
        said |= {"tf_adjustment_column": adjusted.term_frequency, "tf_adjustment_weight": 1.0}
    return said


def write_model(model: LinkingModel, path: Path) -> None:
    """Store a model."""
    content = {
        "format": FORMAT,
        "about": model.about,
        "population": model.population,
        "splink": model.settings,
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_model(path: Path = SHIPPED) -> LinkingModel:
    """Read a model. Raises :class:`ModelError` when it is damaged or was made for other comparisons than the code's."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        model = LinkingModel(content["splink"], content["population"], content["about"])
        is_ours = content["format"] == FORMAT and _conditions(model.settings) == _conditions(untrained_settings())
    except (OSError, ValueError, KeyError) as e:
        raise ModelError(f"{path}: not a linking model ({e}); run: community-register train") from e
    if not is_ours:
        raise ModelError(f"{path}: made for other comparisons than this version's; run: community-register train")
    return model


def _conditions(settings: Settings) -> list[list[str]]:
    return [[v["sql_condition"] for v in c["comparison_levels"]] for c in settings["comparisons"]]
