"""Which names does a customer have with us (O7)? As he may see them: until when each is paid for, and what its registry shows."""

from typing import Any

from sqlalchemy import Connection, select

from registrar.models import Domain
from registrar.names import DomainName


def list_domains(
    connection: Connection, customer: str, *, after: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Return a customer's names that come after `after` (an A-label) in their order; names that left are not among them.

    `paid_through` is what was bought here; `registry_expires_at` may be later where a registry added a year (D4).
    """
    query = select(
        Domain.name, Domain.zone, Domain.paid_through, Domain.registry_expires_at, Domain.renew_by
    ).where(Domain.customer == customer, Domain.name > after, Domain.gone_at.is_(None))
    return [
        {
            "domain": row.name,
            "domain_unicode": DomainName(row.name, row.zone).unicode,
            "paid_through": row.paid_through,
            "registry_expires_at": row.registry_expires_at,
            "renew_by": row.renew_by,
        }
        for row in connection.execute(query.order_by(Domain.name).limit(limit))
    ]
