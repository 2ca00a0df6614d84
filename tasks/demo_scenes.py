"""What can happen to an order at a registry: EPP for .com, IRNIC for .ir? One scene for each story."""

from adapters.sandbox.misbehaviour import Behaviour
from tasks.demo_parts import (
    ALWAYS,
    PERSIAN_ZONE,
    REFUSED,
    Scene,
    change_holder,
    goes_wrong,
    refused,
    register,
    register_with_wrong_handle,
    renew,
    renew_elsewhere,
    renew_with_stale_look,
    restore,
    taken_before,
    taken_meanwhile,
    transfer,
    transfer_with_wrong_code,
)

LATE_SECONDS = 1
"""Below the late limit that the sandbox declares."""
TOO_LATE_SECONDS = 6
"""Beyond the longest call, so that nobody waits for the answer any more."""

_B = Behaviour

AT_REGISTRIES: tuple[Scene, ...] = (
    Scene(title="registered", write=register),
    Scene(title="renewed", write=renew),
    Scene(title=".ir pending, then approved", write=lambda role: register(role, "ir").decided(_B.APPROVE)),
    Scene(title=".ir renewal pending, then approved", write=lambda role: renew(role, "ir").decided(_B.APPROVE)),
    Scene(title=".co.ir pending, then approved", share=4, write=lambda role: register(role, "co.ir").decided(_B.APPROVE)),
    Scene(title=".ایران pending, then approved", share=4, write=lambda role: register(role, PERSIAN_ZONE).decided(_B.APPROVE)),
    Scene(title="renewed, whatever its expiry", share=4, write=lambda role: renew(role, expected_expiry="any")),
    Scene(title="transferred", share=10, write=lambda role: transfer(role).decided(_B.APPROVE)),

    Scene(title=".ir pending, then rejected and credited", share=6, write=lambda role: register(role, "ir").decided(_B.REJECT, ends=REFUSED)),
    Scene(title=".ir renewal rejected and credited", share=3, write=lambda role: renew(role, "ir").decided(_B.REJECT, ends=REFUSED)),
    Scene(title=".ir documents, then approved", share=2, write=lambda role: register(role, "ir").decided(_B.DOCUMENT_THEN_APPROVE)),
    Scene(title=".ir rejected, then approved after all", share=2, write=lambda role: register(role, "ir").decided(_B.REJECT_THEN_APPROVE)),
    Scene(title="pending, then registered", share=2, write=lambda role: register(role).wrong(_B.PENDING, times=ALWAYS).decided(_B.APPROVE)),
    Scene(title="pending, then rejected and credited", share=2, write=lambda role: register(role).wrong(_B.PENDING, times=ALWAYS).decided(_B.REJECT, ends=REFUSED)),
    Scene(title="transfer rejected and credited", share=3, write=lambda role: transfer(role).decided(_B.REJECT, ends=REFUSED)),

    Scene(title="taken meanwhile and credited", share=4, write=lambda role: taken_meanwhile(register(role), role)),
    Scene(title=".ir taken meanwhile and credited", share=4, write=lambda role: taken_meanwhile(register(role, "ir"), role)),
    Scene(title="taken before we looked, and credited", share=2, write=lambda role: taken_before(register(role), role)),
    Scene(title="refused by policy, and credited", share=2, write=lambda role: refused(register(role), "2306 not this name")),
    Scene(title="renewed elsewhere already, and credited", share=2, write=lambda role: renew(role, expected_expiry="2001-01-01").but(ends=REFUSED)),

    Scene(title="registration's reply lost and found", share=3, write=lambda role: register(role).wrong(_B.DROP_REPLY)),
    Scene(title="renewal's reply lost and found", share=3, write=lambda role: renew(role).wrong(_B.DROP_REPLY)),
    Scene(title="transfer's reply lost and found", share=2, write=lambda role: transfer(role).decided(_B.APPROVE).wrong(_B.DROP_REPLY)),
    Scene(title=".ir reply lost and found", share=3, write=lambda role: register(role, "ir").decided(_B.APPROVE).wrong(_B.DROP_REPLY)),
    Scene(title="reply cut off in the middle, and found", share=2, write=lambda role: renew(role).wrong(_B.CUT)),
    Scene(title="garbage for an answer, and found", share=2, write=lambda role: register(role).wrong(_B.GARBAGE)),
    Scene(title=".ir garbage for an answer, and found", share=2, write=lambda role: renew(role, "ir").decided(_B.APPROVE).wrong(_B.GARBAGE)),
    Scene(title="done, but called failed, and found", share=2, write=lambda role: renew(role).wrong(_B.FAIL_AFTER)),
    Scene(title="reply lost, and the look behind the times", share=2, write=renew_with_stale_look),
    Scene(title="done after we gave up, and found", share=2, write=lambda role: register(role).wrong(_B.LATE_WORK, argument=LATE_SECONDS)),

    Scene(title="request lost, truly not done, sent again", share=3, write=lambda role: register(role).wrong(_B.DROP_REQUEST)),
    Scene(title="renewal's request lost, truly not done, sent again", share=3, write=lambda role: renew(role).wrong(_B.DROP_REQUEST)),
    Scene(title=".ir request lost, truly not done, sent again", share=3, write=lambda role: register(role, "ir").decided(_B.APPROVE).wrong(_B.DROP_REQUEST)),
    Scene(title=".ir page for people instead of an answer, sent again", share=2, write=lambda role: renew(role, "ir").decided(_B.APPROVE).wrong(_B.HTML)),
    Scene(title=".ir closed for the night, sent again", share=2, write=lambda role: renew(role, "ir").decided(_B.APPROVE).wrong(_B.CLOSED)),
    Scene(title="closed at the door, tried again", share=1, write=lambda role: renew(role).but(goes_wrong(_B.CLOSED, "connect", None))),
    Scene(title="never answered, not done, sent again", share=1, write=lambda role: renew(role).wrong(_B.FREEZE)),

    Scene(title="answered late", share=2, write=lambda role: renew(role).wrong(_B.LATE, argument=LATE_SECONDS)),
    Scene(title=".ir answered late", share=2, write=lambda role: register(role, "ir").decided(_B.APPROVE).wrong(_B.LATE, argument=LATE_SECONDS)),
    Scene(title="answered too late, and found", share=1, write=lambda role: register(role).wrong(_B.LATE, argument=TOO_LATE_SECONDS)),

    Scene(title="auth code wrong, then corrected", share=4, write=lambda role: transfer_with_wrong_code(role).decided(_B.APPROVE)),
    Scene(title=".ir handle not allowed, then corrected", share=2, write=lambda role: register_with_wrong_handle(role).decided(_B.APPROVE)),

    Scene(title="restored out of redemption", share=2, write=restore),
    Scene(title=".ir renewed, though another agent has it", share=2, write=lambda role: renew_elsewhere(role).decided(_B.APPROVE)),
    Scene(title=".ir moved to another holder, by a mailed PIN", share=2, write=lambda role: change_holder(role).decided(_B.APPROVE)),
)  # fmt: skip
"""Their stories, in the order of the programme."""
