"""Methods are read whole, or refused with every fault, its line and its reason."""

from pathlib import Path

import pytest

from bot.core.method import Questions
from bot.methods import check, parse, read_methods
from bot.methods.faults import faults
from bot.refusal import Refusal
from tests.shell.stage import HASH, METHOD


def line(text: str) -> int:
    """Where this begins in the method of the stage."""
    return METHOD[: METHOD.index(text)].count("\n") + 1


def told(text: str) -> list[str]:
    return [str(fault) for fault in faults(text)]


def test_our_own_methods_are_right() -> None:
    methods = read_methods()
    assert set(methods) == {
        "at-risk",
        "guide-support",
        "guide-training",
        "helsingborg",
        "jonkoping",
        "reflecting",
    }
    for hash, text, method in methods.values():
        assert parse(text) == method
        assert len(hash) == 64


def test_an_extra_directory_adds_and_wins(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(METHOD)
    own = METHOD.replace('id = "small"', 'id = "jonkoping"')
    (tmp_path / "jonkoping.toml").write_text(own)
    methods = read_methods(tmp_path)
    assert methods["small"] == (HASH, METHOD, parse(METHOD))
    assert methods["jonkoping"][1] == own


EXERCISE = '[[exercises]]\nid = "{0}"\ntitle = {{ en = "a", sv = "b", nb = "{1}" }}\n' + (
    'say = {{ en = "a", sv = "b", nb = "c" }}\n'
)


@pytest.mark.parametrize(
    ("old", "new", "where", "reason"),
    [
        ("meetings = 3", "meetings = 0", "meetings = 3", "meetings: from 1 to 60"),
        ("meetings = 3", 'meetings = "x"', "meetings = 3", "meetings: Input should be a valid"),
        (
            "leaders = 1",
            "leaders = 1\ncolour = 1",
            "votes",
            "colour: is not a key that Krets knows",
        ),
        ("votes = true", "", "", "votes: is missing"),
        ("size = [3, 8]", "size = [8, 3]", "size", "size: from 2 to 30, the fewest first"),
        ("size = [3, 8]", "size = [3, 800]", "size", "size: from 2 to 30, the fewest first"),
        ("size = [3, 8]", "size = [3]", "size", "size/2: is missing"),
        ("leaders = 1", "leaders = 0", "leaders", "leaders: from 1 to 4"),
        ("leaders = 1", "leaders = 1\nweeks = 5", "votes", "weeks: from 1 to 4"),
        (
            "leaders = 1",
            "leaders = 1\nfewest_meetings = 4",
            "votes",
            "fewest_meetings: from 1 to 3",
        ),
        (
            "leaders = 1",
            'leaders = 1\nopens = "all"',
            "votes",
            "opens: Input should be 'sponsor' or",
        ),
        (
            "leaders = 1",
            'leaders = 1\navoid = ["Risk"]',
            "votes",
            "avoid/1: a word, or the beginning",
        ),
        (
            'id = "small"',
            'id = "a/b"',
            'id = "small"',
            "id: small letters, digits and hyphens only",
        ),
        ('id = "talk"', 'id = "a/b"', 'id = "talk"', "ordinary/a/b/id: small letters"),
        ('id = "talk"', "", "[[ordinary]]", "ordinary/1/id: is missing"),
        (
            '[[last]]\nid = "end"\nminutes = 60',
            '[[last]]\nid = "end"\nminutes = 50',
            "[[last]]",
            "last: its steps take 50 minutes, a meeting 60",
        ),
        ('nb = "Begynn"', 'nb = " "', 'title = { en = "Begin"', "first/begin/title: no text in nb"),
        (
            'id = "end"',
            'id = "end"\nwithout_owner = 60',
            'minutes = 60\ndoes = "vote"\ntitle = { en = "End"',
            "last/end/without_owner: fewer minutes than the step has",
        ),
        (', nb = "leder"', "", "leader = ", "leader: no text in nb"),
        ('nb = "Liten"', 'nb = "Liten", da = "Lille"', "title", "title/da: da is not a language"),
        ('"Liten" }', f'"{"x" * 76}" }}', "title", "title/nb: 76 characters, at most 75"),
        ('does = "vote"', "", "[[ordinary]]", "ordinary: one step must do the vote"),
        ("votes = true", "votes = false", 'does = "vote"', "ordinary/talk/does: no vote here"),
        (
            'does = "vote"',
            'does = "theme"',
            'does = "vote"',
            "ordinary/talk/does: there are no themes",
        ),
        (
            'support = { en = "How was it?"',
            "support = { en = 1",
            "support",
            "questions/support/en: Input should be a valid string",
        ),
        ("checkin = ", "other = ", "[questions]", "questions/checkin: is missing"),
        ("checkin = ", "other = ", "checkin", "questions/other: is not a key that Krets knows"),
        (
            "pulse.steps = ",
            "pulse.worth_ = ",
            "pulse.steps",
            "questions/pulse/worth_: small letters",
        ),
        (
            'taps.so = { en = "So so", sv = "Sådär", nb = "Sånn passe" }\n',
            "",
            "taps.well",
            "questions/taps: from 2 to 6",
        ),
        (
            'pulse.steps = { en = "Steps?", sv = "Steg?", nb = "Steg?" }\n',
            "",
            "pulse.voice",
            "questions/pulse: 3",
        ),
        (', nb = "Nei"', "", "answers.no", "questions/answers/no: no text in nb"),
        (
            '"Well"',
            f'"{"x" * 76}"',
            "taps.well",
            "questions/taps/well/en: 76 characters, at most 75",
        ),
        (
            'id = "begin"',
            'id = "begin"\ndoes = "closing"',
            "[questions]",
            "questions/closing: is missing",
        ),
        (
            "[[first]]",
            "[moments]\nremind = { days = 0, at = 09:00:00 }\n[[first]]",
            'id = "begin"',
            "moments/remind/days: from 1 to 30",
        ),
        ("leaders = 1", "leaders = 1\nat = 25:00:00", "votes", "not TOML"),
        (
            "leaders = 1",
            'leaders = 1\nat = "noon"',
            "votes",
            "at: hours and minutes, such as 13:00",
        ),
        ("leaders = 1", "leaders = 1\nat = 13:00:30", "votes", "at: hours and minutes"),
        ("leaders = 1", 'leaders = 1\nat = "13:00+01:00"', "votes", "at: hours and minutes"),
        (
            "[[first]]",
            "[moments]\nremind = { days = 1, at = 09:00:00.5 }\n[[first]]",
            'id = "begin"',
            "moments/remind/at: hours and minutes",
        ),
        (
            'id = "end"',
            'id = "end"\nsay = { en = "x", sv = "y" }',
            'minutes = 60\ndoes = "vote"\ntitle = { en = "End"',
            "last/end/say: no text in nb",
        ),
    ],
)
def test_a_fault_has_its_line_and_its_reason(old: str, new: str, where: str, reason: str) -> None:
    found = told(METHOD.replace(old, new, 1))
    meant = [one for one in found if f": {reason}" in one]
    assert meant, found
    assert meant[0].startswith(f"line {line(where)}: "), meant


def test_all_is_said_at_once_in_the_order_of_the_lines() -> None:
    wrong = (
        METHOD.replace("meetings = 3", "meetings = 0\ncolour = 1")
        .replace("minutes = 60", "minutes = 50", 2)
        .replace(', nb = "Slutt"', "")
    )
    assert told(wrong) == [
        "line 5: meetings: from 1 to 60",
        "line 6: colour: is not a key that Krets knows",
        "line 28: ordinary: its steps take 60 minutes, a meeting 50",
        "line 33: last: its steps take 60 minutes, a meeting 50",
        "line 37: last/end/title: no text in nb",
    ]


def test_what_is_of_the_wrong_kind_hides_nothing_else() -> None:
    wrong = METHOD.replace('leader = { en = "leader", sv = "ledare", nb = "leder" }', "leader = 4")
    wrong = wrong.replace("minutes = 60", 'minutes = "x"', 1).replace("size = [3, 8]", "size = 8")
    wrong = wrong[: wrong.index("[questions]")] + wrong[wrong.index("[[first]]") :]
    wrong = f"moments = 3\nexercises = 4\nquestions = 5\navoid = 6\n{wrong}".replace(
        "[[last]]", "[last]"
    )
    lines = [one.split(": ")[1] for one in told(wrong)]
    for where in (
        "moments",
        "exercises",
        "questions",
        "avoid",
        "leader",
        "minutes",
        "size",
        "last",
    ):
        assert where in lines, (where, told(wrong))


def test_texts_to_read_aloud_have_titles_that_fit_a_button() -> None:
    many = "".join(EXERCISE.format(f"e{n}", "c") for n in range(5))
    assert told(METHOD + many) == []
    assert told(METHOD + many + EXERCISE.format("e0", "x" * 25)) == [
        "line 57: exercises/e0: at most 5 exercises",
        "line 58: exercises/e0/id: e0 is taken",
        "line 59: exercises/e0/title/nb: 25 characters, at most 24",
    ]


def test_every_meeting_needs_steps() -> None:
    ordinary = METHOD[METHOD.index("[[ordinary]]") : METHOD.index("[[last]]")]
    without = METHOD.replace(ordinary, "")
    assert told(without) == ["line 1: ordinary: has no steps"]
    assert told(without.replace("meetings = 3", "meetings = 2")) == []
    only = METHOD[: METHOD.index("[[first]]")] + ordinary
    assert told(only) == [], "the first and the last meeting are then like the others"
    assert parse(only).agenda(1, 3) == parse(only).agenda(3, 3) == parse(only).ordinary


def test_what_is_no_toml_has_a_line_too(tmp_path: Path) -> None:
    assert told("id = \n") == ["line 1: not TOML: Invalid value"]
    unended = told('id = "small"\n\nsay = """\nand so on')
    assert [one.partition(":")[0] for one in unended] == ["line 4"]
    (tmp_path / "a.toml").write_bytes(b'id = "a"\n\xff\xfe')
    assert [str(one) for one in check(tmp_path / "a.toml")[1]] == ["line 2: not TOML: not UTF-8"]


def test_lines_are_found_behind_texts_of_several_lines() -> None:
    wrong = METHOD.replace(
        'nb = "Slutt" }', 'nb = "Slutt" }\n[last.say]\nen = """\nminutes = 4\n"""'
    )
    assert told(wrong) == [
        "line 37: last/end/say: no text in nb",
        "line 37: last/end/say: no text in sv",
    ]


def test_a_start_with_a_wrong_method_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(METHOD.replace("meetings = 3", "meetings = 0\ncolour = 1"))
    with pytest.raises(Refusal) as bad:
        read_methods(tmp_path)
    assert str(bad.value) == (
        "mine.toml: line 5: meetings: from 1 to 60. And 1 more: krets methods check mine.toml"
    )


def test_what_was_right_before_it_had_questions_still_reads() -> None:
    older = METHOD[: METHOD.index("[questions]")] + METHOD[METHOD.index("[[first]]") :]
    assert told(older) == [
        f"line 1: questions/{one}: is missing"
        for one in ("answers", "arriving", "checkin", "pulse", "support", "take", "taps")
    ], "a new group has all of them"
    assert parse(older).questions == Questions(), "a stored one is not asked"


def test_two_files_with_one_id(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(METHOD)
    with pytest.raises(Refusal, match=r"b.toml: another file has the id small already\."):
        read_methods(tmp_path)
