"""Opening funds, registering organisations and people, giving roles and authority."""

from grants.people.actions.funds import alias_fund, open_fund, rename_fund
from grants.people.actions.members import admit_member, end_membership, set_membership_fee
from grants.people.actions.organisations import register_organisation, rename_organisation
from grants.people.actions.sessions import (
    change_password,
    check_own_password,
    check_password,
    note_attempt,
    open_session,
    sign_out,
)
from grants.people.actions.users import (
    anonymise,
    choose_settings,
    delegate,
    give_role,
    register_user,
)
from grants.people.rules import NameTaken, TooManyAttempts, WeakPassword, WrongPassword

__all__ = [
    "NameTaken",
    "TooManyAttempts",
    "WeakPassword",
    "WrongPassword",
    "admit_member",
    "alias_fund",
    "anonymise",
    "change_password",
    "check_own_password",
    "check_password",
    "choose_settings",
    "delegate",
    "end_membership",
    "give_role",
    "note_attempt",
    "open_fund",
    "open_session",
    "register_organisation",
    "register_user",
    "rename_fund",
    "rename_organisation",
    "set_membership_fee",
    "sign_out",
]
