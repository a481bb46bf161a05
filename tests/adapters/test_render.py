"""Cards, forms and replies as HTML: every kind shows, and nothing that a person wrote gets out."""

import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.playground import render
from adapters.playground.fields import Pick, field
from adapters.playground.inline import inert
from adapters.playground.sample import PERSONAS
from bot.core.action import Attend, OpenGroup, unpack
from bot.core.card import (
    About,
    Button,
    Buttons,
    Card,
    Choice,
    DateField,
    Details,
    Divider,
    Element,
    Form,
    Heading,
    Input,
    Items,
    Line,
    OfMethod,
    Option,
    PeopleField,
    Quote,
    Said,
    T,
    Text,
    Tick,
    TimeField,
    When,
    Who,
)
from bot.core.decision import FieldErrors, Greeting, Home, Nothing, Notice, OpenForm, Reply
from bot.words import View, Words
from tests.adapters.scene import NOW, a_group, value

COMING = Button(value("Coming"), Attend("g1", 4, "yes"), "primary")
SAID = Said("g1", "1/meeting", "case/1")
PICKS = tuple(Pick(persona, f"p{n}") for n, persona in enumerate(PERSONAS))

ELEMENTS: dict[type, tuple[Element, str]] = {
    Heading: (Heading(value("Meeting")), '<h2 class="title"><bdi>Meeting</bdi></h2>'),
    Text: (Text(value("Hello"), quiet=True), '<p class="quiet"><bdi>Hello</bdi></p>'),
    Quote: (Quote(SAID, Who(("p1",))), "<blockquote><bdi>My own words</bdi></blockquote>"),
    Items: (Items((value("One"), value("Two")), True, 1), '<li aria-current="step">'),
    Details: (Details(((value("Where"), value("Here")),)), "<dt><bdi>Where</bdi></dt>"),
    Buttons: (Buttons((COMING,)), 'class="button primary"'),
    Divider: (Divider(), "<hr>"),
}

FIELDS: dict[type, tuple[Input, str]] = {
    Line: (Line("text", value("Words"), 60), 'type="text" id="f-text"'),
    Choice: (
        Choice("one", value("One"), (Option("a", value("A")),), chosen=("a",)),
        '<input type="radio" name="one" value="a" checked>',
    ),
    Tick: (Tick("sure", value("Sure"), value=True), 'type="checkbox" id="f-sure"'),
    DateField: (DateField("date", value("Day"), "2026-03-03"), 'value="2026-03-03"'),
    TimeField: (TimeField("time", value("Time"), "13:00"), 'type="time" id="f-time"'),
    PeopleField: (PeopleField("who", value("Who"), 2), 'name="who" value="karin-lund"'),
}

REPLIES: dict[type, tuple[Reply, str]] = {
    Nothing: (Nothing(), "nothing"),
    Notice: (Notice(value("Well")), "notice"),
    OpenForm: (OpenForm(Form(value("Title"), OpenGroup("g1"), ())), "form"),
    FieldErrors: (FieldErrors({"name": value("Wrong")}), "errors"),
    Home: (Home((Card((Heading(value("Me")),)),)), "home"),
    Greeting: (Greeting(Card((Heading(value("Hello")),))), "home"),
}


@pytest.fixture
def told(view: View) -> View:
    """A view in which something was said."""
    return replace(view, groups={"g1": a_group(**{"case/1": "My own words"})})


# --- every kind ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", get_args(Element))
def test_every_element_shows(kind: type, told: View) -> None:
    element, expected = ELEMENTS[kind]
    assert expected in render.card(Card((element,)), told)


@pytest.mark.parametrize("kind", get_args(Input))
def test_every_field_shows_with_a_label_and_a_place_for_what_is_wrong(
    kind: type, told: View
) -> None:
    shown, expected = FIELDS[kind]
    html = field(replace(shown, hint=value("A hint")), told, PICKS)
    assert expected in html
    assert f'id="e-{shown.name}"' in html
    assert f'aria-describedby="h-{shown.name} e-{shown.name}"' in html
    assert f'for="f-{shown.name}"' in html or "<legend>" in html or "<label" in html


@pytest.mark.parametrize("kind", get_args(Reply))
def test_every_reply_has_its_kind(kind: type, told: View) -> None:
    reply, expected = REPLIES[kind]
    assert render.reply(reply, told, PICKS)["kind"] == expected


def test_every_element_that_a_form_shows_is_in_it(told: View) -> None:
    shown = tuple(ELEMENTS[kind][0] for kind in (Text, Quote, Items, Details, Divider))
    html = render.form(Form(value("Read"), OpenGroup("g1"), shown), told, ())
    assert all(ELEMENTS[type(one)][1] in html for one in shown)


# --- what each promises -------------------------------------------------------------------------


def test_a_button_carries_its_packed_action(view: View) -> None:
    carried = re.search('data-action="([^"]*)"', render.button(COMING, view))
    assert carried is not None
    assert unpack(carried[1].replace("&#34;", '"')) == COMING.action


def test_people_times_and_texts_of_the_method_are_marked(view: View) -> None:
    shown = (Who(("p1", "p2")), When(NOW, "time"), About("g1", "name"), OfMethod("g1", "title"))
    html = "".join(render.element(Text(T("value", {"value": one})), view) for one in shown)
    assert '<b class="person"><bdi>Åsa Nyström</bdi></b>' in html
    assert "<bdi>Bjørn &lt;b&gt;Haugen&lt;/b&gt;</bdi>" in html
    assert '<time datetime="2026-03-03T08:00+00:00">09:00</time>' in html
    assert "<bdi>Eken &amp; &lt;i&gt;Asken&lt;/i&gt;</bdi>" in html
    assert "<p>Small</p>" in html


def test_what_was_destroyed_is_blank(view: View) -> None:
    assert render.element(Quote(SAID), view) == ""
    assert render.element(Text(T("value", {"value": SAID})), view) == "<p><bdi></bdi></p>"


def test_a_form_says_what_it_is_called_not_to_send_it(view: View) -> None:
    words = {"submit": value("Go on"), "cancel": value("Stay a while")}
    assert "Stay a while</button>" in render.form(
        Form(value("Already?"), OpenGroup("g1"), (), **words), view, ()
    )


def test_a_form_for_reading_can_only_be_closed(view: View) -> None:
    reading = render.form(Form(value("Read"), OpenGroup("g1"), ()), view, ())
    asking = render.form(
        Form(value("Ask"), OpenGroup("g1"), (), submit=value("Send"), extra=(COMING,)), view, ()
    )
    assert "primary" not in reading
    assert "Close" in reading
    assert "Cancel" in asking
    assert "Coming" in asking


def test_few_options_stand_open_and_many_are_a_list(view: View) -> None:
    options = tuple(Option(str(n), value(str(n))) for n in range(5))
    few = field(Choice("c", value("C"), options[:3]), view, ())
    many = field(Choice("c", value("C"), options, chosen=("3",)), view, ())
    optional = field(Choice("c", value("C"), options, optional=True), view, ())
    several = field(Choice("c", value("C"), options, many=True), view, ())
    assert few.count('type="radio"') == 3
    assert '<option value="3" selected>' in many
    assert '<option value=""></option>' not in many
    assert '<option value=""></option>' in optional
    assert several.count('type="checkbox"') == 5


def test_a_line_keeps_what_stands_in_it(told: View) -> None:
    def shown(of: Said | About | str, several: bool = False) -> str:
        return field(Line("t", value("T"), 9, several=several, value=of), told, ())

    assert 'value="My own words"' in shown(SAID)
    assert ">\nMy own words</textarea>" in shown(SAID, several=True)
    assert "Eken &amp; &lt;i&gt;" in shown(About("g1", "name"))
    assert 'value="&#34;&gt;"' in shown('">')


def test_people_are_those_among_whom_one_may_choose(view: View) -> None:
    html = field(PeopleField("who", value("Who"), 2, among=("p1", "p3")), view, PICKS)
    assert re.findall('value="([^"]*)"', html) == ["mats-ekberg", "asa-nystrom"]
    assert "filter" not in html
    assert "data-every" not in html


def test_all_of_a_kind_can_be_chosen_if_so_many_may_be(view: View) -> None:
    assert field(PeopleField("who", value("W"), 1), view, PICKS).count("data-every") == 0
    assert field(PeopleField("who", value("W"), 2), view, PICKS).count("data-every") == 1
    assert field(PeopleField("who", value("W"), 30), view, PICKS).count("data-every") == 2


# --- hostile text -------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %} {name}",
    "<!-- --> ]]> </textarea></dialog>",
    "&lt;b&gt; &#34;",
    "abc\u202egnp.exe\u2066\u200b\u00ad\ufeff\x00\x1b[31m\u2028line",
)


class Tags(HTMLParser):
    """The elements and attributes that a reader of the HTML finds."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [name for name, _ in attrs]))

    def handle_data(self, data: str) -> None:
        self.said += data


def everywhere(text: str, view: View) -> str:
    """All that can hold a person's text, holding this one."""
    told = replace(
        view,
        groups={"g1": replace(a_group(**{"case/1": text}), name=text, place=text)},
        names={"p1": text},
        help_text=text,
    )
    values = (text, SAID, About("g1", "name"), About("g1", "place"), Who(("p1",)))
    words = tuple(T("value", {"value": one}) for one in values)
    elements = (
        *(Heading(one) for one in words),
        *(Text(one) for one in words),
        Items(words),
        Details(tuple((one, one) for one in words)),
        Quote(SAID, Who(("p1",))),
    )
    fields = (
        Line("a", words[0], 9, value=SAID, hint=words[1]),
        Line("b", words[0], 9, several=True, value=text),
        Choice("c", words[1], (Option("1", words[2]),), many=True),
        Choice("d", words[1], (Option("1", words[2]),), optional=True),
    )
    form = Form(words[0], OpenGroup("g1"), fields, submit=words[1])
    home = render.reply(Home((Card(elements),)), told, PICKS)
    return f"{home['html']}{render.form(form, told, PICKS)}"


@settings(derandomize=True, max_examples=150, deadline=None)
@given(text=st.text(min_size=1) | st.sampled_from(HOSTILE))
def test_what_a_person_wrote_is_text_and_nothing_else(words: Words, text: str) -> None:
    view = View("sv", "Europe/Oslo", {}, {}, "", words)
    tame, wild = Tags(), Tags()
    tame.feed(everywhere("x", view))
    wild.feed(everywhere(f"x{text}", view))
    assert wild.found == tame.found
    hidden = {c for c in wild.said if unicodedata.category(c)[0] == "C"} - set("\n\t")
    assert not hidden


@settings(derandomize=True, deadline=None)
@given(st.text())
def test_inert_text_hides_and_steers_nothing(text: str) -> None:
    shown = inert(text)
    assert inert(shown) == shown
    assert all(c in "\n\t" or unicodedata.category(c)[0] != "C" for c in shown)
    shown.encode()


def test_ordinary_text_stays_as_it_is() -> None:
    text = "Åsa frågar: «går det?» – ja, 100 % 👍\n\tRad två"
    assert inert(text) == text
