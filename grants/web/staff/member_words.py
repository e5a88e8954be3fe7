"""What members are called on the staff desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

KINDS = {"full": _l("Full member"), "associate": _l("Associate member")}

CONSTITUENCIES = {
    "governments": _l("National governments"),
    "multilateral": _l("Inter-governmental and multilateral institutions"),
    "local_governments": _l("Associations of local governments"),
    "civil_society": _l("Civil society and non-governmental organisations"),
    "private": _l("Private sector and foundations"),
    "knowledge": _l("Universities, research centres and knowledge networks"),
}

INCOME_GROUPS = {
    "low": _l("Low income"),
    "lower_middle": _l("Lower middle income"),
    "upper_middle": _l("Upper middle income"),
    "high": _l("High income"),
}

STANDINGS = {
    "paid": _l("Paid"),
    "part": _l("Part paid"),
    "unpaid": _l("Not paid"),
    "none": _l("Not invoiced"),
}
