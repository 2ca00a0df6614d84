"""What can happen to an order at a supplier over HTTPS? One scene for each story, at LogicBoxes, OpenSRS and Openprovider.

`.net` goes to LogicBoxes, else to OpenSRS; `.org` to OpenSRS, else to Openprovider; `.eu` to Openprovider. A registration
or a transfer may go on to the next one as long as nothing was sent, so both are told of its story; a renewal is for the
one that has the name.
"""

from adapters.sandbox.misbehaviour import Behaviour
from tasks.demo_parts import (
    ALWAYS,
    REFUSED,
    Part,
    Role,
    Scene,
    refused,
    register,
    renew,
    restore,
    transfer,
    transfer_with_wrong_code,
)

_B = Behaviour


def unpaid(part: Part) -> Part:
    """Let the deposit seem empty when the order comes."""
    return part.wrong(_B.NO_DEPOSIT)


def moved(role: Role, zone: str) -> Part:
    """Order a transfer that the losing registrar lets go."""
    return transfer(role, zone).decided(_B.APPROVE)


def kept_away(role: Role, zone: str) -> Part:
    """Order a transfer that the losing registrar does not let go."""
    return transfer(role, zone).decided(_B.REJECT, ends=REFUSED)


AT_SUPPLIERS: tuple[Scene, ...] = (
    Scene(title=".net goes to the second supplier, the first being on hold", share=2, opens=True, write=lambda role: register(role, "net")),
    Scene(title=".net registered", share=3, write=lambda role: register(role, "net")),
    Scene(title=".net renewed", share=2, write=lambda role: renew(role, "net")),
    Scene(title=".net renewed at the second supplier, which has it", share=1, write=lambda role: renew(role, "net", at="opensrs")),
    Scene(title=".net transferred", share=2, write=lambda role: moved(role, "net")),
    Scene(title=".net restored out of redemption", share=1, write=lambda role: restore(role, "net")),
    Scene(title=".net pending, then registered", share=1, write=lambda role: register(role, "net").wrong(_B.PENDING, times=ALWAYS).decided(_B.APPROVE)),
    Scene(title=".net registration's reply lost and found", share=1, write=lambda role: register(role, "net").wrong(_B.DROP_REPLY)),
    Scene(title=".net renewal's reply lost and found", share=2, write=lambda role: renew(role, "net").wrong(_B.DROP_REPLY)),
    Scene(title=".net request lost, truly not done, sent again", share=2, write=lambda role: renew(role, "net").wrong(_B.DROP_REQUEST)),
    Scene(title=".net renewal refused, and credited", share=1, write=lambda role: refused(renew(role, "net"), "A Domain Name cannot be extended beyond 10 years.")),
    Scene(title=".net transfer rejected and credited", share=1, write=lambda role: kept_away(role, "net")),
    Scene(title=".net renewal locked for want of money, and done once there was", share=1, write=lambda role: unpaid(renew(role, "net"))),

    Scene(title=".org registered", share=2, write=lambda role: register(role, "org")),
    Scene(title=".org renewed", share=2, write=lambda role: renew(role, "org")),
    Scene(title=".org renewed at the second supplier, which has it", share=1, write=lambda role: renew(role, "org", at="openprovider")),
    Scene(title=".org transferred", share=1, write=lambda role: moved(role, "org")),
    Scene(title=".org restored out of redemption", share=1, write=lambda role: restore(role, "org")),
    Scene(title=".org registration's reply lost and found", share=1, write=lambda role: register(role, "org").wrong(_B.DROP_REPLY)),
    Scene(title=".org renewal's reply lost and found", share=2, write=lambda role: renew(role, "org").wrong(_B.DROP_REPLY)),
    Scene(title=".org request lost, truly not done, sent again", share=2, write=lambda role: renew(role, "org").wrong(_B.DROP_REQUEST)),
    Scene(title=".org renewal refused, and credited", share=1, write=lambda role: refused(renew(role, "org"), "480 Renewals are not allowed for this domain")),
    Scene(title=".org transfer rejected and credited", share=1, write=lambda role: kept_away(role, "org")),
    Scene(title=".org renewal saved for want of money, and done once there was", share=1, write=lambda role: unpaid(renew(role, "org"))),

    Scene(title=".eu registered", share=2, write=lambda role: register(role, "eu")),
    Scene(title=".eu renewed", share=2, write=lambda role: renew(role, "eu")),
    Scene(title=".eu transferred", share=1, write=lambda role: moved(role, "eu")),
    Scene(title=".eu restored out of redemption", share=1, write=lambda role: restore(role, "eu")),
    Scene(title=".eu registration's reply lost and found", share=1, write=lambda role: register(role, "eu").wrong(_B.DROP_REPLY)),
    Scene(title=".eu renewal's reply lost, its transaction found", share=2, write=lambda role: renew(role, "eu").wrong(_B.DROP_REPLY)),
    Scene(title=".eu request lost, truly not done, sent again", share=2, write=lambda role: renew(role, "eu").wrong(_B.DROP_REQUEST)),
    Scene(title=".eu refused by policy, and credited", share=1, write=lambda role: refused(register(role, "eu"), "16 The domain name is reserved")),
    Scene(title=".eu transfer rejected and credited", share=1, write=lambda role: kept_away(role, "eu")),
    Scene(title=".eu auth code wrong, then corrected", share=1, write=lambda role: transfer_with_wrong_code(role, "eu").decided(_B.APPROVE)),
)  # fmt: skip
"""Their stories, in the order of the programme."""
