"""What the applicants wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The answers to the concept note, and its budget: category, what for, how many, unit cost."""

    kind: str
    title: str
    place: str
    problem: str
    approach: str
    people: str
    months: str
    budget: Sequence[tuple[str, str, str, str]]
    own: str = "0"
    partner: str = ""
    safeguards: str = ""

    def answers(self, contact: str, starts_on: str) -> dict[str, str]:
        """Each answer under the name of its control, as it would be typed."""
        found = {
            "organisation_kind": self.kind,
            "contact_name": contact,
            "has_partner": "yes" if self.partner else "no",
            "title": self.title,
            "place": self.place,
            "problem": self.problem,
            "approach": self.approach,
            "people_reached": self.people,
            "starts_on": starts_on,
            "months": self.months,
            "own_contribution": self.own,
            "moves_people": "yes" if self.safeguards else "no",
        }
        if self.partner:
            found["partner"] = self.partner
        if self.safeguards:
            found["safeguards"] = self.safeguards
        for number, (category, description, quantity, unit_cost) in enumerate(self.budget):
            found[f"budget-{number}-category"] = category
            found[f"budget-{number}-description"] = description
            found[f"budget-{number}-quantity"] = quantity
            found[f"budget-{number}-unit_cost"] = unit_cost
        return found


PROPOSALS = {
    "jinja": Proposal(
        kind="local_government",
        title="Water kiosks and drains for Masese",
        place="Jinja, Masese I, II and III",
        problem="Most of the 12,000 people of Masese fetch water from the lake or buy it at four"
        " times the price of the utility. After each heavy rain the lower lanes stand under water.",
        approach="The settlement forum chose twelve places for kiosks. Savings groups run them and"
        " keep the accounts on a board that everybody can read. The city builds 1.8 km of covered"
        " drains with paid labour from the settlement, and the utility connects the kiosks to its"
        " mains at the social tariff.",
        people="12,400",
        months="16",
        budget=(
            ("2", "Pipes, tanks and fittings of twelve kiosks", "12", "5,200"),
            ("4", "Covered drains, by metre", "1,800", "46"),
            ("1", "Community engineer, by month", "16", "1,150"),
            ("5", "Visits and forum meetings", "40", "220"),
            ("7", "Site office and accounts", "16", "350"),
            ("8", "Indirect costs", "1", "6,000"),
        ),
        own="24,000",
        partner="National Water and Sewerage Corporation connects the kiosks and trains operators.",
    ),
    "savers": Proposal(
        kind="ngo",
        title="120 toilets built and kept by savings groups",
        place="Kampala, Kawempe and Makindye divisions",
        problem="In the settlements where our members live, sixty people share one latrine.",
        approach="Groups save a third of the cost of each block. Masons from the settlement build"
        " to one approved design. Fees pay for emptying, and the group that keeps a block clean"
        " for a year gets the second one.",
        people="7,200",
        months="20",
        budget=(
            ("6", "Grants to savings groups, by block", "120", "720"),
            ("1", "Two community organisers, by month", "40", "520"),
            ("5", "Learning visits between groups", "20", "350"),
            ("8", "Indirect costs", "1", "6,800"),
        ),
        own="43,000",
    ),
    "mbale": Proposal(
        kind="local_government",
        title="A new bus park for Mbale",
        place="Mbale, central division",
        problem="The bus park is crowded and the road to it is closed on market days.",
        approach="A contractor builds a larger bus park beside the ring road.",
        people="60,000",
        months="12",
        budget=(("4", "Building works", "1", "245,000"), ("1", "Supervision", "12", "2,100")),
        safeguards="Some 90 traders would have to move to the new park.",
    ),
    "monrovia": Proposal(
        kind="local_government",
        title="Twenty water kiosks run by their neighbourhoods",
        place="Monrovia, West Point and New Kru Town",
        problem="Piped water ends before West Point. Women carry it for an hour a day.",
        approach="Neighbourhood committees, half of them women, decide on the place of each kiosk,"
        " sign for it, and publish its accounts each month. The city lays 4 km of mains with the"
        " water company.",
        people="38,000",
        months="24",
        budget=(
            ("2", "Mains, by kilometre", "4", "31,500"),
            ("4", "Kiosks", "20", "4,900"),
            ("1", "Engineer and two organisers, by month", "24", "1,900"),
            ("7", "Water tests and accounts, by month", "24", "450"),
            ("8", "Indirect costs", "1", "16,000"),
        ),
        own="35,000",
    ),
    "paynesville": Proposal(
        kind="ngo",
        title="A roof for the Red Light market",
        place="Paynesville",
        problem="Traders lose goods in every rain.",
        approach="We build a roof over two hundred stalls.",
        people="1,500",
        months="9",
        budget=(("4", "Roof", "200", "310"), ("2", "Stalls", "200", "120")),
    ),
    "sfax": Proposal(
        kind="local_government",
        title="Sfax accueille : logement et travail pour les nouveaux habitants",
        place="Sfax, Thyna et Sakiet Ezzit",
        problem="Chaque année 4 000 personnes arrivent à Sfax. Elles louent cher, sans bail, et"
        " travaillent sans contrat.",
        approach="Un guichet municipal avec les associations de quartier : baux types, médiation,"
        " formation courte avec les entreprises, et une carte des logements que tout le monde"
        " peut lire.",
        people="9,000",
        months="18",
        budget=(
            ("1", "Équipe du guichet, par mois", "18", "4,400"),
            ("6", "Subventions aux associations", "12", "6,500"),
            ("4", "Formations", "30", "1,450"),
            ("5", "Déplacements", "60", "180"),
            ("8", "Coûts indirects", "1", "13,000"),
        ),
        own="30,000",
    ),
    "kumasi-migration": Proposal(
        kind="local_government",
        title="Apprenticeships for young newcomers",
        place="Kumasi, Suame and Asawase",
        problem="Young people from the north arrive each dry season and sleep in the markets.",
        approach="Artisans of the Suame Magazine take 600 apprentices for nine months. The"
        " assembly pays a hostel place and half of the tools; the other half is saved.",
        people="600",
        months="15",
        budget=(
            ("6", "Tools and fees, by apprentice", "600", "210"),
            ("4", "Hostel places, by month", "15", "3,600"),
            ("1", "Coordinator, by month", "15", "1,300"),
            ("8", "Indirect costs", "1", "10,500"),
        ),
        own="18,000",
    ),
    "accra": Proposal(
        kind="local_government",
        title="One plan for the thirteen assemblies of Greater Accra",
        place="Greater Accra",
        problem="Thirteen assemblies plan one city. Drains end at the border, and so do buses.",
        approach="A joint planning forum with the federations of the urban poor, a shared map of"
        " settlements, and three pilot corridors where drains, lanes and buses are planned as one.",
        people="210,000",
        months="18",
        budget=(
            ("4", "Settlement profiles, by settlement", "42", "1,650"),
            ("1", "Planning team, by month", "18", "3,900"),
            ("5", "Forum meetings", "26", "850"),
            ("7", "Map and open data, by month", "18", "700"),
            ("8", "Indirect costs", "1", "11,500"),
        ),
        own="40,000",
    ),
    "kumasi": Proposal(
        kind="local_government",
        title="Market traders plan Kejetia's second phase",
        place="Kumasi, Kejetia and Bantama",
        problem="The first phase moved traders twice, and a third of them did not come back.",
        approach="Traders' unions draw the second phase with the planners, street by street, and"
        " agree in writing who moves where and when before any wall is built.",
        people="18,000",
        months="14",
        budget=(
            ("4", "Facilitation and drawings", "14", "5,200"),
            ("1", "Market planner, by month", "14", "1,800"),
            ("5", "Meetings", "60", "240"),
            ("8", "Indirect costs", "1", "7,800"),
        ),
        own="22,000",
        safeguards="Nobody moves before a written agreement; stalls are kept for nine months.",
    ),
    "tamale": Proposal(
        kind="ngo",
        title="Compound houses of Tamale, drawn by those who live in them",
        place="Tamale, Aboabo and Sakasaka",
        problem="Family compounds grow room by room and lose their light, air and lanes.",
        approach="Two hundred families draw their own compound with young architects, and the"
        " assembly turns what they have in common into simple rules.",
        people="3,400",
        months="12",
        budget=(
            ("4", "Drawing weeks", "20", "2,400"),
            ("1", "Two architects, by month", "24", "950"),
            ("8", "Indirect costs", "1", "4,500"),
        ),
    ),
    "sekondi": Proposal(
        kind="ngo",
        title="Clean landing sites at Sekondi and Takoradi",
        place="Sekondi-Takoradi",
        problem="The landing sites have no water, no toilets and no place for waste.",
        approach="Fisherfolk and the port agree on four landing sites with water points, toilets"
        " and a daily collection that fish buyers pay for.",
        people="5,800",
        months="15",
        budget=(
            ("4", "Landing sites", "4", "24,500"),
            ("1", "Organiser, by month", "15", "900"),
            ("7", "Waste collection, by month", "15", "650"),
            ("8", "Indirect costs", "1", "6,000"),
        ),
        own="9,000",
    ),
    "capecoast": Proposal(
        kind="ngo",
        title="Cold store for the fisherfolk of Cape Coast",
        place="Cape Coast",
        problem="A third of the catch is lost before it is sold.",
        approach="A cold store of forty tonnes, run by the union.",
        people="2,000",
        months="10",
        budget=(("3", "Cold store", "1", "88,000"), ("1", "Manager, by month", "10", "800")),
    ),
    "mbale-again": Proposal(
        kind="local_government",
        title="Safe lanes to school in Namatala",
        place="Mbale, Namatala",
        problem="Two thousand children walk to school along the highway and an open drain.",
        approach="Parents' groups mapped the lanes that children use. Together with them the city"
        " covers the drain, lights four lanes and moves one bus stop.",
        people="9,600",
        months="12",
        budget=(
            ("4", "Covered drain and paving, by metre", "900", "62"),
            ("3", "Lights", "48", "640"),
            ("1", "Community engineer, by month", "12", "1,150"),
            ("8", "Indirect costs", "1", "5,400"),
        ),
        own="15,000",
    ),
    "jinja-again": Proposal(
        kind="local_government",
        title="Waste collection that pays for itself",
        place="Jinja, Walukuba",
        problem="Two of ten households have their waste collected.",
        approach="",
        people="",
        months="",
        budget=(("3", "Handcarts", "60", "180"),),
    ),
}
