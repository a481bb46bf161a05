"""What is only read is shown by a button: a form of it is forged, and refused."""

import pytest

from bot.core import action as a
from bot.core.decision import UNAVAILABLE, OpenForm
from tests.core.stages import started


@pytest.mark.parametrize("kind", [a.ReadCheckIns, a.ReadKept])
def test_a_forged_form_reads_nothing(kind: type[a.ReadCheckIns] | type[a.ReadKept]) -> None:
    play = started()
    play.go("checkin", 1)
    play.submit("anna", a.CheckIn(play.group.id, 1), words="what weighs", level="all")
    play.go("finish", 1) if kind is a.ReadKept else None
    if kind is a.ReadKept:
        play.submit("anna", a.Reflect(play.group.id, 1), support="what helped", keep=True)
    action = kind(play.group.id, 1)
    assert isinstance(play.press("anna", action), OpenForm)
    assert play.submit("anna", action) == UNAVAILABLE.reply


def test_nor_does_one_of_anything_else_that_is_only_read() -> None:
    play = started()
    for action in (a.ReadRules(play.group.id), a.TellManager(play.group.id)):
        assert isinstance(play.press("anna", action), OpenForm)
        assert play.submit("anna", action) == UNAVAILABLE.reply
