"""A concept note to start from: a form, criteria and eligibility rules that a fund may change."""

from __future__ import annotations

from typing import Any, Final

from grants.applications.rules.decisions import Criterion, EligibilityRule

STARTER_FORM: Final[dict[str, Any]] = {
    "title": "Concept note",
    "minutes": 120,
    "sections": [
        {
            "key": "organisation",
            "title": "Your organisation",
            "intro": "Who applies, and with whom.",
            "questions": [
                {
                    "key": "organisation_kind",
                    "kind": "choice",
                    "label": "What kind of organisation are you?",
                    "choices": [
                        ["local_government", "City or local government"],
                        ["national_government", "National government"],
                        ["ngo", "Non-governmental or community organisation"],
                        ["association", "Association of local governments"],
                        ["academic", "University or research centre"],
                        ["other", "Another kind"],
                    ],
                },
                {
                    "key": "contact_name",
                    "kind": "text",
                    "label": "Who should we talk to?",
                    "help": "Name and position.",
                    "chars_max": 200,
                },
                {
                    "key": "has_partner",
                    "kind": "yes_no",
                    "label": "Does another organisation carry out part of the work?",
                },
                {
                    "key": "partner",
                    "kind": "long_text",
                    "label": "Which organisation, and which part?",
                    "words_max": 150,
                    "shown_if": {"question": "has_partner", "values": ["yes"]},
                },
            ],
        },
        {
            "key": "project",
            "title": "The project",
            "intro": "What you want to change, and how. About one page in all.",
            "questions": [
                {
                    "key": "title",
                    "kind": "text",
                    "label": "Title of the project",
                    "help": "It is published if the project is approved.",
                    "chars_max": 150,
                    "purpose": "title",
                },
                {
                    "key": "place",
                    "kind": "text",
                    "label": "Where will it take place?",
                    "help": "City and settlements.",
                    "chars_max": 200,
                },
                {
                    "key": "problem",
                    "kind": "long_text",
                    "label": "Which problem do you want to solve, and whose is it?",
                    "words_max": 300,
                },
                {
                    "key": "approach",
                    "kind": "long_text",
                    "label": "What will you do, and why will it work?",
                    "help": "About three quarters of a page.",
                    "words_max": 400,
                },
                {
                    "key": "people_reached",
                    "kind": "number",
                    "label": "How many people will be better off?",
                    "least": 1,
                    "most": 100_000_000,
                },
                {"key": "starts_on", "kind": "date", "label": "When could you start?"},
                {
                    "key": "months",
                    "kind": "number",
                    "label": "How many months will it take?",
                    "least": 1,
                    "most": 60,
                },
            ],
        },
        {
            "key": "budget",
            "title": "Budget",
            "intro": "In US dollars. Quantity times unit cost makes the total of each line.",
            "questions": [
                {
                    "key": "budget",
                    "kind": "budget_table",
                    "label": "What do you ask of the fund?",
                    "help": "One line for each cost, in the categories of the United Nations.",
                    "purpose": "amount",
                },
                {
                    "key": "own_contribution",
                    "kind": "money",
                    "label": "What do you and others contribute in cash?",
                    "help": "0 if nothing.",
                    "least": 0,
                },
            ],
        },
        {
            "key": "documents",
            "title": "Documents and safeguards",
            "intro": "",
            "questions": [
                {
                    "key": "moves_people",
                    "kind": "yes_no",
                    "label": "Could anybody have to move, or lose income, because of the project?",
                },
                {
                    "key": "safeguards",
                    "kind": "long_text",
                    "label": "How will you protect them?",
                    "words_max": 200,
                    "shown_if": {"question": "moves_people", "values": ["yes"]},
                },
                {
                    "key": "support_letter",
                    "kind": "file",
                    "label": "Letter of the community or the municipality",
                    "help": "PDF, Word or a picture. Not needed yet for a concept note.",
                    "required": False,
                },
            ],
        },
    ],
}

STARTER_CRITERIA: Final = (
    Criterion(
        key="need",
        name="Need",
        help="Is the problem real and urgent, and are those who have it heard?",
        weight=30,
    ),
    Criterion(
        key="approach",
        name="Approach",
        help="Is it likely to work, and to last after the grant?",
        weight=40,
    ),
    Criterion(
        key="capacity",
        name="Capacity and cost",
        help="Can the applicant do it, and is the budget reasonable?",
        weight=30,
    ),
)

STARTER_ELIGIBILITY: Final = (
    EligibilityRule(key="legal", rule="The applicant is a legal entity that may receive grants."),
    EligibilityRule(key="country", rule="The project takes place where this call applies."),
    EligibilityRule(key="sound", rule="The application is complete and can be understood."),
)
