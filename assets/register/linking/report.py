"""The model's report: what was compared, what it was trained on, and what each outcome is worth."""

from __future__ import annotations

from math import log2

from assets.register.linking.comparisons import COMPARISONS
from assets.register.linking.model import LinkingModel, Settings, levels

_HEAD = """# The linking model

Made by `community-register train`; do not edit. How linking works and why it is trained this way:
[decision 4](decisions/0004-link-with-splink-and-labels-from-id-numbers.md).

| | |
|---|---|
"""
_INTRO = """
Each level is worth log2(m / u) bits: `m` is the share of pairs of one person that show it, `u` the share of chance
pairs. The bits of a pair are added to those of the prior; a comparison that has nothing to compare adds none. Levels
marked ↑ and the prior are scaled by the size of the register: in one ten times as large, agreement by chance is ten
times as rare, and so is a match.
"""


def model_report(model: LinkingModel) -> str:
    """The report in Markdown."""
    prior = model.settings["probability_two_random_records_match"]
    facts = {
        **model.about,
        "population (units)": model.population,
        "prior": f"{prior:.3g}, {log2(prior / (1 - prior)):.1f} bits",
    }
    lines = [f"| {name.replace('_', ' ')} | {_told(value)} |" for name, value in facts.items()]
    parts = [_HEAD + "\n".join(lines) + "\n", _INTRO]
    parts += [_table(n, c) for n, c in enumerate(model.settings["comparisons"])]
    return "\n".join(parts)


def _told(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _table(number: int, comparison: Settings) -> str:
    declared = COMPARISONS[number]
    learned = [what for what, holds in (("m", declared.learns_m), ("u", declared.learns_u)) if holds]
    rows = [
        f"| {level.name}{' ↑' if level.local else ''} | {v['m_probability']:.4f} | {v['u_probability']:.3g} "
        f"| {log2(v['m_probability'] / v['u_probability']):+.1f} |"
        for level, v in zip(declared.levels, levels(comparison), strict=True)
    ]
    note = f" Learned: {' and '.join(learned)}." if learned else " As declared."
    if declared.term_frequency:
        note += " For the first level `u` is each value's own share."
    return (
        f"## {declared.name}\n\n{note.strip()}\n\n| level | m | u | bits |\n|---|---:|---:|---:|\n"
        + "\n".join(rows)
        + "\n"
    )
