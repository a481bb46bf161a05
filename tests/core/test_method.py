"""A method as data: which steps and which theme a meeting has, and each text by its path."""

from dataclasses import replace

from tests.core.play import jonkoping, shipped


def test_the_first_the_ordinary_and_the_last_meeting_each_have_their_steps() -> None:
    method = jonkoping()
    assert method.agenda(1, 10) == method.first
    assert method.agenda(2, 10) == method.agenda(9, 10) == method.ordinary
    assert method.agenda(10, 10) == method.last
    assert method.agenda_name(10, 11) == "ordinary", "one has been added"
    assert method.agenda(1, 1) == method.first


def test_two_days_that_differ() -> None:
    training = shipped("guide-training")
    assert training.agenda(1, 2) == training.first != training.agenda(2, 2) == training.last
    assert training.agenda(2, 3) == training.last, "there is nothing between them"


def test_without_steps_of_their_own_the_first_and_the_last_are_like_the_others() -> None:
    method = replace(jonkoping(), first=(), last=())
    assert method.agenda(1, 10) == method.agenda(10, 10) == method.ordinary


def test_each_meeting_has_a_theme_and_the_last_one_looks_ahead() -> None:
    method = shipped("helsingborg")
    themes = [method.theme(number, 8) for number in range(1, 9)]
    assert themes == list(method.themes)
    longer = [method.theme(number, 10) for number in range(1, 11)]
    assert longer == [*method.themes[:-1], None, None, method.themes[-1]]
    assert method.theme(3, 3) == method.themes[-1]
    assert jonkoping().theme(1, 10) is jonkoping().theme(10, 10) is None


def test_how_many_meetings_a_group_may_have() -> None:
    assert shipped("reflecting").lengths == (8, 9, 10)
    assert jonkoping().lengths == (10,)


def test_who_opens_a_group() -> None:
    own = {id for id in ("at-risk", "guide-training", "guide-support") if shipped(id).own_sign_up}
    assert own == {"at-risk", "guide-training", "guide-support"}
    assert not jonkoping().own_sign_up


def test_a_method_is_read_by_path() -> None:
    method = jonkoping()
    assert method.text("title", "sv") == "Kollegial handledningsgrupp (Jönköping)"
    assert method.text("leader", "nb") == "samtaleleder"
    assert method.text("ordinary/hypotheses/title", "en") == "Hypotheses, without the owner"
    assert method.text("first/coffee/say", "en") == "", "nothing is said at the break"
    assert method.text("ordinary/unknown/title", "en") == ""
    assert method.text("title", "fi") == ""
    assert method.text("questions/checkin", "sv").startswith("Vad bär du med dig in i rummet?")
    assert method.text("exercises/feet/title", "nb") == "Føtter og pust"
    assert shipped("helsingborg").text("themes/recovery/title", "sv") == "Återhämtning"
