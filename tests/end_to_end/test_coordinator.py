"""A coordinator whom the settings name sees which groups there are, and nothing else of them."""

from pathlib import Path

from tests.end_to_end.conftest import over_http, runs_in
from tests.end_to_end.story import LEADERS, PEOPLE, SPONSOR, open_group

COORDINATOR = "johan-wikstrom"


async def test_who_is_named_in_the_settings_coordinates_and_nobody_else(tmp_path: Path) -> None:
    named = f"playground:local:{COORDINATOR}"
    async with over_http(runs_in(tmp_path / "var", KRETS_COORDINATORS=named)) as site:
        assert (await open_group(site)).kind == "notice"
        johan, karin = site.persona(COORDINATOR), site.persona(SPONSOR)

        home = await johan.write("/krets")
        assert "För samordnare" in home.seen
        groups = await johan.press_in(home.seen, "Alla grupper")
        assert groups.seen.text.splitlines() == [
            "Alla grupper",
            "Tisdagsgruppen",
            "Första träffen",
            "tisdag 19 januari kl. 13.00",
            "Sista träffen",
            "tisdag 23 mars kl. 13.00",
            "Träffar som varit",
            "0 av 10",
            "Enligt planen",
            "Ja",
            "En grupps namn öppnar dess lediga dagar.",
            "TisdagsgruppenStäng",  # the last button, and the window's own
        ]
        figures = await johan.write("/krets siffror")
        assert "Grupper som träffades och avslutades 2026" in figures.seen
        assert "För få grupper" in figures.seen
        for native in (SPONSOR, LEADERS[0], PEOPLE[0]):
            refused = await site.persona(native).press_in(home.seen, "Alla grupper")
            assert refused.kind == "notice"
            assert "Tisdagsgruppen" not in refused.seen
        assert (await karin.write("/krets grupper")).kind == "notice"
