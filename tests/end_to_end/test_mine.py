"""My data over HTTP: seen, copied and deleted by the one who wrote it, and by nobody else."""

import json

from tests.end_to_end.site import Persona, Site
from tests.end_to_end.story import LEADERS, PEOPLE, SPONSOR, bring, gather, press, to_the_vote

MINE, OTHER, CARRIED = "min egen fråga", "någon annans fråga", "det jag bär med mig"


async def mine(person: Persona) -> str:
    """All that Krets has on somebody, as they read it."""
    return (await person.write("/krets mina uppgifter")).seen.text


async def test_what_one_wrote_is_seen_copied_and_deleted(site: Site) -> None:
    asa, johan, mats = (site.persona(one) for one in (*PEOPLE[:2], LEADERS[0]))
    room = await gather(site)
    await site.until("finish", 1)
    await site.until("question", 2)
    await bring(asa, MINE, room)
    await bring(johan, OTHER, room)
    await site.until("checkin", 2)
    form = await press(asa, "check in")
    await asa.submit(form, tap="heavy", words=CARRIED, level="leaders")

    shown = await asa.write("/krets mina uppgifter")
    for text in (MINE, CARRIED, "Åsa Nyström", "Tisdagsgruppen: du är med", "Sparas till"):
        assert text in shown.seen, text
    assert OTHER not in shown.seen
    copied = await asa.press_in(shown.seen, "Som JSON")
    told = json.loads(copied.seen.text[copied.seen.text.index("{") :].rpartition("}")[0] + "}")
    assert told["name"] == "Åsa Nyström"
    (group,) = told["groups"]
    (meeting,) = group["meetings"]
    assert {one.get("text") for one in meeting["written"]} == {MINE, CARRIED, None}
    assert (await asa.submit(copied, json="")).kind == "nothing"

    for person in (mats, site.persona(SPONSOR)):
        found = await mine(person)
        assert MINE not in found
        assert CARRIED not in found

    asked = await asa.submit(shown)
    assert "Det går inte att ångra." in asked.seen
    done = await asa.submit(asked)
    assert done.seen.text == "Det du skrivit är raderat."
    found = await mine(asa)
    assert MINE not in found
    assert "Krets har inget som du har skrivit." in found
    assert OTHER in await mine(johan)
    again = await asa.submit(asked)
    assert again.seen.text == "Krets har inget som du har skrivit."

    await site.until("begin", 2)
    await to_the_vote(mats)
    assert "Ta upp den" in (await mats.see()).labels(), "a single question is left"
