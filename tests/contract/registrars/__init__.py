"""Which registrars are tried? One description each; adding one to the suite is adding it here."""

from tests.contract.far_side import FarSide
from tests.contract.registrars.epp import Epp, EppSmall
from tests.contract.registrars.irnic import Irnic
from tests.contract.registrars.logicboxes import LogicBoxes
from tests.contract.registrars.openprovider import Openprovider
from tests.contract.registrars.opensrs import OpenSrs
from tests.contract.registrars.toy import Toy

FAR_SIDES: tuple[type[FarSide], ...] = (Epp, EppSmall, Irnic, LogicBoxes, OpenSrs, Openprovider, Toy)
