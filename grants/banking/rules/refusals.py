"""What is refused about accounts and movements, in sentences."""

from __future__ import annotations

from grants.errors import Malformed, Refused


class AccountIsKnown(Refused):
    """The account {number} is {owner} already."""


class AccountIsUnclear(Malformed):
    """Give the IBAN or the number of the account as it stands on the statement."""


class LineIsSettled(Refused):
    """This movement is settled already. Undo that first."""


class LineIsOpen(Refused):
    """This movement is open: there is nothing to undo."""


class WrongWay(Refused):
    """This money {way}, so it cannot be {what}."""


class AmountsDiffer(Refused):
    """The movement is {movement}; what was chosen comes to {chosen}. They must be equal."""


class EntryIsTaken(Refused):
    """Entry {sequence} is another movement already, was reversed, or did not move this account."""


class NotOfThisAccount(Refused):
    """This movement is of another fund or another account."""


class NotInDollars(Refused):
    """{what} of less than a cent in US dollars cannot be booked. Leave the movement out."""


class ProposalChanged(Refused):
    """This is no longer what is proposed. Look at the movement again."""


class ConversionStands(Refused):
    """What the bank turned into US dollars is not undone here. Correct the deposit."""


class ReasonWanted(Malformed):
    """Say why: the next person will ask."""
