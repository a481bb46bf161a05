"""The sheet of a meeting: its steps by the clock, and who may have it until when."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.core import action as a
from bot.core.addresses import SHEET_LIVES, opens_sheet
from bot.core.card import Link
from bot.core.paper import rows
from tests.core.laws import inside
from tests.core.play import SPONSOR, jonkoping, keys
from tests.core.stages import before, begun, closed_by_sponsor, started


def test_the_steps_follow_each_other_to_the_end_of_the_meeting() -> None:
    starts = datetime(2026, 3, 3, 13, tzinfo=UTC)
    found = rows(jonkoping(), 2, 10, starts, "sv")
    assert [row.number for row in found] == [1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11]
    assert found[0].starts == starts
    for row, following in itertools.pairwise(found):
        assert row.ends == following.starts == row.starts + timedelta(minutes=row.minutes)
    assert found[-1].ends == datetime(2026, 3, 3, 16, tzinfo=UTC)
    assert (found[6].title, found[6].say) == ("Fika", "Vi låter frågan vila under fikat.")


def test_those_who_lead_get_an_address_from_the_overview_and_the_home() -> None:
    play = started()
    assert "sheet.title" in keys(play.home("lena"))
    play.go("overview", 1)
    play.tap("lena", "sheet.title")
    (link,) = inside(play.form("lena"), Link)
    assert link.to.path.startswith("/sheet/")
    (grant,) = play.granted
    assert (grant.person, grant.opens, grant.meeting) == ("lena", "sheet", 1)


def test_while_the_meeting_goes_on_the_home_still_leads_there() -> None:
    assert "sheet.title" in keys(begun(1).home("lena"))


@pytest.mark.parametrize("person", ["anna", SPONSOR])
def test_nobody_else_does(person: str) -> None:
    play = started()
    play.press(person, a.GetSheet(play.group.id, 1))
    assert play.told(person) == "unavailable"
    assert play.granted == ()


def test_there_is_none_for_a_meeting_that_is_over() -> None:
    play = before(2)
    play.press("lena", a.GetSheet(play.group.id, 1))
    assert play.told("lena") == "unavailable"


def test_it_is_shown_until_a_day_after_the_meeting_to_those_who_lead() -> None:
    play = started()
    meeting = play.group.meetings[0]
    last = play.group.ends(meeting) + SHEET_LIVES
    assert opens_sheet(play.group, "lena", meeting, last - timedelta(seconds=1))
    assert not opens_sheet(play.group, "lena", meeting, last)
    assert not opens_sheet(play.group, "anna", meeting, play.now)
    assert not opens_sheet(play.group, "lena", None, play.now)
    closed = closed_by_sponsor(1)
    assert not opens_sheet(closed.group, "lena", closed.group.meetings[1], closed.now)
