"""A sponsor opens a group: the form, what is wrong with it, and the group that comes of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core.action import OpenGroup
from bot.core.answers import Answers, chosen_one, people, text
from bot.core.card import (
    Card,
    Choice,
    DateField,
    Details,
    Form,
    Heading,
    Line,
    Option,
    PeopleField,
    T,
    Tick,
    TimeField,
)
from bot.core.cards import line, name, quiet, starts, words
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.effect import Person, Put
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.leading import lead_card
from bot.core.method import Method
from bot.core.model import LANGUAGES, Group, Leader, Meeting, Member
from bot.core.rights import opened
from bot.core.text import NAME_LIMIT, PLACE_LIMIT, fault
from schedules.rule import is_zone, occurrences, wall

#: An id as `open_form` mints it.
_MINTED = re.compile("g[0-9a-f]{15}")
#: The largest pool; a pool may be larger than the group.
POOL = 30
#: The longest before the first meeting that a group may be opened.
AHEAD = timedelta(days=366)
#: Every how many weeks a group may meet.
RHYTHMS = ("1", "2", "3", "4")
#: As often, and as many times, as the method says.
USUAL = "usual"
COUNTRIES = ("SE", "NO")
ZONES = ("Europe/Stockholm", "Europe/Oslo", "Europe/Helsinki", "Europe/London")


def open_again(group: Group | None, action: OpenGroup, facts: Facts) -> Decision:
    """The same form once more, where a platform shows it behind a button; the id stays."""
    if group is not None or not _MINTED.fullmatch(action.group):
        return UNAVAILABLE
    return open_form(facts, action)


def open_form(facts: Facts, action: OpenGroup | None = None) -> Decision:
    """The form in which a sponsor opens a group; the group's id is minted here."""
    places = zones(facts)
    countries = tuple(dict.fromkeys((facts.defaults.country, *COUNTRIES)))
    offered = _offered(facts)
    methods = tuple(
        Option(id, T("text", {"text": method.text("title", facts.language)}))
        for id, (_, method) in offered.items()
    )
    usual = facts.defaults.method if facts.defaults.method in offered else methods[0].value
    lengths = sorted({n for _, one in offered.values() for n in one.lengths[:-1]})
    most = max(method.leaders for _, method in offered.values())
    usually = {f"{method.at:%H:%M}" for _, method in offered.values()}
    at = usually.pop() if len(usually) == 1 else ""
    own = facts.coordinates
    fields = (
        Line("name", T("open.name"), NAME_LIMIT, hint=T("open.name.hint"), optional=own),
        Choice("method", T("open.method"), methods, chosen=(usual,)),
        DateField("date", T("open.date")),
        TimeField("time", T("open.time"), at, optional=True, hint=T("open.time.hint")),
        Choice(
            "every",
            T("open.every"),
            (Option(USUAL, T("open.usual")), *(Option(n, T(f"open.every.{n}")) for n in RHYTHMS)),
            chosen=(USUAL,),
        ),
        *(_lengths_field(lengths) if lengths else ()),
        Line("place", T("open.place"), PLACE_LIMIT, hint=T("open.place.hint"), optional=True),
        Line("link", T("open.link"), PLACE_LIMIT, hint=T("open.link.hint"), optional=True),
        PeopleField("leaders", T("open.leaders"), most, hint=T("open.leaders.hint")),
        PeopleField(
            "pool",
            T("open.pool"),
            POOL,
            hint=T("open.pool.own" if own else "open.pool.hint"),
            optional=own,
        ),
        Choice(
            "language",
            T("open.language"),
            tuple(Option(code, T(f"language.{code}")) for code in LANGUAGES),
            chosen=(facts.language,),
        ),
        Choice(
            "country",
            T("open.country"),
            tuple(Option(code, _country(code)) for code in countries),
            chosen=(facts.defaults.country,),
            hint=T("open.country.hint"),
        ),
        Choice(
            "zone",
            T("open.zone"),
            tuple(Option(zone, T("text", {"text": zone})) for zone in places),
            chosen=places[:1],
        ),
        Tick("working_time", T("open.worktime")),
        Tick("informed", T("open.informed")),
    )
    action = action or OpenGroup(f"g{facts.fresh[:15]}")
    return Decision(reply=OpenForm(Form(T("open.title"), action, fields, submit=T("open.submit"))))


def _offered(facts: Facts) -> Mapping[str, tuple[str, Method]]:
    """The methods whose groups I may open, each with its hash: a coordinator those of all."""
    return {
        id: found
        for id, found in facts.methods.items()
        if facts.coordinates or not found[1].own_sign_up
    }


def _lengths_field(lengths: list[int]) -> tuple[Choice]:
    """How many meetings, where a method leaves it to the group."""
    numbers = tuple(Option(str(n), words(n)) for n in lengths)
    options = (Option(USUAL, T("open.usual")), *numbers)
    return (Choice("meetings", T("open.meetings"), options, chosen=(USUAL,)),)


def _country(code: str) -> T:
    """The name of a country we know by name; of others the code that an operator has set."""
    return T(f"country.{code}") if code in COUNTRIES else T("text", {"text": code})


@dataclass(frozen=True, slots=True)
class _Opening:
    """What the form said, checked field by field."""

    errors: dict[str, T]
    name: str
    method: Method | None
    method_hash: str
    first: datetime | None
    every: int
    meetings: int
    place: str
    link: str
    leaders: tuple[PersonId, ...]
    pool: tuple[PersonId, ...]
    language: str
    country: str
    zone: str


def open_group(group: Group | None, action: OpenGroup, answers: Answers, facts: Facts) -> Decision:
    """A sponsor opens a group: the leaders are asked first."""
    if group is not None:
        return notice("open.done") if opened(group, facts.me) else UNAVAILABLE
    if not _MINTED.fullmatch(action.group):
        return UNAVAILABLE
    said = _read_opening(answers, facts)
    if said.errors or said.method is None or said.first is None:
        return Decision(reply=FieldErrors(said.errors))
    new = Group(
        id=action.group,
        platform=facts.platform,
        tenant=facts.tenant,
        name=said.name,
        status="gathering",
        language=said.language,
        country=said.country,
        zone=said.zone,
        place=said.place,
        link=said.link,
        every=said.every,
        working_time=answers.get("working_time") is True,
        informed=answers.get("informed") is True,
        sponsors=(facts.me,),
        leaders=tuple(Leader(person, "asked", facts.now) for person in said.leaders),
        members=tuple(Member(person, "pool") for person in said.pool),
        opened_at=facts.now,
        method_id=said.method.id,
        method_hash=said.method_hash,
        method=said.method,
        meetings=tuple(
            Meeting(number, at)
            for number, at in enumerate(occurrences(said.first, said.every, said.meetings), start=1)
        ),
    )
    asked = tuple(
        Put(Person(one.person), "lead", lead_card(new, one.person)) for one in new.leaders
    )
    told = Put(Person(facts.me), "sponsor", sponsor_card(new))
    return Decision(new, (*asked, told), Notice(T("open.done")))


def _read_opening(answers: Answers, facts: Facts) -> _Opening:
    errors: dict[str, T | None] = {}
    called, place, link = (text(answers, field) for field in ("name", "place", "link"))
    errors["name"] = fault(called, NAME_LIMIT)
    errors["place"] = fault(place, PLACE_LIMIT, optional=True)
    errors["link"] = fault(link, PLACE_LIMIT, optional=True)
    if link and not link.startswith("https://"):
        errors["link"] = T("error.link")

    offered = _offered(facts)
    id = chosen_one(answers, "method", tuple(offered))
    method_hash, method = offered[id] if id else ("", None)
    every = chosen_one(answers, "every", (USUAL, *RHYTHMS))
    lengths = {str(n): n for n in method.lengths} if method else {}
    length = chosen_one(answers, "meetings", (USUAL, *lengths)) if "meetings" in answers else USUAL
    language = chosen_one(answers, "language", LANGUAGES)
    country = chosen_one(answers, "country", (facts.defaults.country, *COUNTRIES))
    zone = chosen_one(answers, "zone", zones(facts))
    missing = {
        "method": id,
        "every": every,
        "meetings": length,
        "language": language,
        "country": country,
        "zone": zone,
    }
    errors |= {field: T("error.choose") for field, value in missing.items() if not value}

    first = _first(answers, method, errors)
    if first and zone:
        errors["date"] = _date_fault(first, wall(facts.now, zone))

    led_by, pool = people(answers, "leaders"), people(answers, "pool")
    if method is not None:
        errors["leaders"] = _leaders_fault(led_by, method, facts.me)
        errors["pool"] = _pool_fault(pool, method, led_by, facts.me)
        if not called and language:
            called = method.text("neutral", language) if method.own_sign_up else ""
        errors["name"] = fault(called, NAME_LIMIT) or _name_fault(called, method)
    wrong = {field: error for field, error in errors.items() if error is not None}
    return _Opening(
        wrong,
        called,
        method,
        method_hash,
        first,
        int(every) if every in RHYTHMS else (method.weeks if method else 1),
        lengths.get(length) or (method.meetings if method else 1),
        place,
        link,
        led_by,
        pool,
        language,
        country,
        zone,
    )


def _first(answers: Answers, method: Method | None, errors: dict[str, T | None]) -> datetime | None:
    """The first meeting's wall-clock time; what cannot be read is noted in `errors`.

    Without a time of day it is the method's.
    """
    day: date | None = None
    hour = method.at if method else None
    try:
        day = date.fromisoformat(text(answers, "date"))
    except ValueError:
        errors["date"] = T("error.date")
    try:
        if said := text(answers, "time"):
            hour = time.fromisoformat(said).replace(second=0, microsecond=0)
    except ValueError:
        errors["time"] = T("error.time")
    if day is None or hour is None:
        return None
    return datetime.combine(day, hour.replace(tzinfo=None))


def _date_fault(first: datetime, now: datetime) -> T | None:
    if first <= now:
        return T("error.past")
    return T("error.far") if first > now + AHEAD else None


def zones(facts: Facts) -> tuple[str, ...]:
    """The zones to choose from, one's own first."""
    own = (facts.zone,) if is_zone(facts.zone) else ()
    return tuple(dict.fromkeys((*own, *ZONES)))


def _leaders_fault(led_by: tuple[PersonId, ...], method: Method, sponsor: PersonId) -> T | None:
    if sponsor in led_by:
        return T("error.leader.sponsor")
    if len(led_by) != method.leaders:
        return T("error.leaders", {"n": method.leaders})
    return None


def _name_fault(called: str, method: Method) -> T | None:
    """A name that others see is not to tell what its members rather would not."""
    telling = any(
        word.startswith(one) for word in re.split(r"\W+", called.casefold()) for one in method.avoid
    )
    return T("error.name.telling") if telling else None


def _pool_fault(
    pool: tuple[PersonId, ...], method: Method, led_by: tuple[PersonId, ...], sponsor: PersonId
) -> T | None:
    if method.own_sign_up:
        return T("error.pool.own") if pool else None
    if sponsor in pool:
        return T("error.pool.sponsor")
    if set(pool) & set(led_by):
        return T("error.pool.leader")
    if not method.size[0] <= len(pool) <= POOL:
        return T("error.pool", {"low": method.size[0], "high": POOL, "chosen": len(pool)})
    return None


def sponsor_card(group: Group) -> Card:
    """What the sponsor is told, once."""
    return Card(
        (
            Heading(name(group)),
            line("open.done"),
            Details(
                (
                    (T("facts.first"), words(starts(group, group.meetings[0]))),
                    (T("facts.last"), words(starts(group, group.meetings[-1]))),
                )
            ),
            *((quiet("open.done.own"),) if group.method.own_sign_up else ()),
            quiet("open.done.note"),
        )
    )
