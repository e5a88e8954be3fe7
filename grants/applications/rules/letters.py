"""What an applicant reads about a decision: the same words in the preview and in the message."""

from __future__ import annotations

from grants.money import Money


def approved_letter(title: str, amount: Money, reason: str) -> str:
    """The message to an applicant whose application is approved."""
    return (
        f"Your application {title} is approved with {amount}.\n\n{reason}\n\n"
        "What happens next: the Secretariat prepares the grant agreement and sends it to you."
    )


def declined_letter(title: str, reason: str) -> str:
    """The message to an applicant whose application was not selected."""
    return (
        f"Your application {title} was not selected.\n\n{reason}\n\n"
        "Thank you for the work that you put into it. You are welcome to apply to another call."
    )
