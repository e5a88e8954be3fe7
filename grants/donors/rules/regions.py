"""Regions of the world as the United Nations number and compose them (standard M49).

Source: UN Statistics Division, M49, as published with the country codes of datahub.io; the three
groups of developing countries (199, 432, 722) are those of the same table.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

#: Number -> its English name, and the countries in it by ISO 3166.
_REGIONS: Final[dict[str, tuple[str, str]]] = {
    "002": (
        "Africa",
        (
            "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR "
            "LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN "
            "TZ UG YT ZA ZM ZW"
        ),
    ),
    "005": (
        "South America",
        "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
    ),
    "009": (
        "Oceania",
        "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    ),
    "011": (
        "Western Africa",
        "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG",
    ),
    "013": (
        "Central America",
        "BZ CR GT HN MX NI PA SV",
    ),
    "014": (
        "Eastern Africa",
        "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW",
    ),
    "015": (
        "Northern Africa",
        "DZ EG EH LY MA SD TN",
    ),
    "017": (
        "Middle Africa",
        "AO CD CF CG CM GA GQ ST TD",
    ),
    "018": (
        "Southern Africa",
        "BW LS NA SZ ZA",
    ),
    "019": (
        "Americas",
        (
            "AG AI AR AW BB BL BM BO BQ BR BS BV BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP "
            "GS GT GY HN HT JM KN KY LC MF MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC "
            "VE VG VI"
        ),
    ),
    "021": (
        "Northern America",
        "BM CA GL PM US",
    ),
    "029": (
        "Caribbean",
        "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
    ),
    "030": (
        "Eastern Asia",
        "CN HK JP KP KR MN MO TW",
    ),
    "034": (
        "Southern Asia",
        "AF BD BT IN IR LK MV NP PK",
    ),
    "035": (
        "South-eastern Asia",
        "BN ID KH LA MM MY PH SG TH TL VN",
    ),
    "039": (
        "Southern Europe",
        "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA",
    ),
    "053": (
        "Australia and New Zealand",
        "AU CC CX HM NF NZ",
    ),
    "054": (
        "Melanesia",
        "FJ NC PG SB VU",
    ),
    "057": (
        "Micronesia",
        "FM GU KI MH MP NR PW UM",
    ),
    "061": (
        "Polynesia",
        "AS CK NU PF PN TK TO TV WF WS",
    ),
    "142": (
        "Asia",
        (
            "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB "
            "LK MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE"
        ),
    ),
    "143": (
        "Central Asia",
        "KG KZ TJ TM UZ",
    ),
    "145": (
        "Western Asia",
        "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
    ),
    "150": (
        "Europe",
        (
            "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT "
            "JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA"
        ),
    ),
    "151": (
        "Eastern Europe",
        "BG BY CZ HU MD PL RO RU SK UA",
    ),
    "154": (
        "Northern Europe",
        "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
    ),
    "155": (
        "Western Europe",
        "AT BE CH DE FR LI LU MC NL",
    ),
    "199": (
        "Least developed countries",
        (
            "AF AO BD BF BI BJ CD CF DJ ER ET GM GN GW HT KH KI KM LA LR LS MG ML MM MR MW MZ "
            "NE NP RW SB SD SL SN SO SS ST TD TG TL TV TZ UG YE ZM"
        ),
    ),
    "202": (
        "Sub-Saharan Africa",
        (
            "AO BF BI BJ BW CD CF CG CI CM CV DJ ER ET GA GH GM GN GQ GW IO KE KM LR LS MG ML "
            "MR MU MW MZ NA NE NG RE RW SC SH SL SN SO SS ST SZ TD TF TG TZ UG YT ZA ZM ZW"
        ),
    ),
    "419": (
        "Latin America and the Caribbean",
        (
            "AG AI AR AW BB BL BO BQ BR BS BV BZ CL CO CR CU CW DM DO EC FK GD GF GP GS GT GY "
            "HN HT JM KN KY LC MF MQ MS MX NI PA PE PR PY SR SV SX TC TT UY VC VE VG VI"
        ),
    ),
    "432": (
        "Landlocked developing countries",
        (
            "AF AM AZ BF BI BO BT BW CF ET KG KZ LA LS MD MK ML MN MW NE NP PY RW SS SZ TD TJ "
            "TM UG UZ ZM ZW"
        ),
    ),
    "722": (
        "Small island developing States",
        (
            "AG AI AS AW BB BQ BS BZ CK CU CV CW DM DO FJ FM GD GU GW GY HT JM KI KM KN LC MH "
            "MP MS MU MV NC NR NU PF PG PR PW SB SC SG SR ST SX TL TO TT TV VC VG VI VU WS"
        ),
    ),
}


def region_codes() -> list[str]:
    """Every region that an earmark may name, in the order of the names."""
    return sorted(_REGIONS, key=region_name)


def region_name(code: str) -> str:
    """The English name of a region; the code itself if it is unknown."""
    return _REGIONS[code][0] if code in _REGIONS else code


@lru_cache(maxsize=64)
def countries_of(code: str) -> frozenset[str]:
    """The countries in a region; none in one that is unknown."""
    return frozenset(_REGIONS[code][1].split()) if code in _REGIONS else frozenset()


def countries_in(codes: Iterable[str]) -> frozenset[str]:
    """The countries in any of the regions."""
    return frozenset[str]().union(*(countries_of(code) for code in codes))
