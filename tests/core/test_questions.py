"""What is asked in private, and what can be tapped: the method's, else Krets's own words."""

from dataclasses import replace

from bot.core.action import CheckIn, Pulse, ReadCheckIns
from bot.core.card import Choice, Form
from bot.core.method import Questions
from tests.core.play import POOL, Play, inside, jonkoping, keys, paths
from tests.core.stages import before, begun, to_step

SAME = {"en": "a", "sv": "b", "nb": "c"}
OTHER = replace(
    jonkoping().questions,
    taps={"sun": SAME, "rain": SAME},
    pulse={"calm": SAME, "time": SAME, "room": SAME},
    answers={"much": SAME, "little": SAME},
)


def asking(questions: Questions, play: Play) -> Play:
    """The same group, whose method asks this."""
    method = replace(play.group.method, questions=questions)
    play.groups[play.group.id] = replace(play.group, method=method)
    return play


def offered(form: Form) -> dict[str, list[str]]:
    """What can be chosen in each field of a form."""
    return {one.name: [option.value for option in one.options] for one in inside(form, Choice)}


def test_a_method_has_answers_of_its_own_to_how_one_arrives() -> None:
    play = asking(OTHER, before(2))
    play.press("anna", CheckIn(play.group.id, 2))
    assert offered(play.form("anna"))["tap"] == ["sun", "rain"]
    assert {"questions/arriving", "questions/taps/sun"} <= paths(play.form("anna"))
    play.fill("anna", tap="rain", words="", level="all")
    play.submit("bo", CheckIn(play.group.id, 2), tap="heavy", level="all")
    play.press("lena", ReadCheckIns(play.group.id, 2))
    assert paths(play.form("lena")) == {"questions/taps/rain"}, "what it does not know is no answer"


def test_a_method_has_three_questions_of_its_own_on_the_meeting() -> None:
    play = asking(OTHER, before(2))
    play.press("anna", Pulse(play.group.id, 1))
    assert offered(play.form("anna")) == {one: ["much", "little"] for one in OTHER.pulse}
    for person in POOL[:5]:
        play.submit(person, Pulse(play.group.id, 1), calm="much", time="much", room="little")
    play.go("shred", 1)
    told = paths(play.chat("lena")["pulse/1"])
    assert told == {f"questions/pulse/{one}" for one in OTHER.pulse} | {
        "questions/answers/much",
        "questions/answers/little",
    }


def test_a_group_that_began_before_its_method_asked_hears_krets_own_words() -> None:
    play = asking(Questions(), before(2))
    play.press("anna", CheckIn(play.group.id, 2))
    assert {"checkin", "checkin.tap", "checkin.tap.heavy"} <= keys(play.form("anna"))
    play.fill("anna", tap="heavy", level="me")
    assert play.told("anna") == "checkin.done"
    play.press("anna", Pulse(play.group.id, 1))
    assert {"pulse.voice", "pulse.steps", "pulse.worth", "pulse.partly"} <= keys(play.form("anna"))
    assert not paths(play.form("anna"))


def test_so_it_does_at_the_closing() -> None:
    play = asking(Questions(), begun(10))
    to_step(play, "closing")
    assert "carry_out" in play.keys("", "closing")
