"""What I can do now, here, and what waits for me. What a message offered is offered here too."""

from dataclasses import replace

from bot.core import titles
from bot.core.action import (
    Attend,
    BringCase,
    CastVote,
    CheckIn,
    ChooseLanguage,
    CloseGroup,
    GetCalendar,
    GetSheet,
    HandOver,
    LeaveGroup,
    MyData,
    NameCalendar,
    ReadCheckIns,
    ReadKept,
    ReadRules,
    Reflect,
    SetHours,
    TakeFurther,
    TellManager,
)
from bot.core.answers import Answers, chosen_one
from bot.core.card import (
    About,
    Button,
    Buttons,
    Card,
    Choice,
    Details,
    Element,
    Form,
    Heading,
    Option,
    T,
)
from bot.core.cards import button, danger, four_facts, line, name, primary, quiet, starts, words
from bot.core.coordinating import coordinator_card
from bot.core.decision import Decision, FieldErrors, Home, Notice, OpenForm
from bot.core.doors import note_card
from bot.core.effect import Prefer
from bot.core.event import PersonId
from bot.core.facts import Facts
from bot.core.figures import GroupFacts, facts_of
from bot.core.guide import guide_card, today_card
from bot.core.leading import lead_card
from bot.core.meetings import held_card, overview_card
from bot.core.model import LANGUAGES, Group, Meeting
from bot.core.newcomers import join_card, may_allow, newcomer_card
from bot.core.optin import gather_card, invite_card, joined_card, members_card
from bot.core.owner import owner_card, owns_now
from bot.core.partner import ask_card
from bot.core.planning import plan_card
from bot.core.reflections import kept, pulse_buttons
from bot.core.reunion import is_open, result_card, vote_card
from bot.core.rights import (
    asked_to_join,
    asked_to_lead,
    belongs,
    checks_in,
    leads,
    may_be_marked,
    on_roll,
    opened,
    reads_reflections,
    takes_cases,
    takes_further,
    takes_part,
)
from bot.core.rooms import outside_card


def home(facts: Facts) -> Decision:
    """The home of whoever asks; in a group's room only that group."""
    groups = [one for one in facts.mine if facts.room_of in ("", one.id)]
    cards: list[Card] = []
    for group in groups:
        cards += group_cards(group, facts)
    if not cards:
        cards.append(Card((Heading(T("home.title")), line("home.none"), quiet("home.open"))))
    if facts.coordinates and not facts.room_of:
        cards.append(coordinator_card(facts))
    return Decision(reply=Home((*cards, settings_card())))


def settings_card() -> Card:
    """Language, what Krets has on me, and whom to turn to when a group is not enough."""
    return Card(
        (
            Heading(T("home.settings")),
            Buttons(
                (
                    button("language.open", ChooseLanguage()),
                    button("hours.open", SetHours()),
                    button("data.title", MyData()),
                )
            ),
            quiet("help", contacts=About("", "help")),
        )
    )


def group_cards(group: Group, facts: Facts) -> list[Card]:
    """What one group offers me, by what I am in it."""
    me, cards = facts.me, []
    if group.status == "gathering":
        if leads(group, me):
            cards.append(gather_card(group, facts))
        elif asked_to_lead(group, me):
            cards.append(lead_card(group, me))
        if belongs(group, me):
            cards.append(members_card(group) if group.shown_at else joined_card(group))
        elif asked_to_join(group, me):
            cards.append(invite_card(group))
    if group.status == "running":
        if leads(group, me):
            trouble = note_card(group, facts)
            cards += [trouble] if trouble else []
            cards += [held_card(group, one) for one in group.meetings if may_be_marked(group, one)]
            cards += _leading(group, me)
        elif asked_to_lead(group, me):
            cards.append(lead_card(group, me))
        if group.joining is not None and group.joining.agreed and asked_to_join(group, me):
            cards += [] if belongs(group, me) else [newcomer_card(group)]
        if me in group.outside:
            cards.append(outside_card(group))
        if belongs(group, me):
            cards += _belonging(group, facts)
    if group.reunion_at is not None and takes_part(group, me):
        cards.append(result_card(group))
    if opened(group, me) and group.status != "closed":
        cards.append(facts_card(facts_of(group, facts.now), runs=group.status == "running"))
    return cards


def _leading(group: Group, me: PersonId) -> list[Card]:
    meeting = group.next_meeting
    own = (button("rules.read", ReadRules(group.id)), button("leave", LeaveGroup(group.id)))
    if meeting is None:
        return [Card((Heading(name(group)), line("home.over"), Buttons(own))), plan_card(group)]
    card = guide_card(group, meeting, me) if meeting.guide else overview_card(group, meeting)
    sheet = (button("sheet.title", GetSheet(group.id, meeting.number)),) if meeting.guide else ()
    calendar = (
        button("calendar.title", GetCalendar(group.id)),
        button("calendar.name.title", NameCalendar(group.id)),
    )
    row = Buttons((*sheet, *calendar, *own))
    return [replace(card, elements=(*card.elements, row)), plan_card(group)]


def _belonging(group: Group, facts: Facts) -> list[Card]:
    meeting = group.next_meeting
    elements: list[Element] = [Heading(name(group))]
    cards: list[Card] = []
    if meeting is None:
        elements.append(line("home.over"))
    else:
        when = (T("home.next"), words(starts(group, meeting)))
        where = (T("card.where"), words(About(group.id, "place")))
        elements.append(Details((when, where) if group.place else (when,)))
        elements.append(Buttons(_before(group, meeting, facts)))
        asked = meeting.case_of(facts.me) is not None and meeting.ballot is None
        step = group.step(meeting)
        if asked and step is not None and step.does == "vote" and not meeting.owner:
            cards.append(today_card(group, meeting))
        if may_allow(group, facts):
            cards.append(join_card(group))
        if titles.asked(group, meeting):
            cards.append(titles.ask_card(group, meeting))
        if owns_now(meeting, facts.me):
            cards.append(owner_card(group, meeting))
        if is_open(meeting) and meeting.reunion and facts.me in meeting.reunion.roll:
            cards.append(vote_card(group, meeting))
        if meeting.partner_asked == facts.me:
            cards.append(ask_card(group, meeting))
    after = _after(group, facts)
    if after:
        elements.append(Buttons(after))
    own = (
        button("rules.read", ReadRules(group.id)),
        button("calendar.title", GetCalendar(group.id)),
        button("invite.tell", TellManager(group.id)),
        button("leave", LeaveGroup(group.id)),
    )
    return [Card((*elements, Buttons(own))), *cards]


def _before(group: Group, meeting: Meeting, facts: Facts) -> tuple[Button, ...]:
    row: list[Button] = []
    ballot = meeting.ballot
    if ballot is not None and ballot.closed_at is None and on_roll(ballot, facts.me):
        row.append(primary("vote.b", CastVote(group.id, meeting.number)))
    row += [
        button("card.yes", Attend(group.id, meeting.number, "yes")),
        button("card.no", Attend(group.id, meeting.number, "no")),
        button("card.late", Attend(group.id, meeting.number, "late")),
    ]
    if checks_in(group, meeting):
        row.append(button("checkin.open", CheckIn(group.id, meeting.number)))
    row.append(button("checkin.read", ReadCheckIns(group.id, meeting.number)))
    if takes_cases(group, meeting):
        row.append(button("case.open", BringCase(group.id, meeting.number)))
    return tuple(row)


def _after(group: Group, facts: Facts) -> tuple[Button, ...]:
    row: list[Button] = []
    for meeting in group.begun:
        if reads_reflections(meeting):
            row.append(button("reflect.open", Reflect(group.id, meeting.number)))
            row += pulse_buttons(group, meeting)
        if kept(group, meeting, facts.me):
            row.append(button("reflect.read", ReadKept(group.id, meeting.number)))
        if takes_further(group, meeting, facts.me):
            row.append(button("further.open", TakeFurther(group.id, meeting.number)))
    return tuple(row)


def facts_card(of: GroupFacts, *, runs: bool) -> Card:
    """The sponsor's four facts: it exists, its dates, how many were held, held as planned."""
    ill = (button("hand.b", HandOver(of.group)),) if runs else ()
    return Card(
        (
            Heading(words(About(of.group, "name"))),
            four_facts(of),
            quiet("facts.note"),
            Buttons((*ill, danger("close", CloseGroup(of.group)))),
        )
    )


# --- my language --------------------------------------------------------------------------------


def language_form(facts: Facts) -> Decision:
    """The languages Krets speaks, each by its own name."""
    options = tuple(Option(code, T(f"language.{code}")) for code in LANGUAGES)
    field = Choice("language", T("language.label"), options, chosen=(facts.language,))
    form = Form(T("language.title"), ChooseLanguage(), (field,), submit=T("save"))
    return Decision(reply=OpenForm(form))


def choose_language(answers: Answers, facts: Facts) -> Decision:
    """Krets speaks to me in this language from now on."""
    language = chosen_one(answers, "language", LANGUAGES)
    if not language:
        return Decision(reply=FieldErrors({"language": T("error.choose")}))
    return Decision(effects=(Prefer(facts.me, language),), reply=Notice(T("language.done")))
