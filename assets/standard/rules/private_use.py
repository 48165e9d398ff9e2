"""Private-use characters that old fonts and code pages put for Chinese characters that Unicode has since taken in.

GBK had 80 characters in its last row for which Unicode had no place; systems of that time wrote them as U+E815 to
U+E864, one after the other. GB 18030 says which characters they are.
"""

from __future__ import annotations

_FIRST = 0xE815
_ROW, _TRAILS = 0xFE, [t for t in range(0x50, 0xA1) if t != 0x7F]
_LATER = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
"""Those that Python's codec still leaves private: they came into Unicode with 3.1 and 4.1."""


def _known() -> dict[str, str]:
    found = {}
    for place, trail in enumerate(_TRAILS, start=_FIRST):
        found[chr(place)] = chr(_LATER[place]) if place in _LATER else bytes([_ROW, trail]).decode("gb18030")
    return found


KNOWN: dict[str, str] = _known()
"""Private-use character → the character it stands for. Every other one depends on the font, so nobody can tell."""
