"""Which documents travel over the API? Orders as they are sent, and what is answered, as OpenAPI describes them.

The models of what is sent are for the description only: an order is read, and refused, by the core, in one place for
HTTP, files and messages.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

Text = Annotated[str, Field(min_length=1, max_length=255)]
Absent = SkipJsonSchema[None]
"""A field may be left out; it is never null."""


class Sent(BaseModel):
    """A part of what is sent: unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class Price(BaseModel):
    """An amount in the currency's minor units (whole rials, cents)."""

    amount: Annotated[int, Field(ge=0, le=10**15)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class PaidOutside(Sent):
    """Paid to the portal already."""

    source: Literal["outside"]
    paid_at: datetime
    reference: Text
    gift: Annotated[int, Field(ge=0, le=10**15)] | Absent = Field(
        default=None, description="so many minor units were not paid there, and come from the customer's gift"
    )


class LineSent(Sent):
    """A fee, or a service that depends on the name, beside it on the same order."""

    line: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,23}$", description="your own name for it")]
    kind: Literal["fee", "service"]
    text: Text
    amount: Annotated[int, Field(ge=1, le=10**15)]
    refundable: bool = Field(description="whether it is given back when the order fails")
    delivered: bool


class FromBalance(Sent):
    """To be paid from the customer's balance."""

    source: Literal["balance"]


class ByHandle(BaseModel):
    """A contact that exists at the registry."""

    handle: Text


class Person(Sent):
    """A contact's data; kept sealed. `reference` is your own stable name for the contact."""

    reference: Text
    name: Text
    email: Text
    street: Text | Annotated[list[Text], Field(min_length=1, max_length=3)]
    city: Text
    country_code: Text
    voice: Text | None = None
    organization: Text | None = None
    province: Text | None = None
    postal_code: Text | None = None
    national_id: Text | None = None


class Contacts(Sent):
    """Contacts by role; which of them a registration needs depends on the zone."""

    registrant: ByHandle | Person | None = None
    admin: ByHandle | Person | None = None
    tech: ByHandle | Person | None = None
    billing: ByHandle | Person | None = None


class Host(BaseModel):
    """A name server, with its addresses where it lies inside the name itself."""

    host: Text
    addresses: list[str] = []


Nameservers = Annotated[list[Text | Host], Field(max_length=13)]
AuthInfo = Annotated[str, Field(min_length=1, max_length=255)]
Pin = Annotated[str, Field(min_length=1, max_length=255)]
OrderKind = Literal["register", "renew", "transfer", "restore", "renew_elsewhere", "change_holder"]


class OrderSent(Sent):
    """What is ordered. The order's key travels in the header `Idempotency-Key`."""

    customer: Text
    kind: OrderKind
    domain: Text
    months: int
    price: Price
    payment: PaidOutside | FromBalance
    expected_expiry: str | None = Field(
        default=None, description="a renewal's: the expiry it is ordered against (date or instant), or `any`"
    )
    auth_info: AuthInfo | None = Field(default=None, description="a transfer's")
    contacts: Contacts | None = Field(
        default=None,
        description="a registration's; a transfer's, where the zone asks for them; a change of holder's new handles",
    )
    nameservers: Nameservers | None = Field(
        default=None, description="a registration's, or a transfer's: without them those of the name stay"
    )
    pin: Pin | None = Field(
        default=None, description="a change of holder's; without it the registry is asked to mail one"
    )
    price_ceiling: Price | None = Field(
        default=None, description="the most it may cost at the registrar: dearer, and it is held, not bought"
    )
    privacy: bool | None = Field(default=None, description="a registration's: the holder's data hidden")
    rights_declared: bool | None = Field(
        default=None,
        description="a registration's: the customer declared that he looked into the rights to it",
    )
    idn_table: Text | None = Field(
        default=None, description="an internationalized name's: the registrar's table for its language"
    )
    requested_via: Text | None = Field(
        default=None,
        description="by which channel the customer asked you: support, fax, email … (as the rules list them)",
    )
    quote: Annotated[int, Field(ge=1, lt=2**63)] | None = Field(
        default=None, description="the quote whose price it relies on"
    )
    lines: Annotated[list[LineSent], Field(max_length=20)] | Absent = Field(
        default=None, description="what is paid beside the price"
    )


class ReportSent(Sent):
    """What a customer says is wrong with an order."""

    kind: Literal["renewal_not_done", "not_delivered", "differs"]
    ticket: Text = Field(description="of your support system")
    channel: Text = Field(description="by which he said so: support, email … (as the rules list them)")
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    reported_at: datetime | Absent = Field(default=None, description="when he said so; now if left out")


class CorrectionSent(Sent):
    """What the customer puts right; one or more of these, and none of them empty."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    auth_info: AuthInfo | Absent = None
    contacts: Contacts | Absent = None
    nameservers: Annotated[Nameservers, Field(min_length=1)] | Absent = None
    pin: Pin | Absent = Field(
        default=None, description="a change of holder's, as it was mailed to the present one"
    )
    price_ceiling: Price | Absent = None
    done: Literal[True] | Absent = Field(
        default=None,
        description="it was put right elsewhere; for `unlock`, `documents`, and what the order itself does not carry "
        "(a renewal's `contacts`)",
    )


class CancellationSent(Sent):
    """Why, in the portal's books."""

    reference: Text | None = Field(
        default=None, description="of the customer's wish, for the order's timeline"
    )


PortalState = Literal[
    "queued",
    "sending",
    "waiting_third_party",
    "action_required",
    "in_doubt",
    "held",
    "done",
    "refused_credited",
    "forfeited",
    "cancelled",
]


class Order(BaseModel):
    """An order as it stands."""

    id: int
    key: str
    state: PortalState
    state_since: datetime
    customer: str
    kind: OrderKind
    domain: str = Field(description="the A-label form")
    domain_unicode: str = Field(description="the form to show")
    months: int
    price: Price
    placed_at: datetime
    paid_at: datetime
    needs: str | None = Field(description="with action_required: what the customer has to correct")
    needs_hint: str | None = Field(description="what to do about it, in words for the customer")
    correct_by: datetime | None = Field(description="after that it is refused and credited")
    ended_reason: str | None
    expires_at: datetime | None = Field(description="once done: the confirmed new expiry")


class TimelineLine(BaseModel):
    """One thing that happened to an order."""

    at: datetime
    event: str
    what: str = Field(description="in words for the customer")


class Agreed(BaseModel):
    """What was agreed about an order, and the dates that follow from it; a date that is over or never comes is null."""

    agreement: str | None = Field(description="the version of the agreement that it was placed under")
    rules: str | None = Field(description="the version of the rules that carry it out")
    renewal_class: str | None = Field(alias="class", description="a renewal's, as it was promised")
    requested_via: str | None = Field(description="the channel by which the customer asked for it")
    documentary: bool | None = Field(description="whether that channel binds")
    approval: Literal["needed", "given"] | None = Field(
        description="a change of holder's: it waits until staff approve the request made through support"
    )
    transferable_from: datetime | None = Field(
        description="a change of holder's: before it the name cannot be transferred; until it is done, at the earliest"
    )
    due_by: datetime | None = Field(description="the end of its delivery time, as it stands now")
    cancellable_from: datetime | None = Field(description="from then on it may be cancelled if nothing came")
    report_by: datetime | None = Field(description="until when to report that nothing came")
    mismatch_by: datetime | None = Field(description="until when to report that something else came")
    renewal_report_by: datetime | None = Field(description="until when to report that a renewal was not done")


class OrderLine(BaseModel):
    """A line of an order, the name itself first, and what became of its money."""

    line: str
    kind: Literal["domain", "fee", "service"]
    text: str
    amount: int
    currency: str
    refundable: bool
    delivered: bool
    became: Literal["earned", "credited", "kept", "undecided", "forfeited"] | None = Field(
        description="null while the order runs; `credited`: stop the service, its money went back"
    )
    why: str | None


class InWords(BaseModel):
    """The same in both languages."""

    fa: str
    en: str


class Fee(BaseModel):
    """A fee, to be a line of the order with the kind `fee`."""

    line: str
    amount: int
    currency: str
    credited_on_refusal: bool = Field(description="the line's `refundable`")
    text: InWords


class Inquiry(BaseModel):
    """What the registrar's own answer leaves possible; each way is a new order, which nobody places by itself."""

    found: Literal["renewable", "renewable_with_penalty", "restorable", "free", "taken", "unknown"]
    why_unknown: str | None
    seen_at: datetime
    source: str
    expires: str | None = Field(description="as the registrar writes it")
    renewed_by_registry: bool = Field(description="its date was moved by the registry, and paid by nobody")
    way: OrderKind | None = Field(description="the kind of the order that would do it")
    ordinary: bool = Field(description="false: past the agreement's time, a matter for support")
    months: int | None
    price: Price | None = Field(description="of that order by the tariff, without its fees")
    fees: list[Fee]


class Remaining(Inquiry):
    """What was possible when a renewal was refused, at the price that it has now."""

    words: InWords = Field(description="for the customer")


class OrderWithTimeline(Order):
    """An order as it stands, and how it came there."""

    lines: list[OrderLine]
    agreed: Agreed
    waits: str | None = Field(description="that it waits, in words for the customer")
    remains: Remaining | None = Field(
        description="of a refused renewal: what the registrar showed as possible, to be ordered or not"
    )
    timeline: list[TimelineLine]


class Report(BaseModel):
    """A report as it is kept, with its stamp."""

    id: int
    order_id: int
    kind: str
    ticket: str
    channel: str
    documentary: bool = Field(description="whether the channel binds for what is reported")
    reported_at: datetime
    deadline: datetime | None
    in_time: bool
    text: str
    consequence: str = Field(description="what its stamp means, in words for the customer")


class RejectedReason(BaseModel):
    """Why an order that came by message was not taken."""

    code: str
    field: str | None
    text: str
    received_at: datetime


class FoundOrder(OrderWithTimeline):
    """The order that a key stands for."""

    rejection: RejectedReason | None = Field(
        description="of a later message under this key that asked for another"
    )


class Rejected(BaseModel):
    """A message under this key was not taken, and none will be: the corrected order needs a key of its own."""

    key: str
    state: Literal["rejected"]
    rejection: RejectedReason


class ContactSent(Sent):
    """How a customer is written to, whole: what is left out, or null, is forgotten. It is kept sealed."""

    language: Literal["fa", "en"] = Field(description="in which he is written to")
    email: Text | None = Field(default=None, description="his documentary address; without it, notices wait")
    addressed_as: Text | None = Field(default=None, description="his name, as a letter begins with it")


class CustomerContact(BaseModel):
    """How a customer is written to."""

    customer: str
    language: Literal["fa", "en"]
    email: str | None
    addressed_as: str | None
    changed_at: datetime


class BucketBalance(BaseModel):
    """What the customer has in one bucket and currency."""

    bucket: str = Field(description="`cash`, `repurchase` (for buying again) or `gift`")
    currency: str
    amount: int
    expires_on: date | None = Field(description="of gift: the last day on which it can be spent, in UTC")


class Balance(BaseModel):
    """What the customer has; a customer without any booking has no bucket."""

    customer: str
    balances: list[BucketBalance]


class LedgerLine(BaseModel):
    """One line of the customer's statement; `amount` is signed, `balance` is after it."""

    id: int
    at: datetime
    kind: str
    amount: int
    currency: str
    bucket: str
    balance: int
    order_id: int | None
    reference: str | None
    expires_on: date | None = Field(description="of gift: the last day on which it can be spent, in UTC")


class LedgerPage(BaseModel):
    """A page of the statement, oldest first; `next_after` is null on the last one."""

    customer: str
    lines: list[LedgerLine]
    next_after: int | None


class OrdersPage(BaseModel):
    """A page of a customer's orders, the oldest first; `next_after` is null on the last one."""

    customer: str
    orders: list[Order]
    next_after: int | None


class CustomersDomain(BaseModel):
    """A name that is with us."""

    domain: str = Field(description="the A-label form")
    domain_unicode: str = Field(description="the form to show")
    paid_through: datetime | None = Field(description="the end of what was bought here")
    registry_expires_at: datetime | None = Field(
        description="what its registry shows; later than what was paid for where the registry added a year by itself"
    )
    renew_by: datetime | None = Field(description="until when its registrar renews it, where that is known")


class DomainsPage(BaseModel):
    """A page of a customer's names, in their order; `next_after` is null on the last one."""

    customer: str
    domains: list[CustomersDomain]
    next_after: str | None


class DepartureSent(Sent):
    """A customer's wish that his name leaves: how and where he asked."""

    channel: Annotated[str, Field(min_length=1, max_length=16)] = Field(
        description="by which he asked, as `support`, `fax`, `letter`; what is not valid is refused"
    )
    evidence: Annotated[str, Field(min_length=1, max_length=1000)] = Field(
        description="where his request is kept"
    )
    ticket: Text
    requested_at: datetime | None = Field(default=None, description="when he asked; without it, now")


class Departure(BaseModel):
    """A name's way out, as it stands."""

    id: int
    domain: str = Field(description="the A-label form")
    domain_unicode: str = Field(description="the form to show")
    state: Literal["denied", "unlocking", "code_due", "open", "left", "stopped", "ended"]
    state_since: datetime
    requested_at: datetime
    ground: str | None = Field(
        description="with denied and stopped: which of the only grounds; null where it may not be told yet"
    )
    why: InWords | None = Field(description="with denied and stopped: in words for the holder")
    until: datetime | None = Field(description="when that ground passes by itself")
    next: InWords | None = Field(description="what comes next, in words for the holder")
    code_by: datetime | None = Field(description="until when the code is his")
    code_given_at: datetime | None


class Departures(BaseModel):
    """A name's departures, the oldest first."""

    departures: list[Departure]


class AuthCode(BaseModel):
    """What lets the name leave; it is for the registrant, and kept nowhere."""

    departure: int
    way: Literal["shown", "fresh", "mailed"]
    auth_code: str | None = Field(description="null with `mailed`: the registrar mails it to the holder")
    recipient: Literal["registrant"]


class Debt(BaseModel):
    """What the customer owes, settled in one sum."""

    id: int
    amount: int
    currency: str
    cause: Literal["payment_reversed", "transfer_out_fee", "penalty"]
    order_id: int | None
    since: datetime
    warned_at: datetime | None
    settled_at: datetime | None
    settled_by: Literal["set_off", "paid"] | None


class DebtPage(BaseModel):
    """A page of debts, the oldest first; `next_after` is null on the last one."""

    customer: str
    debts: list[Debt]
    next_after: int | None


class DecisionSent(Sent):
    """What the customer wants of a service that depended on an order that failed."""

    decision: Literal["credit", "keep"]


class Lines(BaseModel):
    """An order's lines, and what became of each."""

    order_id: int
    lines: list[OrderLine]


class SlipSent(Sent):
    """A bank slip for a top-up."""

    number: Annotated[str, Field(min_length=1, max_length=64)]
    amount: Annotated[int, Field(ge=1, le=10**15)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    paid_on: date = Field(description="the date written on it")


class Slip(BaseModel):
    """What became of a slip."""

    id: int
    number: str
    amount: int
    currency: str
    state: Literal["booked", "waits_for_original", "refused"]
    reason: str | None
    handed_in_at: datetime


class Health(BaseModel):
    """Well."""

    status: Literal["ok"]


def sent(model: type[Sent], *, required: bool = True) -> dict[str, Any]:
    """Return OpenAPI's words for a request body that the core reads itself."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "your own key for this order: sending it again cannot order twice",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
"""The header that holds the order's key."""


class QuestionSent(Sent):
    """What somebody asks a price for. With a customer the price is promised to him."""

    kind: OrderKind
    domain: Text
    months: int | Absent = Field(default=None, description="the shortest term that is sold, if left out")
    customer: Text | None = Field(default=None, description="whom the price is promised to; not with `at`")
    price: Price | None = Field(default=None, description="to be promised, where no tariff says one")
    expires_at: str | None = Field(
        default=None,
        description="the end of the paid term as you know it, where our books do not: a date, which counts to its end in "
        "the zone's time zone, or an instant",
    )
    at: str | None = Field(default=None, description="when it would be paid, likewise; without it, now")
    look: bool | None = Field(
        default=None,
        description="whether the registrar is asked; without it, only where the answer depends on it",
    )


class QuoteInputs(BaseModel):
    """From what the answer was reckoned."""

    books_paid_through: datetime | None
    books_registry_expires_at: datetime | None
    given_expires_at: datetime | None
    seen_expires_at: datetime | None
    seen_at: datetime | None
    renewed_by_registry: bool
    clock: str


class Quote(BaseModel):
    """What an order would cost and be promised. With a number it is promised to its customer until `expires_at`, included."""

    id: int | None = Field(description="null: nothing is promised")
    customer: str | None
    not_promised: Literal["not_possible", "price_unknown"] | None = Field(
        description="why no price is promised to the customer"
    )
    issued_at: datetime | None
    expires_at: datetime | None
    domain: str = Field(description="the A-label form")
    domain_unicode: str = Field(description="the form to show")
    zone: str
    kind: OrderKind
    months: int
    at: datetime = Field(description="the instant of payment that it is reckoned for")
    renewal_class: Literal["not_expired", "committed", "best_effort", "impossible"] | None = Field(
        alias="class", description="a renewal's; null where nobody knows until when the name is paid for"
    )
    paid_through: datetime | None
    paid_through_source: Literal["books", "given", "look"] | None
    committed_until: datetime | None = Field(description="the class's last instant, included")
    possible_until: datetime | None = Field(description="the last instant of an ordinary renewal, included")
    registry_normal_until: datetime | None = Field(description="the registry's own limits, beside ours")
    registry_penalty_until: datetime | None
    restorable: bool = Field(description="whether the registry has a redemption")
    price: Price | None = Field(description="null: no tariff has one, or there is nothing to be ordered")
    price_source: Literal["tariff", "given"] | None
    priced_as: OrderKind | None = Field(description="a renewal after a gap may cost a first purchase")
    fees: list[Fee]
    sum: Price | None
    due_by: datetime | None
    cancellable_from: datetime | None
    inquiry: Inquiry | None = Field(description="null where the registrar was not asked")
    credited_on_refusal: bool
    rules: str = Field(description="the version of the rules")
    agreement: str = Field(description="the version of the agreement")
    inputs: QuoteInputs
    words: InWords = Field(description="for the customer")


SENT: tuple[type[Sent], ...] = (
    OrderSent,
    ReportSent,
    CorrectionSent,
    CancellationSent,
    DepartureSent,
    QuestionSent,
    DecisionSent,
    SlipSent,
    ContactSent,
)
"""The models that the description must define although no endpoint declares them."""
