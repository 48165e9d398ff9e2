"""How often which mess happens in which dialect."""

from __future__ import annotations

_USUAL = {
    "id_masked": 0.008, "id_typo": 0.01, "id_swapped": 0.005, "id_digit_lost": 0.004,
    "id_full_width": 0.004, "id_spaced": 0.002, "phone_several": 0.008,
    "phone_prefixed": 0.005, "phone_without_area": 0.1, "start_in_words": 0.003, "change_in_words": 0.003,
    "phone_short": 0.005, "phone_masked": 0.006, "name_masked": 0.004,
    "name_dot": 0.3, "name_spaced": 0.004, "name_lost_character": 0.004,
    "name_blank": 0.003, "nobody": 0.002, "date_variant": 0.01, "date_placeholder": 0.006, "date_year_month": 0.003,
    "birth_conflict": 0.004, "sex_conflict": 0.004, "code_unknown": 0.003, "open_end": 0.01, "community_alias": 0.01,
    "community_foreign": 0.002, "community_misspelt": 0.001, "community_blank": 0.001, "house_blank": 0.004,
    "area_impossible": 0.005,
    "floor_in_words": 0.003, "estate_spaced": 0.02, "estate_short": 0.005, "plate_missing": 0.008,
    "plate_letter_o": 0.01, "plate_unreadable": 0.005, "plate_misread": 0.06,
    "plate_spelling": 0.02, "plate_several": 0.01, "vin_check": 0.02, "clock_reset": 0.002,
    "time_future": 0.0008, "time_lost": 0.0006, "repeat": 0.004, "late": 0.004, "second_reader": 0.006, "replay": 0.004,
}  # fmt: skip

RATES: dict[str, dict[str, float]] = {
    # an old desktop package: re-saved by hand, loses characters, cuts rows
    "gbk_csv": {**_USUAL, "id_scientific": 0.01, "name_lost_character": 0.008, "ragged": 0.002, "blank": 0.003,
                "house_to_date": 0.003, "overlap": 1.0, "cut": 1.0, "house_zh_numerals": 0.02},
    # the platform's own form: clean, but with masked values and many codes
    "platform_csv": {**_USUAL, "id_masked": 0.02, "phone_masked": 0.02, "name_masked": 0.01, "repeat": 0.002,
                     "overlap": 1.0, "same_file_again": 1.0},
    # typed by clerks in a spreadsheet
    "xlsx_titled": {**_USUAL, "id_numeric_tail": 0.06, "id_scientific": 0.01, "date_variant": 0.08,
                    "house_to_date": 0.01, "house_full_width": 0.02, "house_zh_numerals": 0.03,
                    "blank": 0.004, "repeat": 0.01},
    # a cloud door-access vendor
    "access_json": {**_USUAL, "phone_masked": 0.03, "second_reader": 0.02, "replay": 0.01, "clock_reset": 0.004,
                    "late": 0.01},
    # a parking vendor with a small resident list
    "parking_jsonl": {**_USUAL, "plate_letter_o": 0.03, "plate_missing": 0.02, "clock_reset": 0.003, "overlap": 1.0,
                      "house_prefixed": 0.03},
    "utf16_tsv": {**_USUAL, "ragged": 0.003, "blank": 0.004, "house_to_date": 0.004, "house_zh_numerals": 0.02,
                  "renamed_rows": 1.0},
    "zip_parts": {**_USUAL, "repeat": 0.008, "id_scientific": 0.006, "house_prefixed": 0.02},
    "html_xls": {**_USUAL, "date_variant": 0.05, "blank": 0.003, "house_to_date": 0.004, "same_file_again": 1.0},
    "parquet_delta": {**_USUAL, "repeat": 0.003, "second_reader": 0.01},
    # nearly every ID number was stored as a number: only those ending in X survive
    "xlsx_numbers": {**_USUAL, "id_numeric_tail": 0.93, "id_masked": 0.0, "id_typo": 0.0, "id_swapped": 0.0,
                     "id_digit_lost": 0.0, "id_full_width": 0.0, "id_spaced": 0.0, "name_dot": 0.0,
                     "phone_without_area": 0.0},
}  # fmt: skip
"""Dialect -> mess -> the share of rows (of those it can happen to); ``overlap``, ``cut``, ``same_file_again`` and
``renamed_rows`` are once a delivery."""
