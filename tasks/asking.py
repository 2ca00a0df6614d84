"""What would an order cost and be promised, where nothing is set up yet? Answered from the settings and the rules alone.

No registrar is asked, nothing is written, and no database, Redis or network is needed: the books are empty ones in memory.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from config.settings import Settings
from registrar.commands import Kind
from registrar.database import Database
from registrar.gateway import Sighting, Standing
from registrar.money import Money
from registrar.names import DomainName
from registrar.orders.asking import ask
from registrar.orders.requests import Catalogue, ZoneOffer
from tasks import clock


def has_books(settings: Settings) -> bool:
    """Tell whether there may be books: a database that is shared, or a file that is there."""
    url = make_url(settings.database.url)
    return url.get_backend_name() != "sqlite" or (url.database is not None and Path(url.database).exists())


def ask_without_books(settings: Settings, question: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a question of nobody's (see `requests.parse_question`); raises `RequestRefusedError`."""
    database = Database("sqlite://")
    try:
        database.upgrade()
        return ask(
            database,
            {"look": False} | dict(question),
            catalogue=offered(settings),
            rules=settings.rules,
            look=_unseen,
            now=clock.now(),
            actor="nobody",
        )
    finally:
        database.close()


def offered(settings: Settings) -> Catalogue:
    """Return what the settings sell, whether or not a registrar for it is set up."""
    offers = {}
    for zone, section in settings.sold_zones.items():
        sales = {kind: sale for kind in Kind if (sale := section.sale(kind)) is not None}
        offers[zone] = ZoneOffer(
            zone=zone,
            currency=section.currency,
            routes={kind: tuple(sale.registrars) for kind, sale in sales.items()},
            months={kind: sale.months for kind, sale in sales.items()},
            prices={
                kind: {months: Money(amount, section.currency) for months, amount in sale.prices.items()}
                for kind, sale in sales.items()
                if sale.prices
            },
        )
    return offers


def _unseen(registrar: str, domain: DomainName, kind: Kind) -> Sighting:
    why = f"{registrar} is not asked about a {kind} without settings"
    return Sighting(domain, clock.now(), registrar, Standing.UNKNOWN, reason=why)
