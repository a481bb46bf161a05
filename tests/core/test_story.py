"""One whole programme, as each of them sees it: ten meetings from opening to closing.

Ida says no, jan never answers, hans leaves, and the fourth meeting has no question.
"""

import pytest

from bot.core import action as a
from bot.core.card import CARDS, Button
from tests.core.play import POOL, SPONSOR, Play, inside, keys, people
from tests.core.stages import gathering, now, to_step

QUESTIONS = {
    2: ("anna", "bo"),
    3: ("cilla",),
    4: (),
    5: ("anna", "dag", "elin"),
    6: ("fia", "gun"),
    7: ("bo", "cilla"),
    8: ("dag",),
    9: ("elin", "gun"),
    10: ("fia", "cilla"),
}
WINNERS = {2: "anna", 3: "cilla", 5: "dag", 6: "gun", 7: "bo", 8: "dag", 9: "elin", 10: "fia"}
#: Everything anybody was ever shown, by person; "" is the room.
Seen = dict[str, set[str]]


def look(play: Play, seen: Seen) -> None:
    """Everybody looks at what stands before them, as the platform has it."""
    for person in ("", SPONSOR, "lena", "omar", *POOL, "stranger"):
        cards = list(play.chat(person).values()) + (list(play.home(person)) if person else [])
        seen.setdefault(person, set()).update(CARDS.dump_json(card).decode() for card in cards)


def before_the_start(play: Play, seen: Seen) -> None:
    for person in POOL[:8]:
        play.tap(person, "invite.yes")
    play.tap("ida", "invite.no")
    look(play, seen)
    play.tap("lena", "gather.show")
    look(play, seen)
    play.tap("omar", "gather.start")
    look(play, seen)


def before_the_meeting(play: Play, number: int, seen: Seen) -> None:
    play.tap("anna", "card.yes")
    play.tap("bo", "card.no" if number == 6 else "card.late")
    for author in QUESTIONS.get(number, ()):
        play.submit(author, a.BringCase(play.group.id, number), case=f"{author} asks at {number}")
    play.go("checkin", number)
    look(play, seen)
    play.tap("cilla", "checkin.open")
    play.fill("cilla", words=f"cilla carries this to {number}", level="leaders", tap="full")
    play.tap("dag", "checkin.skip")


def the_meeting(play: Play, number: int, seen: Seen) -> None:
    play.go("begin", number)
    look(play, seen)
    if number in QUESTIONS:
        to_step(play, "vote")
        look(play, seen)
        the_vote(play, number, seen)
    if number == 7:
        play.submit("hans", a.LeaveGroup(play.group.id))
    to_step(play, play.method.agenda(number, 10)[-1].id)
    look(play, seen)
    play.tap("lena", "end.b")
    look(play, seen)


def the_vote(play: Play, number: int, seen: Seen) -> None:
    questions = QUESTIONS[number]
    if not questions:
        assert {"vote.room", "add.b"} <= set(play.buttons("lena"))
        return
    if len(questions) == 1:
        play.tap("lena", "vote.one")
        return
    play.tap("omar", "vote.open")
    chosen = next(case.id for case in now(play).cases if case.by == WINNERS[number])
    ballot = now(play).ballot
    assert ballot
    look(play, seen)
    for person in ballot.roll:
        play.tap(person, "vote.b")
        play.fill(person, cases=(chosen,))
        if person == ballot.roll[2]:
            look(play, seen)
    assert play.told(ballot.roll[-1]) == "vote.in.last"


def after_the_meeting(play: Play, number: int, seen: Seen) -> None:
    play.submit("elin", a.Reflect(play.group.id, number), support=f"elin after {number}", keep=True)
    play.submit("fia", a.Reflect(play.group.id, number), support=f"fia after {number}")
    if number == 5:
        for person in play.group.people[:6]:
            play.tap(person, "pulse.open")
            play.fill(person, voice="yes", steps="yes", worth="partly")
    owner = WINNERS.get(number)
    if owner and number < 10:
        play.go("next_day", number)
        play.tap(owner, "further.open")
        play.fill(owner, words=f"{owner} goes on after {number}")
    play.go("shred", number)
    look(play, seen)


@pytest.fixture(scope="module")
def story() -> tuple[Play, Seen]:
    play, seen = gathering(), Seen()
    look(play, seen)
    before_the_start(play, seen)
    for number in range(1, 11):
        before_the_meeting(play, number, seen)
        the_meeting(play, number, seen)
        after_the_meeting(play, number, seen)
    while any(play.wanted.values()):
        play.next()
    look(play, seen)
    return play, seen


def test_it_ends_by_itself_with_nothing_left_of_what_was_written(
    story: tuple[Play, Seen],
) -> None:
    play, _ = story
    assert play.group.status == "closed"
    assert not play.group.drawers
    assert len(play.canaries) > 40
    assert [one.owner for one in play.group.meetings] == [
        WINNERS.get(number, "") for number in range(1, 11)
    ]
    assert all(one.held for one in play.group.meetings)


def test_no_card_ever_held_what_anybody_wrote(story: tuple[Play, Seen]) -> None:
    play, seen = story
    everything = "".join(card for cards in seen.values() for card in cards)
    assert not [canary for canary in play.canaries if canary in everything]
    assert "Tisdagsgruppen" not in everything
    assert "Rum 4" not in everything


def test_the_sponsor_never_saw_a_member_or_a_count_of_answers(story: tuple[Play, Seen]) -> None:
    _, seen = story
    for card in seen[SPONSOR]:
        assert not people(CARDS.validate_json(card))
    allowed = (
        "open.done",
        "facts.",
        "close",
        "value",
        "home.",
        "help",
        "language",
        "notification",
        "data.title",
        "hand.b",
        "hours.open",
    )
    found = keys([CARDS.validate_json(card) for card in seen[SPONSOR]])
    assert not [key for key in found if not key.startswith(allowed)]


def test_who_said_no_or_nothing_saw_the_question_and_no_more(story: tuple[Play, Seen]) -> None:
    play, seen = story
    for person in ("ida", "jan"):
        named = people([CARDS.validate_json(card) for card in seen[person]])
        assert named == {"lena", "omar"}
    assert people([CARDS.validate_json(card) for card in seen["kim"]]) == set()
    everyone_else = "".join(
        card for who, cards in seen.items() if who not in ("ida", "jan", "kim") for card in cards
    )
    assert '"ida"' not in everyone_else, "nobody learns who said no"
    assert '"jan"' not in everyone_else
    assert set(play.chat("ida")) == {"invite"}


def test_the_room_never_saw_who_comes_or_who_voted_or_for_what(story: tuple[Play, Seen]) -> None:
    play, seen = story
    room = [CARDS.validate_json(card) for card in seen[""]]
    allowed = {*WINNERS.values(), "lena", "omar", "hans"}
    lots = [one for one in room if "vote.lots" in keys(one)]
    assert people([one for one in room if one not in lots]) <= allowed
    for card in lots:
        authors = {frozenset(QUESTIONS[number]) for number in QUESTIONS}
        assert any(people(card) == set(one) for one in authors)
    assert not keys(room) & {"overview", "checkin", "reflect", "further", "attend.no"}
    assert set(play.chat("")) == {
        *(f"meeting/{number}" for number in range(1, 11)),
        "left/hans",
    }


def test_who_left_saw_nothing_afterwards(story: tuple[Play, Seen]) -> None:
    play, seen = story
    assert set(play.chat("hans")) == {"invite"}
    assert not [card for card in seen["hans"] if '"meeting":8' in card]
    assert play.let_out == ("hans",)


def test_only_those_who_lead_saw_the_guide_and_the_overview(story: tuple[Play, Seen]) -> None:
    _, seen = story
    for person, cards in seen.items():
        found = keys([CARDS.validate_json(card) for card in cards])
        assert ("guide.title" in found) == (person in ("lena", "omar")), person
        assert ("overview.title" in found) == (person in ("lena", "omar")), person
        assert ("pulse.result" in found) == (person in ("lena", "omar")), person


def test_only_owners_were_asked_what_they_take_further(story: tuple[Play, Seen]) -> None:
    _, seen = story
    owners = {person for number, person in WINNERS.items() if number < 10}
    for person, cards in seen.items():
        found = keys([CARDS.validate_json(card) for card in cards])
        assert ("further.done" in found or "further" in found) == (person in owners), person


def test_a_stranger_saw_only_how_to_begin(story: tuple[Play, Seen]) -> None:
    _, seen = story
    found = [CARDS.validate_json(card) for card in seen["stranger"]]
    assert not people(found)
    assert {one.action.kind for one in inside(found, Button)} == {"hours", "language", "mine"}
    assert "home.open" in keys(found)


def test_the_last_chats_are_calm(story: tuple[Play, Seen]) -> None:
    play, _ = story
    for person in ("", SPONSOR, "lena", "omar", *POOL):
        assert not play.buttons(person), person
        assert len(play.chat(person)) <= (3 if person else 12), person
