"""Codes of countries, and the words that stand for many of them at once."""

from __future__ import annotations

from collections.abc import Iterable

WORLDWIDE = "worldwide"
ELSEWHERE = "elsewhere"
"""Stands in an expanded set for whatever has no code here: only `worldwide` brings it along."""

# ISO 3166-1 alpha-2, the 249 officially assigned codes, as of 2025-01-01.
_ASSIGNED = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
    "BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
    "DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
    "GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW"
)
# The European Union's 27 member states since 2020-02-01.
_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

COUNTRIES = frozenset(_ASSIGNED.split())
GROUPS = {WORLDWIDE: COUNTRIES | {ELSEWHERE}, "EU": frozenset(_UNION.split())}
"""Words for many countries, and those they stand for."""


def known(code: str) -> bool:
    """Whether a code or word stands for any territory; capitals count."""
    return code in COUNTRIES or code in GROUPS


def expanded(codes: Iterable[str]) -> frozenset[str]:
    """Every single territory that some codes and words stand for.

    Raises:
        KeyError: for one that is not `known`.
    """
    found: set[str] = set()
    for code in codes:
        found |= {code} if code in COUNTRIES else GROUPS[code]
    return frozenset(found)
