"""The messes of real exports: what each does to a row, what is right to make of it, and how often it happens where.

A cell mess is SQL over one row of rendered text (the mapped fields, and helper columns that start with an
underscore). At most one falls on a row, so its reasons are exactly known. Messes of whole rows and files (repeats,
blank lines, footers, renamed files) are in ``structure``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from resources.sample_city.dialects.model import Export
from resources.sample_city.rates import RATES


@dataclass(frozen=True)
class Mess:
    """``sets``: field -> SQL of the spoilt text. ``when``: SQL of the rows it can happen to. ``reasons``: what the
    standard layer must say (``code:column``); none means the value is to be read all the same. ``fields`` are
    needed besides the spoilt ones; ``absent`` must not be among the export's columns. ``feeds``: the only
    feeds that show it, where it is not all."""

    name: str
    datasets: tuple[str, ...]
    sets: dict[str, str]
    when: str = "true"
    reasons: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    drops_natural: bool = field(default=False)
    """Whether the reasons the clean row would have (a passport nobody declared) no longer apply."""

    def applies(self, export: Export) -> bool:
        """Whether an export can show it, by its dataset, feed and fields."""
        columns = set(export.fields)
        if export.dataset not in self.datasets or (self.feeds and export.name not in self.feeds):
            return False
        return {*self.sets, *self.fields} <= columns and not columns & set(self.absent)


R, H, V, E = "residents", "houses", "vehicles", "access_events"
_ID18 = "_id_kind = 'id18'"
_PLACED = (R, H, V, E)
# a digit replaced by another one, two neighbours swapped, a digit left out: in the birth date or the sequence, never at
# the end, so that the number does not come to end in 000
_TYPO = """left({f}, 6 + (w * 8)::INT) || ((substr({f}, 7 + (w * 8)::INT, 1)::INT + 1 + (x * 8)::INT) % 10)::VARCHAR
    || substr({f}, 8 + (w * 8)::INT)"""
_SWAPPED = """left({f}, 6 + (w * 7)::INT) || substr({f}, 8 + (w * 7)::INT, 1) || substr({f}, 7 + (w * 7)::INT, 1)
    || substr({f}, 9 + (w * 7)::INT)"""
_TWO_DIGITS = "substr({f}, 7 + (w * 7)::INT, 1) <> substr({f}, 8 + (w * 7)::INT, 1)"
_LOST_DIGIT = "left({f}, 6 + (w * 8)::INT) || substr({f}, 8 + (w * 8)::INT)"
_MASKED_ID = """CASE (x * 3)::INT WHEN 0 THEN left({f}, 4) || '**********' || right({f}, 4)
    WHEN 1 THEN left({f}, 10) || '****' || right({f}, 4) ELSE left({f}, 6) || '********' || right({f}, 4) END"""
_WEIGHTS = "[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]"
_CHECK = f"""substr('10X98765432', 1 + (list_sum(list_transform(range(1, 18), lambda i:
    substr(left({{f}}, 15) || '00', i::INT, 1)::INT * list_extract({_WEIGHTS}, i))) % 11)::INT, 1)"""
_VARIANTS = """CASE (x * 7)::INT
    WHEN 0 THEN strftime({d}, '%Y年%-m月%-d日')
    WHEN 1 THEN strftime({d}, '%Y.%-m.%-d')
    WHEN 2 THEN strftime({d}, '%Y%m%d')
    WHEN 3 THEN CASE WHEN year({d}) BETWEEN 1930 AND 1999 THEN strftime({d}, '%y-%-m-%-d')
                     ELSE strftime({d}, '%Y/%-m/%-d') END
    WHEN 4 THEN CASE WHEN year({d}) > 1930 THEN ({d} - DATE '1899-12-30')::VARCHAR ELSE strftime({d}, '%Y-%m-%d') END
    WHEN 5 THEN strftime({d}, '%Y/%m/%d')
    WHEN 6 THEN wide(strftime({d}, '%Y-%m-%d'))
    ELSE strftime({d}, '%Y-%m-%d 00:00:00') END"""
_DATE_IN_CELL = """CASE (x * 4)::INT WHEN 0 THEN '2026-' || lpad((1 + (w * 11)::INT)::VARCHAR, 2, '0') || '-12'
    WHEN 1 THEN (1 + (w * 11)::INT) || '月12日' WHEN 2 THEN '1.2E+' || (3 + (w * 2)::INT)
    ELSE (1 + (w * 11)::INT) || '-Mar' END"""
_SEPARATED = "list_extract(['/', '，', ';', '、', ' '], 1 + (x * 4)::INT)"


# where a camera can err, and what it reads there; the place is the w-th of those that can be misread. Series C and D
# are of households with two like plates: read as the other car's, a plate is that car's, and no list could tell
_MISREADABLE = "list_filter(range(3, 8), lambda i: contains('BDSZ0258', substr(plate, i::INT, 1)))"
_MISREAD_AT = f"list_extract({_MISREADABLE}, 1 + (w * (len({_MISREADABLE}) - 1))::INT)::INT"
_MISREAD = f"""CASE WHEN x < 0.2 THEN list_extract(['晋', '豫', '浙', '苏'], 1 + (w * 3)::INT) || substr(plate, 2)
    ELSE left(plate, {_MISREAD_AT} - 1) || translate(substr(plate, {_MISREAD_AT}, 1), 'BDSZ0258', '8052DZSB')
        || substr(plate, {_MISREAD_AT} + 1) END"""


def _identity(dataset: str, column: str) -> list[Mess]:
    damaged = f"{_ID18} AND right({{f}}, 1) <> 'X' AND {_CHECK} <> '0'"
    spoilt = {
        "id_numeric_tail": ("left({f}, 15) || '000'", damaged, "id_damaged"),
        "id_scientific": ("'3.40199E+17'", f"{_ID18} AND left({{f}}, 6) = '340199'", "id_damaged"),
        "id_masked": (_MASKED_ID, _ID18, "value_masked"),
        "id_typo": (_TYPO, _ID18, "id_invalid"),
        "id_swapped": (_SWAPPED, f"{_ID18} AND {_TWO_DIGITS}", "id_invalid"),
        "id_digit_lost": (_LOST_DIGIT, _ID18, "id_invalid"),
        "id_full_width": ("wide({f})", _ID18, None),
        "id_spaced": ("left({f}, 6) || ' ' || substr({f}, 7, 8) || ' ' || right({f}, 4)", _ID18, None),
    }
    return [
        Mess(
            name,
            (dataset,),
            {column: sql.format(f=column)},
            when.format(f=column),
            (f"{code}:{column}",) if code else (),
        )
        for name, (sql, when, code) in spoilt.items()
    ]


def _phone(dataset: str, column: str) -> list[Mess]:
    mobile = f"length({column}) = 11 AND left({column}, 1) = '1'"
    other = "'139' || lpad((x * 99999999)::INT::VARCHAR, 8, '0')"
    spoilt = {
        "phone_several": (f"{column} || {_SEPARATED} || {other}", mobile, None),
        "phone_prefixed": (f"'+86' || left({column}, 3) || '-' || substr({column}, 4)", mobile, None),
        "phone_without_area": (f"right({column}, 8)", f"{column} LIKE '0551-%'", None),
        "phone_masked": (f"left({column}, 3) || '****' || right({column}, 4)", mobile, "value_masked"),
        "phone_short": (f"left({column}, 10)", mobile, "phone_invalid"),
    }
    return [
        Mess(name, (dataset,), {column: sql}, when, (f"{code}:{column}",) if code else ())
        for name, (sql, when, code) in spoilt.items()
    ]


def _name(dataset: str, column: str) -> list[Mess]:
    han = f"length({column}) BETWEEN 2 AND 4 AND {column} NOT LIKE '%·%' AND ascii({column}) > 255"
    lost = "list_extract(['?', '□', chr(57345), chr(57399), chr(65533)], 1 + (x * 4)::INT)"
    hidden = f"repeat('*', length({column}) - 1)"
    masked = f"""CASE WHEN x < 0.4 THEN left({column}, 1) || '*' WHEN x < 0.7 THEN left({column}, 1) || {hidden}
        WHEN length({column}) = 2 THEN '*' || right({column}, 1)
        ELSE left({column}, 1) || '*' || right({column}, 1) END"""
    dots = "list_extract(['•', '・', '‧', '．', '.'], 1 + (x * 4)::INT)"
    return [
        Mess("name_dot", (dataset,), {column: f"replace({column}, '·', {dots})"}, f"{column} LIKE '%·%'"),
        Mess("name_spaced", (dataset,), {column: f"left({column}, 1) || '　' || substr({column}, 2)"}, han),
        Mess("name_masked", (dataset,), {column: masked}, han, (f"value_masked:{column}",)),
        Mess("name_lost_character", (dataset,), {column: f"left({column}, 1) || {lost} || substr({column}, 3)"}, han,
             (f"name_damaged:{column}",)),
    ]  # fmt: skip


MESSES: tuple[Mess, ...] = (
    *_identity(R, "id_number"), *_identity(V, "owner_id_number"),
    *_phone(R, "phone"), *_phone(V, "owner_phone"),
    *_name(R, "name"), *_name(V, "owner_name"),
    Mess("name_blank", (R,), {"name": "NULL"}, _ID18, ("name_missing:name",)),
    Mess("nobody", (R,), {"name": "NULL", "id_number": "NULL"}, "true", ("no_identity:name",), drops_natural=True),
    Mess("date_variant", (R,), {"birth_date": _VARIANTS.format(d="_birth")}),
    Mess("date_placeholder", (R,),
         {"birth_date": "list_extract(['1900-01-01', '9999-12-31', '2062-03-04'], 1 + (x * 2)::INT)"},
         reasons=("date_placeholder:birth_date",)),
    Mess("date_year_month", (R,), {"birth_date": "strftime(_birth, '%Y年%-m月')"},
         reasons=("date_unreadable:birth_date",)),
    Mess("birth_conflict", (R,), {"birth_date": "strftime(_birth + 1 + (x * 300)::INT, '%Y-%m-%d')"},
         f"{_ID18} AND _birth < DATE '2025-01-01'", ("birth_conflict:birth_date",), ("id_number",)),
    Mess("sex_conflict", (R,), {"sex": "_other_sex"}, _ID18, ("sex_conflict:sex",), ("id_number",)),
    Mess("code_unknown", (R,), {"sex": "'Z'"}, reasons=("code_unknown:sex",)),
    Mess("code_unknown", (R,), {"role": "'常客'"}, reasons=("code_unknown:role",)),
    Mess("start_in_words", (R,), {"valid_from": "'入住时'"}, reasons=("date_unreadable:valid_from",)),
    Mess("change_in_words", (R,), {"updated_at": "'昨天'"}, reasons=("date_unreadable:updated_at",)),
    Mess("open_end", (R, V), {"valid_to": "list_extract(['长期', '9999-12-31'], 1 + (x * 1)::INT)"}),
    Mess("community_alias", _PLACED, {"community": "_alias"}, absent=("community_code",)),
    Mess("community_misspelt", _PLACED, {"community": "left(community, 1) || '湖' || substr(community, 3)"},
         "substr(community, 2, 1) <> '湖'", ("community_unknown:community",), absent=("community_code",)),
    Mess("community_foreign", _PLACED, {"community": "'东方曼哈顿三期'"}, "true", ("community_unknown:community",),
         absent=("community_code",)),
    Mess("community_foreign", _PLACED, {"community": "NULL", "community_code": "'340199999999999'"}, "true",
         ("community_unknown:community",)),
    Mess("community_blank", _PLACED, {"community": "NULL"}, "true", ("community_unknown:community",),
         absent=("community_code",)),
    Mess("house_blank", (R, H, V), {"room": "NULL"}, "true", ("house_incomplete:room",), ("building",)),
    Mess("house_blank", (R,), {"address": "NULL"}, "true", ("house_incomplete:address",), absent=("room",)),
    Mess("house_to_date", (R, H, V), {"room": _DATE_IN_CELL}, "true", ("room_damaged:room",), ("building",)),
    Mess("house_to_date", (R, H, V), {"address": _DATE_IN_CELL}, "true", ("room_damaged:address",), absent=("room",)),
    Mess("house_zh_numerals", (R, V), {"address": "_a_zh"}, absent=("room",)),
    Mess("house_full_width", (R, V), {"address": "wide(address)"}, absent=("room",)),
    Mess("house_prefixed", (R, V), {"address": "_community || address"}, "address LIKE '%单元%室'", absent=("room",)),
    Mess("area_impossible", (H,), {"area_m2": "list_extract(['0', '98700', '不详'], 1 + (x * 2)::INT)"},
         reasons=("number_invalid:area_m2",)),
    Mess("floor_in_words", (H,), {"floor": "'顶层'"}, reasons=("number_invalid:floor",)),
    Mess("estate_spaced", (H,),
         {"real_estate_number": "concat_ws(' ', left(real_estate_number, 12), substr(real_estate_number, 13, 7),"
                                " substr(real_estate_number, 20))"}),
    Mess("estate_short", (H,), {"real_estate_number": "left(real_estate_number, 25)"},
         reasons=("number_invalid:real_estate_number",)),
    Mess("code_unknown", (H,), {"status": "'装修中'"}, reasons=("code_unknown:status",)),
    Mess("plate_missing", (V,), {"plate": "list_extract([NULL, '无牌车', '未识别', '-', '000000'], 1 + (x * 4)::INT)"},
         reasons=("plate_missing:plate",)),
    Mess("plate_missing", (E,), {"plate": "list_extract(['无牌车', '未识别', '无车牌', '-'], 1 + (x * 3)::INT)"},
         "_method = 'plate'"),
    Mess("plate_letter_o", (V, E), {"plate": "left(plate, 2) || translate(substr(plate, 3), '01', 'OI')"},
         "regexp_matches(substr(plate, 3), '[01]')", ("plate_corrected:plate",)),
    Mess("plate_misread", (V,), {"plate": _MISREAD},
         f"regexp_matches(plate, '^皖[AB][0-9A-Z]{{5}}$') AND len({_MISREADABLE}) > 0", feeds=("parking",)),
    Mess("plate_unreadable", (V, E), {"plate": "'晥' || substr(plate, 2)"}, "plate IS NOT NULL",
         ("plate_invalid:plate",)),
    Mess("plate_spelling", (V, E),
         {"plate": "CASE (x * 2)::INT WHEN 0 THEN left(plate, 2) || '·' || substr(plate, 3)"
                   " WHEN 1 THEN lower(left(plate, 2)) || ' ' || lower(substr(plate, 3)) ELSE wide(plate) END"},
         "plate IS NOT NULL"),
    Mess("plate_several", (V,),
         {"plate": f"plate || {_SEPARATED} || '皖A' || lpad((x * 99999)::INT::VARCHAR, 5, '0')"}),
    Mess("vin_check", (V,),
         {"vin": "left(vin, 8) || CASE substr(vin, 9, 1) WHEN '5' THEN '6' ELSE '5' END || substr(vin, 10)"},
         reasons=("vin_check:vin",)),
    Mess("code_unknown", (V,), {"body_colour": "'七彩'"}, reasons=("code_unknown:body_colour",)),
    Mess("clock_reset", (E,), {"occurred_at": "_reset"}, reasons=("time_clock_reset:occurred_at",)),
    Mess("time_future", (E,), {"occurred_at": "_future"}, reasons=("time_in_future:occurred_at",)),
    Mess("time_lost", (E,), {"occurred_at": "list_extract(['', '0', '--:--'], 1 + (x * 2)::INT)"},
         reasons=("time_unreadable:occurred_at",)),
    Mess("code_unknown", (E,), {"direction": "'Q'"}, reasons=("code_unknown:direction",)),
)  # fmt: skip


def cell_messes(dialect: str, export: Export) -> list[tuple[Mess, float]]:
    """The cell messes of one export with their rates, in the order in which a row's draw meets them."""
    rates = RATES[dialect]
    found = [(m, rates[m.name]) for m in MESSES if rates.get(m.name, 0) > 0 and m.applies(export)]
    # rare ones first: a common one must not use up the range of draws
    return sorted(found, key=lambda pair: pair[1])
