"""What a set of IRNIC's statuses decides."""

import pytest

from adapters.registrars.irnic.progress import awaits_approval, progress_in_look, progress_in_message, subject

HELD = "serverHold irnicReserved serverRenewProhibited serverDeleteProhibited"

ROWS = [
    # statuses, in a look, in a message
    ("ok irnicRegistered", "", ""),
    (f"{HELD} irnicRegistrationPendingHolderCheck", "register under_way", "register under_way"),
    (f"{HELD} irnicRegistrationPendingDomainCheck", "register under_way", "register under_way"),
    (f"{HELD} irnicRegistrationDocRequired", "register documents_required", "register documents_required"),
    (f"{HELD} irnicRegistrationApproved", "register approved", "register approved"),
    ("ok irnicRegistered irnicRegistrationApproved", "", "register approved"),
    (f"{HELD} irnicRegistrationRejected", "register rejected", "register rejected"),
    (f"{HELD} irnicRegistrationIsWithdrawn", "register rejected", "register rejected"),
    ("Inactive IRNICSUSPENDED", "register rejected", "register rejected"),
    ("inactive irnicExpired", "", ""),
    (HELD, "register under_way", "register under_way"),
    ("serverHold", "register under_way", "register under_way"),
    ("serverHold irnicRegistered", "", ""),
    (
        f"{HELD} irnicRegistrationApproved irnicRegistrationRejected",
        "register under_way",
        "register under_way",
    ),
    ("ok irnicRegistered pendingRenew", "renew under_way", "renew under_way"),
    ("ok irnicRegistered irnicRenewalPendingHolderCheck", "renew under_way", "renew under_way"),
    ("ok irnicRegistered irnicRenewalDocRequired", "renew documents_required", "renew documents_required"),
    ("ok irnicRegistered irnicRenewalApproved", "renew approved", "renew approved"),
    ("ok irnicRegistered pendingRenew irnicRenewalApproved", "renew approved", "renew approved"),
    ("ok irnicRegistered irnicRenewalRejected", "renew rejected", "renew rejected"),
    ("ok irnicRegistered irnicRenewalIsWithdrawn", "renew rejected", "renew rejected"),
    ("ok irnicRegistered pendingRenew irnicRenewalRejected", "renew under_way", "renew under_way"),
    ("ok irnicHolderChangeApproved", "change_holder approved", "change_holder approved"),
    (
        "ok irnicHolderChangeDocRequired",
        "change_holder documents_required",
        "change_holder documents_required",
    ),
    ("ok irnicHolderChangeIsWithdrawn", "change_holder rejected", "change_holder rejected"),
    ("pendingUpdate irnicHolderChangeRejected", "change_holder under_way", "change_holder rejected"),
    ("pendingUpdate irnicRegistered", "change_holder under_way", ""),
    ("pendingDelete irnicDeletionApproved", "", ""),
    ("ok irnicSomethingNew", "", ""),
    ("", "", ""),
]


def _told(statuses: str, *, in_look: bool) -> str:
    words = frozenset(statuses.split())
    found = progress_in_look(words) if in_look else progress_in_message(words)
    return ", ".join(f"{kind.value} {progress.value}" for kind, progress in found.items())


@pytest.mark.parametrize(("statuses", "in_look", "in_message"), ROWS)
def test_what_statuses_decide(statuses: str, in_look: str, in_message: str) -> None:
    """Approved while the name is still held is not registered yet; two decisions at once decide nothing."""
    assert _told(statuses, in_look=True) == in_look
    assert _told(statuses, in_look=False) == in_message


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (HELD, True),
        ("serverHold", True),
        ("ok irnicRegistered", False),
        ("serverHold irnicRegistered", False),
    ],
)
def test_awaiting_approval(statuses: str, *, expected: bool) -> None:
    """While a name is only reserved, its expiry is the end of the reservation and not of a term."""
    assert awaits_approval(frozenset(statuses.split())) is expected


def test_a_message_about_two_kinds_decides_nothing() -> None:
    """A message that tells of a registration and of a renewal at once is only a reason to look."""
    statuses = frozenset({"irnicRegistrationApproved", "irnicRenewalRejected"})
    assert subject(progress_in_message(statuses), statuses) is None
