"""A sample of the hostile texts that `python -m tests.adapters.fuzz_inert` tries."""

import itertools

import pytest

from adapters.playground import inline as page
from adapters.slack import inline as slack
from adapters.teams import inline as teams
from tests.adapters.fuzz_inert import Inert
from tests.adapters.hostile import texts


@pytest.fixture(scope="module")
def inert() -> Inert:
    return Inert()


def test_hostile_texts_are_inert_on_every_renderer(inert: Inert) -> None:
    hostile = itertools.islice(texts(11), 300)
    assert [(text, found) for text in hostile if (found := inert.faults(text))] == []


@pytest.mark.parametrize(
    ("name", "harmful"),
    [
        ("page", "<b>words</b>"),
        ("page", "<!-- words -->"),
        ("page", "words\u202e\u200b\ufe01"),
        ("page", "other words"),
        ("Slack", "<!channel> words"),
        ("Slack", "*words* :tada:"),
        ("Slack", "words\u202e\u200b\ufe01"),
        ("Slack", "other words"),
        ("Teams", "[words](https://evil.example)"),
        ("Teams", "![words](https://evil.example/x.png)"),
        ("Teams", "words {{TIME(2026-03-03T08:00:00Z)}}"),
        ("Teams", "words\u202e\u200b\ufe01"),
        ("Teams", "other words"),
    ],
)
def test_what_a_renderer_lets_through_is_found(
    inert: Inert, name: str, harmful: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def through(text: str) -> str:
        return harmful if text == "words" else text

    monkeypatch.setattr(page.Html, "text", lambda _, text: through(text))
    monkeypatch.setattr(slack, "still", through)
    monkeypatch.setattr(slack, "tame", through)
    monkeypatch.setattr(teams, "still", through)
    monkeypatch.setattr(teams, "tame", through)
    assert name in {where for where, _ in inert.faults("words")}
