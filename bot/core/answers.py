"""Reading the answers of a form: what is of the wrong kind counts as not given."""

from collections.abc import Mapping

from bot.core.event import Answer, PersonId, Picked
from bot.core.text import inert

Answers = Mapping[str, Answer]


def text(answers: Answers, name: str, several: bool = False) -> str:
    """A text, made inert.

    >>> text({"name": "  Tisdag\\u202e "}, "name")
    'Tisdag'
    """
    answer = answers.get(name)
    return inert(answer, several) if isinstance(answer, str) else ""


def ticked(answers: Answers, name: str) -> bool:
    """Whether a sentence was agreed to."""
    return answers.get(name) is True


def chosen(answers: Answers, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """What was chosen of what could be, each once, in the order of the form.

    >>> chosen({"cases": ("c2", "zz", "c1", "c2")}, "cases", ("c1", "c2", "c3", "c1"))
    ('c1', 'c2')
    """
    answer = answers.get(name)
    values = (answer,) if isinstance(answer, str) else answer if isinstance(answer, tuple) else ()
    return tuple(value for value in dict.fromkeys(allowed) if value in values)


def chosen_one(answers: Answers, name: str, allowed: tuple[str, ...]) -> str:
    """The one that was chosen; empty if none or several were."""
    found = chosen(answers, name, allowed)
    return found[0] if len(found) == 1 else ""


def people(answers: Answers, name: str) -> tuple[PersonId, ...]:
    """The people that were picked, each once; ids that came in as text pick nobody."""
    answer = answers.get(name)
    return tuple(dict.fromkeys(answer.people)) if isinstance(answer, Picked) else ()
