"""Who claims a name, what is the case, and what follows from it (D9)?

     asserted ──▶ proceeding ──▶ upheld ──▶ ruled ──▶ closed
         │            │            │                    ▲
         └────────────┴────────────┴─────▶ dismissed ───┘

`acts` are what staff do, each with a ticket; `watching` keeps the lock, by orders of our own that are verified by looks;
`proof` tells from the events alone what was the case at any moment. What a claim stops stands in
`registrar.agreement.stops`.
"""

from registrar.claims.proof import history
from registrar.claims.watching import take_due

__all__ = ["history", "take_due"]
