"""Ten people voting at once, over HTTP: ten votes count, once each, and nobody's is readable."""

import asyncio
from pathlib import Path

from tests.end_to_end.site import Site
from tests.end_to_end.story import (
    LEADERS,
    PEOPLE,
    bring,
    gather,
    press,
    sees,
    to_the_end,
    to_the_vote,
)


async def to_an_open_vote(site: Site, questions: dict[str, str]) -> str:
    """The second meeting at its fourth step with these questions; the slug of the room."""
    room = await gather(site)
    mats = site.persona(LEADERS[0])
    await site.until("begin", 1)
    await to_the_end(mats)
    await site.until("question", 2)
    for who, text in questions.items():
        await bring(site.persona(who), text, room)
    await site.until("begin", 2)
    await to_the_vote(mats)
    await press(mats, "open the vote")
    return room


async def ten_votes(site: Site) -> None:
    """Ten people vote at once, nine of them twice."""
    asa, johan = PEOPLE[:2]
    room = await to_an_open_vote(site, {asa: "den första", johan: "den andra"})
    voters = [site.persona(one) for one in PEOPLE]
    forms = await asyncio.gather(*(press(one, "vote", room) for one in voters))
    cases = {label: id for id, label in forms[0].seen.choices["cases"].items()}
    (first,) = (id for label, id in cases.items() if "den första" in label)
    (second,) = (id for label, id in cases.items() if "den andra" in label)

    # Nine at once, six of them for the second; each then votes again, the same, at once.
    choices = [first, first, first, second, second, second, second, second, second]
    for _ in range(2):
        replies = await asyncio.gather(
            *(
                one.submit(form, room, cases=[choice])
                for one, form, choice in zip(voters, forms, choices, strict=False)
            )
        )
        assert {reply.kind for reply in replies} == {"notice"}
        assert "9 av 10 har röstat" in await voters[0].see(room)
    await voters[9].submit(forms[9], room, cases=[first])
    assert "I dag är det Johan Wikström som har frågan." in await voters[0].see(room)


async def test_ten_votes_at_once_count(site: Site, tmp_path: Path) -> None:
    await ten_votes(site)
    # Nothing of the ballots is left in the database, and no text of a question in a post.
    bytes_left = b"".join(file.read_bytes() for file in (tmp_path / "var").glob("krets.db*"))
    for text in ("den första", "den andra", "ballot/"):
        assert text.encode() not in bytes_left


async def test_the_vote_closes_by_time_and_late_votes_are_refused(site: Site) -> None:
    asa, johan = PEOPLE[:2]
    room = await to_an_open_vote(site, {asa: "den första", johan: "den andra"})
    voter = site.persona(PEOPLE[2])
    form = await press(voter, "vote", room)
    chosen = [id for id, label in form.seen.choices["cases"].items() if "andra" in label]
    await voter.submit(form, room, cases=chosen)
    old = await voter.see(room)
    await site.until("close", 2)
    assert "I dag är det Johan Wikström som har frågan." in await voter.see(room)
    late = await voter.submit(form, room, cases=chosen)
    pressed = await voter.press_in(old, "Rösta", room)
    assert late.seen.text == pressed.seen.text
    assert "/krets" in late.seen.text


async def test_a_facilitator_closes_it_by_hand_from_half_of_the_roll(site: Site) -> None:
    asa, johan = PEOPLE[:2]
    room = await to_an_open_vote(site, {asa: "den första", johan: "den andra"})
    mats = site.persona(LEADERS[0])
    for one in PEOPLE[:5]:
        labels = (await mats.see()).labels()
        assert "Stäng omröstningen" not in labels
        form = await press(site.persona(one), "vote", room)
        await site.persona(one).submit(form, room, cases=list(form.seen.choices["cases"])[:1])
    await press(mats, "close the vote")
    assert "som har frågan" in await mats.see(room)
    assert not await sees(site.persona(asa), "bring", room)
