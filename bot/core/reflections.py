"""After the meeting: a reflection that stays mine, three questions, the owner's own sentence."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from bot.core.action import Pulse, ReadKept, Reflect, TakeFurther
from bot.core.answers import Answers, chosen_one, text, ticked
from bot.core.card import (
    Button,
    Buttons,
    Card,
    Choice,
    Details,
    Element,
    Form,
    Heading,
    Line,
    Option,
    Quote,
    Said,
    T,
    Text,
    Tick,
)
from bot.core.cards import asked, button, line, name, plain, primary, quiet, starts
from bot.core.decision import UNAVAILABLE, Decision, FieldErrors, Notice, OpenForm, notice
from bot.core.effect import Effect, Person, Put
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.model import Group, Meeting
from bot.core.rights import belongs, reads_reflections, takes_further
from bot.core.text import TEXT_LIMIT, fault

#: The three one-tap questions on a meeting, and their answers, if the method does not say.
QUESTIONS = ("voice", "steps", "worth")
TAPS = ("yes", "partly", "no")
#: Fewest answers behind what those who lead are shown.
FEWEST = 5


def has_pulse(group: Group, meeting: Meeting) -> bool:
    """Whether the three questions are asked: after the first, middle and last meeting."""
    rank, count = group.rank(meeting)
    return rank in (1, (count + 1) // 2, count)


def ask(group: Group, meeting: Meeting) -> tuple[Meeting, tuple[Effect, ...]]:
    """Each who was there is offered their own reflection, once."""
    if "reflect" in meeting.came:
        return meeting, ()
    offered = replace(meeting, came=meeting.came | {"reflect"})
    there = [one for one in group.people if meeting.attendance.get(one) != "no"]
    card = reflect_card(group, meeting)
    return offered, tuple(Put(Person(one), f"reflect/{meeting.number}", card) for one in there)


def reflect_card(group: Group, meeting: Meeting) -> Card:
    """The offer, without a question of content in it."""
    first = primary("reflect.open", Reflect(group.id, meeting.number))
    row = Buttons((first, *pulse_buttons(group, meeting)))
    return Card((Heading(name(group)), line("reflect"), quiet("reflect.mine"), row))


def kept_card(group: Group, meeting: Meeting) -> Card:
    """Where to read what one asked to have kept."""
    read = button("reflect.read", ReadKept(group.id, meeting.number))
    return plain(group, "reflect.kept", read, *pulse_buttons(group, meeting))


def pulse_buttons(group: Group, meeting: Meeting) -> tuple[Button, ...]:
    """The way to the three questions, as long as they are asked."""
    if not has_pulse(group, meeting) or "shred" in meeting.came:
        return ()
    return (button("pulse.open", Pulse(group.id, meeting.number)),)


# --- my own -------------------------------------------------------------------------------------


def form(group: Group, meeting: Meeting, action: Reflect, facts: Facts) -> Decision:
    """Two questions to oneself; nothing is kept unless one asks for it."""
    if not belongs(group, facts.me) or not reads_reflections(meeting):
        return UNAVAILABLE
    second = "reflect.2.managers" if group.method.managers else "reflect.2.others"
    support, take = asked(group, "support", "reflect.1"), asked(group, "take", second)
    fields = (
        quiet("reflect.mine"),
        Line("support", support, TEXT_LIMIT, several=True, optional=True),
        Line("take", take, TEXT_LIMIT, several=True, optional=True),
        Tick("keep", T("reflect.keep")),
    )
    return Decision(
        reply=OpenForm(Form(T("reflect.title"), action, fields, submit=T("reflect.submit")))
    )


def reflect(
    group: Group, meeting: Meeting, action: Reflect, answers: Answers, facts: Facts
) -> Decision:
    """Not kept; or, if its author asks, kept for the author alone for seven days."""
    if not belongs(group, facts.me) or not reads_reflections(meeting):
        return UNAVAILABLE
    written = {field: text(answers, field, several=True) for field in ("support", "take")}
    wrong = {field: fault(words, TEXT_LIMIT, optional=True) for field, words in written.items()}
    errors = {field: error for field, error in wrong.items() if error is not None}
    if errors:
        return Decision(reply=FieldErrors(errors))
    keep, new = ticked(answers, "keep"), group
    for field, words in written.items():
        item = f"{field}/{facts.me}"
        new = new.with_item(f"{meeting.number}/mine", item, words if keep else "")
    if new == group:
        return notice("reflect.kept" if kept(group, meeting, facts.me) else "reflect.done")
    keeps = kept(new, meeting, facts.me)
    card = kept_card(new, meeting) if keeps else reflect_card(new, meeting)
    put = Put(Person(facts.me), f"reflect/{meeting.number}", card)
    return Decision(new, (put,), Notice(T("reflect.kept" if keeps else "reflect.done")))


def kept(group: Group, meeting: Meeting, person: PersonId) -> tuple[Said, ...]:
    """What a person asked to have kept."""
    drawer = f"{meeting.number}/mine"
    items = [f"{field}/{person}" for field in ("support", "take")]
    return tuple(Said(group.id, drawer, item) for item in items if group.item(drawer, item))


def read_kept(group: Group, meeting: Meeting, action: ReadKept, facts: Facts) -> Decision:
    """What I asked to have kept."""
    fields = tuple(Quote(said) for said in kept(group, meeting, facts.me))
    if not fields:
        return UNAVAILABLE
    return Decision(reply=OpenForm(Form(T("reflect.title"), action, fields)))


# --- three questions for those who lead ---------------------------------------------------------


def pulse_form(group: Group, meeting: Meeting, action: Pulse, facts: Facts) -> Decision:
    """Three questions, one tap each."""
    if (
        not belongs(group, facts.me)
        or not reads_reflections(meeting)
        or not has_pulse(group, meeting)
    ):
        return UNAVAILABLE
    options = tuple(Option(tap, pulse_answer(group, tap)) for tap in _taps(group))
    taps = tuple(Choice(one, pulse_question(group, one), options) for one in _questions(group))
    rank, count = group.rank(meeting)
    whole = (quiet("pulse.whole"),) if rank == count else ()
    fields = (*whole, quiet("pulse.hint", n=FEWEST), *taps)
    form = Form(T("pulse.title"), action, fields, submit=T("send"))
    return Decision(reply=OpenForm(form))


def pulse(
    group: Group, meeting: Meeting, action: Pulse, answers: Answers, facts: Facts
) -> Decision:
    """Kept until a day after the meeting; only then, and from five answers, shown as counts."""
    if (
        not belongs(group, facts.me)
        or not reads_reflections(meeting)
        or not has_pulse(group, meeting)
    ):
        return UNAVAILABLE
    taps = {one: chosen_one(answers, one, _taps(group)) for one in _questions(group)}
    errors = {question: T("error.choose") for question, tap in taps.items() if not tap}
    if errors:
        return Decision(reply=FieldErrors(errors))
    new = group.with_item(f"{meeting.number}/meeting", f"pulse/{facts.me}", json.dumps(taps))
    return Decision(new, reply=Notice(T("pulse.done")))


def pulse_question(group: Group, question: str) -> T:
    """One of the three questions."""
    return asked(group, f"pulse/{question}", f"pulse.{question}")


def pulse_answer(group: Group, tap: str) -> T:
    """An answer to one of them."""
    return asked(group, f"answers/{tap}", f"pulse.{tap}")


def _questions(group: Group) -> tuple[str, ...]:
    return tuple(group.method.questions.pulse) or QUESTIONS


def _taps(group: Group) -> tuple[str, ...]:
    return tuple(group.method.questions.answers) or TAPS


def counted(group: Group, meeting: Meeting) -> dict[str, dict[str, int]]:
    """How often each answer was given to each question; nothing if fewer than five answered."""
    answers = [
        json.loads(taps) for taps in group.items(f"{meeting.number}/meeting", "pulse/").values()
    ]
    if len(answers) < FEWEST:
        return {}
    taps = _taps(group)
    found = {one: Counter(answer[one] for answer in answers) for one in _questions(group)}
    return {question: {tap: count[tap] for tap in taps} for question, count in found.items()}


def pulse_shown(group: Group, meeting: Meeting, people: Iterable[PersonId]) -> tuple[Effect, ...]:
    """The counts, for these of those who lead."""
    counts = meeting.pulse
    rows: list[Element] = []
    for question, taps in counts.items():
        rows.append(Text(pulse_question(group, question)))
        counted = ((pulse_answer(group, tap), T("value", {"value": n})) for tap, n in taps.items())
        rows.append(Details(tuple(counted)))
    answers = sum(next(iter(counts.values()), {}).values())
    card = Card(
        (
            Heading(name(group)),
            line("pulse.result", n=meeting.number, answers=answers),
            *rows,
        )
    )
    return tuple(Put(Person(one), f"pulse/{meeting.number}", card) for one in people)


# --- the owner ----------------------------------------------------------------------------------


def next_day(group: Group, meeting: Meeting) -> tuple[Effect, ...]:
    """The owner alone is asked what they would like to take further."""
    button_ = primary("further.open", TakeFurther(group.id, meeting.number))
    card = plain(group, "further", button_, date=starts(group, meeting, "date"))
    return (Put(Person(meeting.owner), f"further/{meeting.number}", card),)


def further_form(group: Group, meeting: Meeting, action: TakeFurther, facts: Facts) -> Decision:
    """*Nothing yet* is also an answer."""
    if not takes_further(group, meeting, facts.me):
        return UNAVAILABLE
    field = Line(
        "words",
        T("further.label"),
        TEXT_LIMIT,
        several=True,
        optional=True,
        hint=T("further.nothing"),
        value=Said(group.id, f"{meeting.number}/carried", "words"),
    )
    form = Form(T("further.title"), action, (quiet("next_day.kept"), field), submit=T("save"))
    return Decision(reply=OpenForm(form))


def take_further(
    group: Group, meeting: Meeting, action: TakeFurther, answers: Answers, facts: Facts
) -> Decision:
    """The owner's words come back to them before the next meeting, then are gone."""
    if not takes_further(group, meeting, facts.me):
        return UNAVAILABLE
    words = text(answers, "words", several=True)
    wrong = fault(words, TEXT_LIMIT, optional=True)
    if wrong is not None:
        return Decision(reply=FieldErrors({"words": wrong}))
    new = group.with_item(f"{meeting.number}/carried", "words", words)
    again = button("further.again", TakeFurther(group.id, meeting.number))
    put = Put(Person(facts.me), f"further/{meeting.number}", plain(group, "further.done", again))
    return Decision(new, (put,), Notice(T("further.done")))
