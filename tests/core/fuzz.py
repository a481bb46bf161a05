"""Random stories over a small programme: anybody presses and writes anything at any time."""

from dataclasses import fields
from datetime import time, timedelta
from random import Random
from typing import Any, get_args

from bot.core import action as a
from bot.core.card import Button, Said, Who
from bot.core.decision import OpenForm
from bot.core.due import Wanted, due
from bot.core.event import Deed, Event
from bot.core.facts import Facts
from bot.core.method import Method, Moment, Moments, Step
from bot.core.model import Group
from tests.core.laws import inside, parts
from tests.core.play import COORDINATOR, LEADERS, OPENING, SPONSOR, Play, room

POOL = ("anna", "bo", "cilla", "dag", "elin", "fia", "gun")
EVERYBODY = (SPONSOR, *LEADERS, *POOL, "stranger", COORDINATOR)
#: How often somebody thinks better of what would end most stories before they have begun.
ENDS = {
    a.CloseGroup: 0.75,
    a.LeaveGroup: 0.6,
    a.SkipMeeting: 0.9,
    a.EndMeeting: 0.8,
    a.EraseMine: 0.5,
    a.PauseGroup: 0.95,
    a.Postpone: 0.9,
    a.ChangePlan: 0.9,
    a.AddMeeting: 0.9,
    a.MoveMeeting: 0.8,
    a.PlanGroup: 0.8,
    a.MarkFree: 0.8,
    a.HandOver: 0.8,
}
#: What a meeting is made of.
OFTEN = (a.BringCase, a.MoveGuide, a.OpenVote, a.CastVote, a.TakeFurther, a.Reflect) * 6
KINDS: tuple[Any, ...] = tuple(one for one in get_args(a.Action) if one is not a.OpenGroup)


def step(id: str, does: Any = "", who: Any = "all", numbered: bool = True) -> Step:
    texts = dict.fromkeys(("en", "sv", "nb"), id)
    return Step(id, 10, texts, who, does, numbered, texts if numbered else None)


AGENDA = (
    step("since", who="last_owner"),
    step("vote", "vote"),
    step("explore", who="partners"),
    step("coffee", numbered=False),
    step("hypotheses", "brake", "others"),
    step("reflection", "reflection"),
)
SMALL = Method(
    id="small",
    title=dict.fromkeys(("en", "sv", "nb"), "Small"),
    leader=dict.fromkeys(("en", "sv", "nb"), "leader"),
    meetings=3,
    minutes=60,
    size=(4, 6),
    leaders=2,
    votes=True,
    managers=False,
    first=(step("rules", "rules"), step("coffee", numbered=False), step("round", "reflection")),
    ordinary=AGENDA,
    last=(*AGENDA, step("closing", "closing")),
    moments=Moments(question=Moment(2, time(9)), checkin=time(12, 30)),
)


class Fuzz(Play):
    """A play that also keeps the stored moments up to date, as the shell does, by difference."""

    def __init__(self) -> None:
        super().__init__(SMALL)
        self.stored: frozenset[Wanted] = frozenset()
        self.command(SPONSOR, "open")
        self.fill(SPONSOR, **{**OPENING, "method": "small", "pool": POOL})

    def _decide(self, before: Group | None, event: Event, facts: Facts) -> Any:
        group = before or next(iter(self.groups.values()), None)
        was = due(group) if group is not None else frozenset()
        decision = super()._decide(before, event, facts)
        if decision.changes and self.groups:
            now = due(self.group)
            self.stored = self.stored - (was - now) | (now - was)
            assert self.stored == now, "the stored difference is what would be computed anew"
        done = isinstance(event, get_args(Deed))
        if done and facts.me == "stranger" and "stranger" not in (parts(before) if before else ()):
            assert decision.group is None
        if facts.me in (SPONSOR, COORDINATOR) and isinstance(decision.reply, OpenForm):
            assert not list(inside(decision.reply, Said)), "neither of them reads anything"
            named = {one for who in inside(decision.reply, Who) for one in who.people}
            led_by = group.led_by if group is not None else ()
            assert named <= {facts.me, *led_by}, "a sponsor has chosen who leads"
        return decision


def in_the_room(play: Fuzz, random: Random, person: str) -> None:
    """Something comes to pass in the room, or does not arrive."""
    happen = random.choice(
        [
            lambda: play.comes(person),
            lambda: play.goes(person),
            lambda: play.room_is(random.choice(["ok", "ok", "lost", "shared"])),
            lambda: play.look(*random.sample(EVERYBODY, 6), how=random.choice(["ok", "lost"])),
            lambda: play.look(*play.group.led_by, *play.group.people),
            lambda: play.unreachable(random.choice(["", person])),
            lambda: play.unsure(random.choice(["", person])),
        ]
    )
    if play.group.id in play.rooms:
        happen()


def act(play: Fuzz, random: Random) -> None:
    """One thing happens."""
    person = random.choice([*EVERYBODY, *LEADERS, *LEADERS])
    place = random.choice(
        [None, None, None, play.rooms.get(play.group.id), room("corner", *LEADERS, *POOL)]
    )
    match random.choices(
        ["see", "form", "any", "command", "home", "next", "wait", "meet", "room"],
        [20, 6, 20, 2, 2, 20, 2, 34, 2],
    )[0]:
        case "see":
            buttons = list(inside(list(play.chat(person).values()), Button))
            buttons += inside(list(play.chat("").values()), Button)
            buttons += inside(list(play.home(person)), Button)
            action = random.choice(buttons).action
            if random.random() < ENDS.get(type(action), 0):
                return
            play.press(person, action, place)
            if random.random() < 0.8 and isinstance(play.replies[person], OpenForm):
                play.fill(person, place, **answers(play, random))
        case "meet":
            meet(play, random)
        case "room":
            in_the_room(play, random, person)
        case "form":
            if isinstance(play.replies.get(person), OpenForm):
                form = play.form(person)
                play.submit(person, form.action, place, **answers(play, random))
                for button in form.extra:
                    play.press(person, button.action)
        case "any":
            action = anything(play, random, random.choice([*KINDS, *OFTEN]))
            if random.random() < ENDS.get(type(action), 0):
                return
            if random.random() < 0.5:
                play.press(person, action, place)
            else:
                play.submit(person, action, place, **answers(play, random))
        case "command":
            word = random.choice(["", "open", "here", "question", "leave", "close", "checkin", "x"])
            play.command(person, word, place)
        case "home":
            play.home(person)
        case "next":
            meeting = play.group.next_meeting
            stay = meeting is not None and meeting.guide is not None and random.random() < 0.85
            if any(play.wanted.values()) and not stay:
                play.next()
        case "wait":
            play.now += timedelta(minutes=random.choice([1, 1, 3, 20, 60 * 24]))
            if random.random() < 0.8:
                play.go(play.now)


def meet(play: Fuzz, random: Random) -> None:
    """What a meeting is for: a question is brought, the guide moved, a vote cast."""
    meeting = play.group.next_meeting
    if meeting is None or play.group.status != "running":
        return
    if meeting.guide is None:
        before = play.group.meeting(meeting.number - 1)
        if before is not None and before.owner and "next_day" not in before.came:
            play.next()
            return
        kind = random.choice([a.BringCase, a.TakeFurther, a.Reflect])
        number = meeting.number - (kind is not a.BringCase)
        last = play.group.meeting(number)
        person = random.choice(POOL)
        if kind is a.TakeFurther and last is not None and last.owner:
            person = last.owner
        play.submit(person, kind(play.group.id, number), **answers(play, random))
    elif meeting.ballot is not None and random.random() < 0.7:
        action = a.CastVote(play.group.id, meeting.number)
        play.submit(random.choice(POOL), action, **answers(play, random))
    elif meeting.partner_asked and random.random() < 0.4:
        action = a.AnswerPartner(play.group.id, meeting.number, random.random() < 0.5)
        play.press(meeting.partner_asked, action)
    elif meeting.reunion is not None and random.random() < 0.7:
        action = a.VoteReunion(play.group.id, meeting.number, random.choice([0, 3, 6]))
        play.press(random.choice(POOL), action)
    elif play.group.led_by:
        leader = random.choice(play.group.led_by)
        card = play.chat(leader).get(f"guide/{meeting.number}")
        buttons = [one for one in inside(card, Button) if type(one.action) not in ENDS]
        if buttons:
            on = [one for one in buttons if isinstance(one.action, a.MoveGuide)][:1]
            some = on if on and random.random() < 0.6 else buttons
            play.press(leader, random.choice(some).action)
            if isinstance(play.replies[leader], OpenForm):
                play.fill(leader, **answers(play, random))


def anything(play: Fuzz, random: Random, kind: Any) -> Any:
    """An action of this kind, mostly about this group and the meeting it is in."""
    upcoming = play.group.next_meeting
    number = upcoming.number if upcoming else 3
    guide = upcoming.guide if upcoming else None
    values = {
        "group": random.choice([play.group.id] * 9 + ["g0"]),
        "who": random.choice(EVERYBODY),
        "what": "exercises/none",
        "room": "corner",
        "page": random.choice([1, 0, 99]),
        "year": random.choice([2025, 2026, 0]),
        "meeting": random.choice([number] * 6 + [number - 1, number - 1, number + 1, 0, -1, 99]),
        "from_step": random.choice([guide.step if guide else 0] * 4 + [0, 1, 99]),
        "by": random.choice([1, 1, -1]),
        "revision": upcoming.revision if upcoming else 0,
        "weeks": random.choice([1, 2, 0, 99]),
        "to": (play.now + timedelta(days=random.randint(-1, 9))).strftime("%Y-%m-%dT13:00"),
        "why": random.choice(["day", "few"]),
        "answer": random.choice(["yes", "no", "late"]),
        "yes": random.random() < 0.7,
        "pause": random.random() < 0.5,
        "part": random.choice([1, 1, 2, 0, -1]),
        "sure": random.random() < 0.5,
        "held": random.random() < 0.5,
        "version": random.choice([1, 1, 2, 3]),
        "months": random.choice([0, 3, 6]),
    }
    return kind(**{one.name: values[one.name] for one in fields(kind) if one.name != "kind"})


def answers(play: Fuzz, random: Random) -> dict[str, Any]:
    """Answers to any form, most of them sensible and some of them garbage."""
    upcoming = play.group.next_meeting
    cases = [one.id for one in upcoming.cases] if upcoming else []
    words = f"private words {random.random()}"
    soon = (play.now + timedelta(days=random.choice([0, 1, 3, 8, 30]))).date().isoformat()
    given: dict[str, Any] = {
        "newcomer": (random.choice([*EVERYBODY, "per", "pia"]),),
        "meeting": str(upcoming.number if upcoming else 3),
        "to": random.choice(["other", soon, f"{soon}T13:00"]),
        "date": soon,
        "from": random.choice(["", soon, "08:00"]),
        "days": tuple(random.sample("1234567", random.choice([0, 0, 2, 7]))),
        "zone": random.choice(["Europe/Stockholm", "Europe/London"]),
        "time": random.choice(["13:00", "13:00", "09:30"]),
        "anyway": random.random() < 0.3,
        "every": random.choice(["1", "1", "2"]),
        "place": random.choice(["Rum 4", ""]),
        "link": "",
        "case": words,
        "title": random.choice(["Samling", "", "x" * 61]),
        "words": random.choice([words, ""]),
        "support": words,
        "take": random.choice([words, ""]),
        "keep": random.random() < 0.5,
        "tap": random.choice(["here", "heavy", ""]),
        "level": random.choice(["me", "leaders", "all"]),
        "cases": tuple(random.sample(cases, random.randint(0, len(cases)))),
        "who": random.choice([*POOL, *LEADERS]),
        "partners": tuple(random.sample(POOL, 2)),
        "rules": random.choice([words, f"{words}\n{words}"]),
        "lead": random.choice(LEADERS),
        "step": random.random() < 0.7,
        "leaders": (random.choice([*EVERYBODY, "per", "pia"]),),
        "language": random.choice(["en", "sv", "nb"]),
        **{one: random.choice(["yes", "partly", "no"]) for one in ("voice", "steps", "worth")},
    }
    if random.random() < 0.15:
        garbage = [True, "", (), ("x",), "x" * 5000, "\u202e", ("x", "y"), "yes"]
        given |= {random.choice(list(given)): random.choice(garbage) for _ in range(4)}
    return {} if random.random() < 0.05 else given
