"""The ways companies export: one module a dialect, declarations only."""

from __future__ import annotations

from resources.sample_city.dialects import (
    access_json,
    gbk_csv,
    html_xls,
    parking_jsonl,
    parking_list,
    parquet_delta,
    platform_csv,
    utf16_tsv,
    xlsx_numbers,
    xlsx_titled,
    zip_parts,
)
from resources.sample_city.dialects.model import Col, Export

__all__ = ["EXPORTS", "Col", "Export"]

EXPORTS: dict[str, tuple[Export, ...]] = {
    "gbk_csv": (*gbk_csv.EXPORTS, parking_list.EXPORT),
    "platform_csv": (*platform_csv.EXPORTS, parking_list.EXPORT),
    "xlsx_titled": xlsx_titled.EXPORTS,
    "access_json": (*access_json.EXPORTS, parking_list.EXPORT),
    "parking_jsonl": parking_jsonl.EXPORTS,
    "utf16_tsv": (*utf16_tsv.EXPORTS, parking_list.EXPORT),
    "zip_parts": zip_parts.EXPORTS,
    "html_xls": html_xls.EXPORTS,
    "parquet_delta": parquet_delta.EXPORTS,
    "xlsx_numbers": xlsx_numbers.EXPORTS,
}
"""Dialect -> its exports: one a dataset, and a second list of vehicles where the car park has a system of its own."""
