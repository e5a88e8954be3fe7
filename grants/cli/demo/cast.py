"""The cast: the fund, its members and partners, and who works for them."""

from __future__ import annotations

from datetime import timedelta

from grants import clock
from grants.cli.demo.story import Scene, Story, money
from grants.people import actions, queries
from grants.people.models import OrganisationKind, PoolPolicy, Role

PASSWORD = "water-kiosk-1999"  # noqa: S105 - of the demonstration, and printed by it
DOMAIN = "demo.example.org"

_G, _L = OrganisationKind.GOVERNMENT, OrganisationKind.LOCAL_GOVERNMENT
_M, _N = OrganisationKind.MULTILATERAL, OrganisationKind.NGO
_F, _A = OrganisationKind.FOUNDATION, OrganisationKind.ACADEMIC

#: Key, name, short name, kind, country, constituency, membership, is it a donor.
ORGANISATIONS = (
    ("sweden", "Sweden", "Sida", _G, "SE", "National governments", "full", True),
    ("switzerland", "Switzerland", "SECO", _G, "CH", "National governments", "full", True),
    ("germany", "Germany", "BMZ", _G, "DE", "National governments", "full", True),
    ("uk", "United Kingdom", "FCDO", _G, "GB", "National governments", "full", True),
    ("ford", "Ford Foundation", "Ford", _F, "US", "Foundations", "associate", True),
    ("unhabitat", "UN-Habitat", "UN-Habitat", _M, None, "Multilaterals", "full", True),
    ("south africa", "South Africa", "", _G, "ZA", "National governments", "full", False),
    ("brazil", "Brazil", "", _G, "BR", "National governments", "full", False),
    (
        "uclg",
        "United Cities and Local Governments",
        "UCLG",
        OrganisationKind.OTHER,
        "ES",
        "Associations of local governments",
        "full",
        False,
    ),
    (
        "sdi",
        "Slum Dwellers International",
        "SDI",
        _N,
        "ZA",
        "Non-governmental organisations",
        "full",
        False,
    ),
    ("ihs", "Institute for Housing Studies", "IHS", _A, "NL", "Universities", "associate", False),
    ("jinja", "Jinja City Council", "", _L, "UG", "", "", False),
    ("mbale", "Mbale City Council", "", _L, "UG", "", "", False),
    ("savers", "National Slum Savings Federation Uganda", "", _N, "UG", "", "", False),
    ("monrovia", "Monrovia City Corporation", "", _L, "LR", "", "", False),
    ("paynesville", "Paynesville Market Women", "", _N, "LR", "", "", False),
    ("accra", "Greater Accra Assemblies Forum", "", _L, "GH", "", "", False),
    ("kumasi", "Kumasi Metropolitan Assembly", "", _L, "GH", "", "", False),
    ("tamale", "Tamale Planning Network", "", _N, "GH", "", "", False),
    ("sekondi", "Sekondi Port Communities", "", _N, "GH", "", "", False),
    ("capecoast", "Cape Coast Fisherfolk Union", "", _N, "GH", "", "", False),
    ("vietnam", "Association of Cities of Viet Nam", "ACVN", _L, "VN", "", "", False),
    ("sfax", "Ville de Sfax", "", _L, "TN", "", "", False),
)

#: Key (and address), name, role, organisation, time zone, language, what they do here.
PEOPLE = (
    ("director", "Amina Okafor", Role.APPROVER, "", "Europe/Brussels", "en"),
    ("finance", "Lucas Peeters", Role.FINANCE_OFFICER, "", "Europe/Brussels", "en"),
    ("finance2", "Ingrid Solberg", Role.FINANCE_OFFICER, "", "Europe/Brussels", "en"),
    ("certifying", "Marc Dubois", Role.CERTIFYING_OFFICER, "", "Europe/Brussels", "en"),
    ("officer", "Rosa Méndez", Role.GRANT_OFFICER, "", "Europe/Brussels", "en"),
    ("programme", "Samuel Kiptoo", Role.PROGRAMME_MANAGER, "", "Africa/Nairobi", "en"),
    ("reviewer", "Leila Haddad", Role.REVIEWER, "", "Africa/Tunis", "en"),
    ("reviewer2", "Tom Becker", Role.REVIEWER, "", "Europe/Berlin", "en"),
    ("applicant", "Grace Nakato", Role.APPLICANT, "jinja", "Africa/Kampala", "en"),
    ("donor", "Elin Sandberg", Role.DONOR, "sweden", "Europe/Stockholm", "en"),
    ("donor2", "Urs Keller", Role.DONOR, "switzerland", "Europe/Zurich", "en"),
    ("auditor", "Priya Raman", Role.AUDITOR, "", "UTC", "en"),
    ("mbale", "Peter Wandera", Role.APPLICANT, "mbale", "Africa/Kampala", "en"),
    ("savers", "Harriet Auma", Role.APPLICANT, "savers", "Africa/Kampala", "en"),
    ("monrovia", "Martha Kollie", Role.APPLICANT, "monrovia", "Africa/Monrovia", "en"),
    ("paynesville", "Decontee Weah", Role.APPLICANT, "paynesville", "Africa/Monrovia", "en"),
    ("accra", "Kwame Mensah", Role.APPLICANT, "accra", "Africa/Accra", "en"),
    ("kumasi", "Akosua Boateng", Role.APPLICANT, "kumasi", "Africa/Accra", "en"),
    ("tamale", "Ibrahim Alhassan", Role.APPLICANT, "tamale", "Africa/Accra", "en"),
    ("sekondi", "Efua Quansah", Role.APPLICANT, "sekondi", "Africa/Accra", "en"),
    ("capecoast", "Esi Arthur", Role.APPLICANT, "capecoast", "Africa/Accra", "en"),
    ("vietnam", "Nguyen Thi Lan", Role.APPLICANT, "vietnam", "Asia/Ho_Chi_Minh", "en"),
    ("sfax", "Salma Trabelsi", Role.APPLICANT, "sfax", "Africa/Tunis", "fr"),
)

#: Those that a visitor signs in as, and what for.
SHOWN = (
    ("director", "Director: allocates, decides within USD 500,000"),
    ("finance", "Finance officer: contributions, payments, statements"),
    ("finance2", "Second finance officer"),
    ("certifying", "Certifying officer: tranches and statements"),
    ("officer", "Grant officer: calls, screening, agreements"),
    ("programme", "Programme manager"),
    ("reviewer", "External reviewer"),
    ("applicant", "Jinja City Council, a grantee"),
    ("donor", "Sweden, a donor"),
    ("donor2", "Switzerland, a donor with an earmark"),
    ("auditor", "Auditor: reads everything"),
    ("administrator", "Administrator: people and settings"),
)

_PURPOSE = (
    "Support to cities in promoting the role of the urban poor: country programmes, city"
    " strategies, community upgrading. This is a demonstration: the members are real, all people,"
    " amounts and decisions are made up."
)


def address_of(name: str) -> str:
    return f"{name}@{DOMAIN}"


def open_the_fund(story: Story) -> None:
    system = queries.system_actor()
    administrator = actions.register_user(
        system,
        email=address_of("administrator"),
        name="Nadia Ferrari",
        password=PASSWORD,
        time_zone="Europe/Brussels",
    )
    actions.give_role(system, administrator.id, Role.ADMINISTRATOR)
    story.made["user administrator"] = administrator.id
    story.made["fund"] = actions.open_fund(
        story.actor("administrator"),
        name="Cities Alliance Multi-Donor Fund",
        slug="cities-alliance",
        host="UNOPS, Brussels",
        time_zone="Europe/Brussels",
        fee_basis_points=100,
        pool_policy=PoolPolicy.PRO_RATA,
        purpose=_PURPOSE,
    ).id


def register_organisations(story: Story) -> None:
    for key, name, short, kind, country, constituency, membership, is_donor in ORGANISATIONS:
        story.made[key] = actions.register_organisation(
            story.actor("administrator"),
            name=name,
            short_name=short,
            kind=kind,
            country_code=country,
            constituency=constituency,
            membership=membership,
            is_donor=is_donor,
        ).id


def register_people(story: Story) -> None:
    administrator = story.actor("administrator")
    shown = {key for key, _ in SHOWN}
    for key, name, role, organisation, zone, locale in PEOPLE:
        user = actions.register_user(
            administrator,
            email=address_of(key),
            name=name,
            password=PASSWORD if key in shown else None,
            organisation_id=story.made[organisation] if organisation else None,
            time_zone=zone,
            locale=locale,
        )
        actions.give_role(administrator, user.id, role, story.fund_id)
        story.made[f"user {key}"] = user.id
    actions.delegate(
        administrator,
        story.made["user director"],
        story.fund_id,
        money("500,000"),
        valid_from=clock.today(),
        valid_until=story.today + timedelta(days=3 * 365),
        reason="Delegation of authority by the Management Board",
    )


SCENES: tuple[tuple[int, Scene], ...] = (
    (905, open_the_fund),
    (904, register_organisations),
    (903, register_people),
)
