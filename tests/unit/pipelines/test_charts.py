"""The pictures of the operators' page: whole, small, and left out where there is nothing to draw."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from typing import Any

from pipelines.charts import LARGEST, rate_chart


def row(of: str, **rates: float | None) -> dict[str, Any]:
    known = {f"{rate}{end}": 0.9 for rate in ("precision", "recall") for end in ("", "_low", "_high")}
    return {"of": of, "people": 10, **known, **rates}


def test_rates_are_drawn_as_a_whole_picture_that_is_small_enough_to_keep() -> None:
    chart = rate_chart([row(f"company_{n}") for n in range(100)])
    assert chart is not None
    found = re.fullmatch(r"!\[chart\]\(data:image/png;base64,(.*)\)", str(chart.value))
    assert found
    picture = base64.b64decode(found[1])
    assert picture.startswith(b"\x89PNG\r\n\x1a\n") and len(picture) <= LARGEST
    at, kinds = 8, []
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        chunk = picture[at + 4 : at + 8 + length]
        assert struct.unpack_from(">I", picture, at + 8 + length) == (zlib.crc32(chunk),)
        kinds.append(chunk[:4])
        at += length + 12
    assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND" and kinds.count(b"IDAT") == 1


def test_a_rate_that_is_not_told_is_not_drawn() -> None:
    assert rate_chart([]) is None
    assert rate_chart([row("small", people=None)]) is None
    assert rate_chart([row("nothing joined", precision=None)]) is not None
