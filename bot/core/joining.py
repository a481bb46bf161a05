"""Own sign-up: people find a group themselves, and only those who lead see who is in it."""

from dataclasses import replace

from bot.core.action import SignUp
from bot.core.card import About, Buttons, Card, Heading, T, When, Who
from bot.core.cards import line, primary, quiet, rhythm_of, words
from bot.core.decision import UNAVAILABLE, Decision, Home, Notice
from bot.core.effect import Person, Put
from bot.core.facts import Facts
from bot.core.figures import OpenSignUp
from bot.core.model import Group, Member
from bot.core.optin import joined_card, told
from bot.core.rights import may_sign_up

#: Groups that are listed: four blocks each in a message of Slack, which takes fifty.
SHOWN = 10


def listed(facts: Facts) -> Decision:
    """The groups for which I may sign up, in private; by when they begin."""
    ordered = sorted(facts.sign_ups, key=lambda one: (one.first, one.group))
    cards = [sign_up_card(one) for one in ordered[:SHOWN]]
    if not cards:
        cards.append(Card((Heading(T("join.title")), line("join.none"))))
    if len(ordered) > SHOWN:
        cards.append(Card((line("join.more", n=SHOWN),)))
    return Decision(reply=Home(tuple(cards)))


def sign_up_card(of: OpenSignUp) -> Card:
    """What a group is called, when it meets, who leads it, and who will know."""
    return Card(
        (
            Heading(words(About(of.group, "name"))),
            line(
                "join",
                leaders=Who(of.leaders),
                count=of.meetings,
                when=rhythm_of(of.every, of.weekday, of.first),
                date=When(of.first, "date"),
            ),
            quiet("join.shown"),
            Buttons((primary("join.b", SignUp(of.group)),)),
        )
    )


def sign_up(group: Group, _action: SignUp, facts: Facts) -> Decision:
    """Somebody is in from now on; until the start they may change their mind."""
    if not may_sign_up(group, facts.me):
        return UNAVAILABLE
    new = replace(group, members=(*group.members, Member(facts.me, "yes")))
    card = joined_card(new)
    return Decision(
        new,
        (Put(Person(facts.me), "invite", card), *told(new, facts.me, facts)),
        Notice(T("join.done")),
    )
