"""Running text in Slack: what a person wrote is shown, and does nothing."""

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack.inline import fallback, pieces, rich, tame, texts
from adapters.text import cut, inert, length
from bot.core.card import About, OfMethod, T, When, Who
from bot.words import View, Words
from tests.adapters.scene import NOW, value

HOSTILE = (
    "<!channel> <!here|here> <@U0EVA> <#C0ROOM> <!subteam^S1>",
    "<https://evil.example|Vote here> https://evil.example mailto:a@b.se www.evil.example",
    "*bold* _italic_ ~struck~ `code` ```block```",
    "> quoted\n  >>> all of it\n&gt; again",
    ":tada: :+1: a:b:c :smile:",
    "@channel @here #general",
    "<!date^1^{date}|x> &lt;!here&gt; &amp;lt;",
    "{value} {{7*7}} %s",
    "abc\u202egnp.exe\u2066\u200b\u00ad\ufeff\x00\x1b[31m\u2028> line\u3164",
)
#: Letters of Slack's markup, often beside each other.
MARKUP = st.text(alphabet="<>&!@#*_~`:|^/ \n\taU0", max_size=40)
TEXTS = st.text(max_size=40) | MARKUP | st.sampled_from(HOSTILE)


def faults(mrkdwn: str) -> list[str]:
    """What Slack could take for more than text."""
    found = re.findall(r"[<>*_~`@#]|:(?!\s)|&(?!amp;|lt;|gt;)|^\s*&gt;", mrkdwn, re.MULTILINE)
    return found + [c for c in mrkdwn if c not in "\n\t" and unicodedata.category(c)[0] == "C"]


@settings(derandomize=True, max_examples=4000, deadline=None)
@given(TEXTS)
def test_what_a_person_wrote_is_no_markup(text: str) -> None:
    assert faults(tame(text)) == []
    assert length(inert(text)) <= length(tame(text)), "nothing gets lost on the way"


@settings(derandomize=True, max_examples=1000, deadline=None)
@given(TEXTS)
def test_a_name_between_our_words_and_mentions_is_no_markup(words_view: View, text: str) -> None:
    view = replace(words_view, names={"p1": f"x{text}", "p2": "y"})
    shown = rich(value_of(Who(("p1", "p2", "p3"))), view)
    assert faults(shown.replace("<@U0THREE>", "")) == []
    assert shown.count("<@U0THREE>") == 1
    assert faults(fallback(value_of(Who(("p1", "p3"))), view)) == []


@settings(derandomize=True, max_examples=1000, deadline=None)
@given(TEXTS)
def test_inert_text_hides_and_steers_nothing(text: str) -> None:
    assert inert(inert(text)) == inert(text)
    assert not [c for c in inert(text) if c not in "\n\t" and unicodedata.category(c)[0] == "C"]


@settings(derandomize=True, max_examples=1000, deadline=None)
@given(st.text(), st.integers(2, 12))
@example("👍👍👍", 4)
def test_a_cut_text_fits_and_a_parted_one_is_whole(text: str, most: int) -> None:
    text = inert(text)
    assert length(cut(text, most)) <= most
    parted = pieces(text, most)
    assert all(0 < length(piece) <= most for piece in parted) or not text.strip()
    assert "".join("".join(parted).split()) == "".join(text.split())


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Åsa frågar: «går det?» – ja, 100 % 👍\n\tRad två (kl. 13.00)"
    assert tame(text) == inert(text) == text


# --- sentences ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def words_view(words: Words) -> View:
    return View("en", "Europe/Oslo", {}, {}, "", words, natives={"p3": "U0THREE"})


def value_of(of: Who | When | About | OfMethod) -> T:
    return T("value", {"value": of})


def test_people_are_mentions_where_slack_knows_them_else_names(view: View) -> None:
    view = replace(view, natives={"p1": "U0ASA", "p2": "no id of Slack"})
    shown = rich(value_of(Who(("p1", "p2", "p9"))), view)
    assert shown == "<@U0ASA>, Bjørn &lt;b&gt;Haugen&lt;/b&gt; and –"
    assert fallback(value_of(Who(("p1",))), view) == "Åsa Nyström"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("date", "<!date^1772524800^{date_long}|Tuesday 3 March>"),
        ("time", "<!date^1772524800^{time}|09:00>"),
        ("both", "<!date^1772524800^{date_long} {time}|Tuesday 3 March at 09:00>"),
        ("day", "Tuesday"),
    ],
)
def test_an_instant_is_shown_on_the_clock_of_whoever_reads(
    style: str, expected: str, view: View
) -> None:
    when = When(NOW, style)  # type: ignore[arg-type]
    assert rich(value_of(when), view) == expected
    assert fallback(value_of(when), view) == view.when(when)


def test_only_people_and_times_make_a_sentence_mrkdwn(view: View) -> None:
    (name,) = texts(value_of(About("g1", "name")), view, 3000)
    assert name.to_dict() == {
        "type": "plain_text",
        "text": "Eken & <i>Asken</i>",
        "emoji": False,
    }
    (weekday,) = texts(T("text", {"text": value_of(When(NOW, "day"))}), view, 3000)
    assert weekday.type == "plain_text"
    (who,) = texts(T("text", {"text": value_of(Who(("p1",)))}), view, 3000)
    assert who.to_dict() == {"type": "mrkdwn", "text": "Åsa Nyström", "verbatim": True}


def test_a_blank_sentence_is_none_and_a_long_one_several(view: View) -> None:
    assert texts(value(" \u200b "), view, 3000) == []
    many = texts(value("word " * 1000), view, 3000)
    assert [len(one.text) for one in many] == [2999, 1999]
    people = texts(value_of(Who(("p1",) * 500)), view, 3000)
    assert {one.type for one in people} == {"plain_text"}
