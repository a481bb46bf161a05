"""My data: what Krets has on me, as a form and as JSON, and deleting what I wrote."""

import json
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest

from bot.core import action as a
from bot.core.card import Button, Export, Line, Quote, When
from bot.core.decision import Nothing
from bot.core.due import due
from bot.core.written import PART, document, parts, written
from tests.core.play import LEADERS, OPENING, POOL, SPONSOR, Play, inside, keys, paths, people
from tests.core.stages import (
    before,
    begun,
    case_id,
    gathering,
    now,
    opened,
    started,
    to_step,
    vote,
    voting,
    with_cases,
)

KINDS = ("question", "check-in", "support", "take", "further", "next question", "next check-in")


def texts(person: str) -> tuple[str, ...]:
    return tuple(f"{person} writes a {kind}" for kind in KINDS)


def with_everything(*authors: str) -> Play:
    """The day after a meeting in which the first one's question was chosen, all wrote all."""
    play = before(2)
    group = play.group.id
    for one in authors:
        question, checkin, *_ = texts(one)
        play.submit(one, a.BringCase(group, 2), case=question)
        play.submit(one, a.CheckIn(group, 2), words=checkin, level="leaders", tap="heavy")
    play.go("begin", 2)
    play.submit("lena", a.ChooseInRoom(group, 2), who=authors[0])
    to_step(play, "reflection")
    play.tap("lena", "guide.next")
    play.tap("lena", "end.b")
    for one in authors:
        _, _, support, take, *_ = texts(one)
        play.submit(one, a.Reflect(group, 2), support=support, take=take, keep=True)
    play.go("next_day", 2)
    for one in authors:
        *_, further, question, checkin = texts(one)
        if one == authors[0]:
            play.submit(one, a.TakeFurther(group, 2), words=further)
        play.submit(one, a.BringCase(group, 3), case=question)
        play.submit(one, a.CheckIn(group, 3), words=checkin, level="me")
        play.press(one, a.Attend(group, 3, "late"))
    return play


def told(play: Play, person: str) -> dict[str, Any]:
    """What Krets has on a person, read from the JSON that they get."""
    mine = [one for one in play.groups.values() if person in json.dumps(list(people_of(one)))]
    found: dict[str, Any] = json.loads(
        document(mine, person, person.title(), "en", "Europe/Stockholm")
    )
    return found


def people_of(group: Any) -> set[str]:
    return {*group.sponsors, *(one.person for one in (*group.leaders, *group.members))}


def meeting(play: Play, person: str, number: int) -> dict[str, Any]:
    """What Krets has on a person and one meeting of their only group; empty for nothing."""
    (group,) = told(play, person)["groups"]
    found: list[dict[str, Any]] = [one for one in group["meetings"] if one["meeting"] == number]
    return found[0] if found else {}


def erase(play: Play, person: str) -> Play:
    play.command(person, "mine")
    play.fill(person)
    assert isinstance(play.form(person).action, a.EraseMine), "asked once"
    play.fill(person)
    assert play.told(person) == "erase.done"
    return play


# --- to see -------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["mine", "my data", "mina", "mina uppgifter", "mine data", "MINA"])
def test_the_command_opens_it(word: str) -> None:
    play = Play()
    play.command("anybody", word)
    assert play.form("anybody").action == a.MyData()


def test_the_home_has_a_button_for_it() -> None:
    play = started()
    for person in ("anna", "lena", SPONSOR, "stranger"):
        assert a.MyData() in {one.action for one in inside(play.home(person), Button)}
        play.press(person, a.MyData())
        assert play.form(person).action == a.MyData()


def test_all_that_i_wrote_stands_in_it_and_nothing_of_others() -> None:
    play = with_everything("anna", "bo")
    play.command("anna", "mine")
    assert sorted(play.reads("anna")) == sorted(texts("anna"))
    assert people(play.form("anna")) == {"anna"}
    play.command("bo", "mine")
    assert sorted(play.reads("bo")) == sorted(set(texts("bo")) - {texts("bo")[4]})


def test_it_says_what_each_is_and_for_whom() -> None:
    play = with_everything("anna")
    play.command("anna", "mine")
    assert {
        "data.question",
        "data.checkin",
        "level.is.leaders",
        "level.is.me",
        "data.support",
        "data.take",
        "data.further",
        "data.known.owner",
        "data.known.brought",
        "card.late",
        "data.role.member",
    } <= keys(play.form("anna"))
    assert "questions/taps/heavy" in paths(play.form("anna"))


def test_it_says_until_when_as_the_moments_have_it() -> None:
    play = with_everything("anna")
    play.command("anna", "mine")
    said = {when.at for when in inside(play.form("anna"), When)}
    ends = {one.due_at for one in due(play.group) if one.kind in ("shred", "forget", "release")}
    assert len(ends) == 3
    following = play.group.meeting(3)
    assert following is not None
    by_plan = play.group.ends(following) + (min(ends) - ended(play))
    assert said == ends | {by_plan}


def ended(play: Play) -> datetime:
    last = play.group.meetings[1].ended_at
    assert last is not None
    return last


def test_what_has_met_its_deadline_is_not_there_any_more() -> None:
    play = with_everything("anna")
    play.go("shred", 2)
    play.command("anna", "mine")
    _, _, support, take, further, question, checkin = texts("anna")
    assert set(play.reads("anna")) == {support, take, further, question, checkin}
    assert "data.known.brought" in keys(play.form("anna")), "that there was one is still known"


def test_the_three_questions_are_shown_as_i_answered_them() -> None:
    play = before(2)
    play.submit("anna", a.Pulse(play.group.id, 1), voice="yes", steps="partly", worth="no")
    play.command("anna", "mine")
    assert "data.pulse" in keys(play.form("anna"))
    asked = {"pulse/voice", "answers/yes", "answers/partly", "answers/no"}
    assert {f"questions/{one}" for one in asked} <= paths(play.form("anna"))
    (answers,) = meeting(play, "anna", 1)["written"]
    assert answers["what"] == "three_questions"
    assert answers["answers"] == {"voice": "yes", "steps": "partly", "worth": "no"}


def test_a_vote_is_named_and_not_shown_and_so_is_today_or_not() -> None:
    play = with_cases(2, "anna", "bo")
    play.tap("anna", "case.today.no")
    play.tap("lena", "vote.open")
    vote(play, "anna", "bo")
    play.command("anna", "mine")
    form = play.form("anna")
    assert {"data.known.voted", "data.known.today"} <= keys(form)
    assert not keys(form) & {"case.today.no", "case.today.yes"}
    assert case_id(play, "bo") not in repr(form)
    mine = meeting(play, "anna", 2)
    assert (mine["voted"], mine["today"]) == (True, True)
    assert case_id(play, "bo") not in json.dumps(mine)
    assert [one["what"] for one in mine["written"]] == ["question"]
    play.command("cilla", "mine")
    assert "data.known.voted" not in keys(play.form("cilla"))


@pytest.mark.parametrize(
    ("stage", "person", "role"),
    [
        (opened, SPONSOR, "sponsor"),
        (opened, "lena", "candidate"),
        (gathering, "lena", "leader"),
        (gathering, "anna", "asked"),
        (started, "anna", "member"),
    ],
)
def test_it_names_what_i_am_in_a_group(stage: Any, person: str, role: str) -> None:
    play = stage()
    play.command(person, "mine")
    form = play.form(person)
    assert f"data.role.{role}" in keys(form)
    assert "data.none" in keys(form)
    assert form.submit is None, "nothing to delete"
    (group,) = told(play, person)["groups"]
    assert (group["name"], group["role"]) == (OPENING["name"], role)
    assert group["meetings"] == []


def test_somebody_of_no_group_finds_language_and_zone() -> None:
    play = started()
    play.command("stranger", "mine")
    assert {"language.en", "data.zone", "data.none"} <= keys(play.form("stranger"))
    assert "data.group" not in keys(play.form("stranger"))
    found = json.loads(document([play.group], "stranger", "S", "sv", "Europe/Oslo"))
    assert found["groups"] == [], "nothing of a group in which they are nobody"
    assert (found["language"], found["time_zone"]) == ("sv", "Europe/Oslo")


# --- to copy ------------------------------------------------------------------------------------


def test_the_json_holds_what_i_wrote_with_its_end_in_iso_8601() -> None:
    play = with_everything("anna", "bo")
    found = told(play, "anna")
    assert list(found) == ["format", "name", "language", "time_zone", "groups"]
    assert found["format"] == "krets/my-data/1"
    written = [one for number in (2, 3) for one in meeting(play, "anna", number)["written"]]
    assert sorted(one["text"] for one in written if "text" in one) == sorted(texts("anna"))
    assert {"what": "check_in_answers", "answers": {"tap": "heavy", "level": "leaders"}} in [
        {key: one[key] for key in one if key != "until"} for one in written
    ]
    for one in written:
        assert datetime.fromisoformat(one["until"]).utcoffset() is not None
    assert meeting(play, "anna", 3)["attendance"] == "late"
    starts = datetime.fromisoformat(meeting(play, "anna", 3)["starts_at"])
    assert starts == play.group.starts(play.group.meetings[2])


def test_the_json_of_one_holds_nothing_of_another() -> None:
    play = with_everything("anna", "bo")
    play.go("begin", 3)
    to_step(play, "vote")
    play.tap("lena", "vote.open")
    for person in ("anna", "bo"):
        vote(play, person, "anna")
    of_anna, of_bo = json.dumps(told(play, "anna")), json.dumps(told(play, "bo"))
    assert "bo writes" not in of_anna
    assert "anna writes" not in of_bo
    for one in (of_anna, of_bo):
        assert case_id(play, "anna") not in one, "neither votes nor what they are for"
        for other in {*POOL, *LEADERS, SPONSOR} - {"anna", "bo"}:
            assert f'"{other}"' not in one


def test_it_is_copied_from_a_field_that_holds_a_reference() -> None:
    play = with_everything("anna")
    play.command("anna", "mine")
    play.press("anna", play.form("anna").extra[0].action)
    form = play.form("anna")
    (field,) = inside(form, Line)
    assert (field.value, field.limit, field.several) == (Export("anna", 1), PART, True)
    assert "anna writes" not in repr(form)
    assert form.extra == (), "one part holds it all"
    play.fill("anna", json="whatever comes back is not read")
    assert play.replies["anna"] == Nothing()


def test_a_long_one_comes_in_parts_one_after_the_other() -> None:
    play = before(2)
    group = play.group.id
    play.submit("anna", a.BringCase(group, 2), case="en lång fråga 👍 " * 120)
    play.submit("anna", a.CheckIn(group, 2), words='"' * 1990, level="me")
    play.press("anna", a.ExportMine())
    seen = []
    while True:
        (field,) = inside(play.form("anna"), Line)
        seen.append(field.value.part)
        if not play.form("anna").extra:
            break
        play.press("anna", play.form("anna").extra[0].action)
    whole = document([play.group], "anna", "Anna", "en", "Europe/Stockholm")
    found = parts(whole)
    assert seen == list(range(1, len(found) + 1))
    assert len(found) > 2
    assert max(len(one.encode("utf-16-le")) // 2 for one in found) <= PART
    assert json.loads("".join(found)) == json.loads(whole)


@pytest.mark.parametrize("part", [-1, 0, 2, 99])
def test_a_part_that_is_not_there_is_the_nearest_one(part: int) -> None:
    play = with_everything("anna")
    play.press("anna", a.ExportMine(part))
    (field,) = inside(play.form("anna"), Line)
    assert field.value == Export("anna", 1)


# --- to delete ----------------------------------------------------------------------------------


def test_all_that_i_wrote_is_gone_at_once_and_nothing_of_others() -> None:
    play = with_everything("anna", "bo")
    other = written(play.group, "bo")
    erase(play, "anna")
    assert written(play.group, "anna") == ()
    assert "anna" not in repr(play.group.drawers)
    assert [one.said for one in written(play.group, "bo")] == [one.said for one in other]
    play.command("anna", "mine")
    assert not list(inside(play.form("anna"), Quote))
    assert "data.none" in keys(play.form("anna"))


def test_what_is_no_text_stays() -> None:
    play = with_everything("anna")
    erase(play, "anna")
    assert play.group.people[0] == "anna"
    assert play.group.meetings[1].owner == "anna", "a chosen question stays mine, without text"
    assert play.group.meetings[1].chosen == ""
    assert meeting(play, "anna", 2) == {
        "meeting": 2,
        "starts_at": meeting(play, "anna", 2)["starts_at"],
        "owner": True,
    }
    assert meeting(play, "anna", 3)["attendance"] == "late"


def test_the_cards_that_spoke_of_it_are_taken_away_and_home_still_offers() -> None:
    play = with_everything("anna")
    assert {"reflect/2", "further/2", "checkin/3"} <= set(play.chat("anna"))
    erase(play, "anna")
    assert not {"reflect/2", "further/2", "checkin/3"} & set(play.chat("anna"))
    offered = keys(play.home("anna"))
    assert {"reflect.open", "further.open", "checkin.open", "case.open"} <= offered
    assert "reflect.read" not in offered


def test_afterwards_one_may_write_again_and_choose_anew_for_whom() -> None:
    play = erase(with_everything("anna"), "anna")
    play.submit("anna", a.CheckIn(play.group.id, 3), words="something new", level="all")
    assert play.told("anna") == "checkin.done"
    play.press("bo", a.ReadCheckIns(play.group.id, 3))
    assert play.reads("bo") == ["something new"]


def test_twice_is_calm_and_changes_nothing() -> None:
    play = erase(with_everything("anna"), "anna")
    group, shown = play.group, dict(play.shown)
    for send in (play.press, play.submit):
        send("anna", a.EraseMine())
        assert play.told("anna") == "data.none"
    play.submit("anna", a.MyData())
    assert play.told("anna") == "data.none"
    assert (play.group, play.shown) == (group, shown)


def test_it_asks_once_and_says_what_it_cannot_reach() -> None:
    play = with_everything("anna")
    play.press("anna", a.EraseMine())
    asked = {"erase.text", "erase.question", "erase.stays", "erase.beyond", "platform.playground"}
    assert asked <= keys(play.form("anna"))
    assert written(play.group, "anna"), "nothing yet"


def test_it_says_only_what_concerns_me() -> None:
    play = with_everything("anna")
    play.press("anna", a.EraseMine())
    assert "erase.stays.question" in keys(play.form("anna"))
    assert not {"erase.stays.vote", "erase.stays.newcomer"} & keys(play.form("anna"))
    play = with_cases(2, "anna", "bo")
    play.tap("lena", "vote.open")
    vote(play, "anna", "bo")
    play.press("anna", a.EraseMine())
    assert {"erase.question", "erase.stays.vote"} <= keys(play.form("anna"))
    assert "erase.stays.question" not in keys(play.form("anna")), "it goes with its text"


def test_a_group_that_does_not_vote_hears_of_no_question_and_no_vote() -> None:
    play = started(8, "helsingborg")
    play.submit("anna", a.CheckIn(play.group.id, 1), words="what weighs", level="me")
    play.press("anna", a.EraseMine())
    found = {one for one in keys(play.form("anna")) if one.startswith("erase.")}
    assert found == {"erase.text.plain", "erase.stays", "erase.beyond", "erase.submit"}


def test_an_answer_on_a_newcomer_is_named_and_never_shown() -> None:
    play = before(2)
    play.submit("lena", a.ProposeJoin(play.group.id), newcomer=("per",))
    play.tap("anna", "newcomer.no")
    play.submit("anna", a.CheckIn(play.group.id, 2), words="what weighs", level="me")
    seen = []
    for answer in ("newcomer.no", "newcomer.yes"):
        play.tap("anna", answer)
        play.command("anna", "mine")
        seen.append((play.form("anna"), told(play, "anna")))
    assert seen[0] == seen[1]
    assert "data.newcomer" in keys(seen[0][0])
    assert seen[0][1]["groups"][0]["answered_on_newcomer"] is True
    play.command("bo", "mine")
    assert "data.newcomer" not in keys(play.form("bo"))
    play.press("anna", a.EraseMine())
    assert "erase.stays.newcomer" in keys(play.form("anna"))
    play.submit("anna", a.EraseMine())
    play.command("anna", "mine")
    assert "data.newcomer" in keys(play.form("anna")), "taken back it would be a no"
    play.go("joining")
    play.command("anna", "mine")
    assert "data.newcomer" not in keys(play.form("anna"))


def test_in_an_open_vote_the_question_is_passed_over_and_my_vote_stays() -> None:
    play = voting(2, "anna", "bo", "cilla")
    for person in ("anna", "bo", "cilla"):
        vote(play, person, "anna", "bo")
    erase(play, "anna")
    assert play.group.voted(2) == 3, "nobody sees in the count that somebody took something back"
    assert "The question of anna" not in repr(play.group.drawers)
    play.tap("dag", "vote.b")
    (choice,) = [one for one in play.form("dag").fields if hasattr(one, "options")]
    assert [one.value for one in choice.options] == [case_id(play, "bo"), case_id(play, "cilla")]
    play.go("close", 2)
    assert now(play).owner == "bo", "most votes were for it as well"
    assert "anna" not in people(play.chat("")["vote/2"]), "no lot of theirs is shown"


def test_when_every_question_is_deleted_the_vote_chooses_none() -> None:
    play = voting(2, "anna", "bo")
    for person in ("anna", "bo"):
        vote(play, person, "anna")
    erase(erase(play, "anna"), "bo")
    play.tap("cilla", "vote.b")
    assert play.told("cilla") == "vote.no_cases"
    play.go("close", 2)
    assert now(play).owner == ""
    assert "vote.none" in play.keys("", "vote/2")
    play.tap("lena", "vote.room")
    play.fill("lena", who="anna")
    assert now(play).owner == "anna", "the room's own choice always holds"


def test_one_question_left_wins_if_anybody_chose_it() -> None:
    for voted_for, owner in (("bo", "bo"), ("anna", "")):
        play = voting(2, "anna", "bo")
        vote(play, "cilla", voted_for)
        erase(play, "anna")
        play.go("close", 2)
        assert now(play).owner == owner


def test_those_who_lead_see_at_once_that_there_is_one_question_less() -> None:
    play = with_cases(2, "anna", "bo")
    assert "today/2" in play.chat("anna")
    erase(play, "anna")
    assert "today/2" not in play.chat("anna")
    assert "vote.one" in play.buttons("lena")


def test_an_answer_to_the_three_questions_is_deleted_too() -> None:
    play = before(2)
    for person in POOL[:5]:
        play.submit(person, a.Pulse(play.group.id, 1), voice="yes", steps="yes", worth="yes")
    erase(play, "anna")
    play.go("shred", 1)
    assert "pulse/1" not in play.chat("lena"), "only four have answered"


def test_after_the_last_meeting_it_still_works_while_something_exists() -> None:
    play = begun(10)
    play.go("finish", 10)
    play.submit("anna", a.Reflect(play.group.id, 10), support="to be kept", keep=True)
    play.go("shred", 10)
    assert play.group.status == "closed"
    room = play.chat("")
    play.command("anna", "mine")
    assert play.reads("anna") == ["to be kept"]
    erase(play, "anna")
    assert "to be kept" not in repr(play.group.drawers)
    assert play.chat("") == room
    while any(play.wanted.values()):
        play.next()
    assert not play.group.drawers


def test_a_group_that_was_closed_shows_what_is_known_of_me_and_is_not_shown_again() -> None:
    play = with_cases(2, "anna", "bo")
    play.submit(SPONSOR, a.CloseGroup(play.group.id))
    room = play.chat("")
    play.command("anna", "mine")
    assert "data.known.brought" in keys(play.form("anna"))
    erase(play, "anna")
    play.command("anna", "mine")
    assert "data.known.brought" not in keys(play.form("anna"))
    assert play.chat("") == room


def test_all_my_groups_are_reached_at_once() -> None:
    play = with_everything("anna")
    first = play.group
    play.groups["twin"] = replace(first, id="twin")
    play.groups["other"] = replace(
        first, id="other", members=tuple(one for one in first.members if one.person != "anna")
    )
    play.command("anna", "mine")
    assert len(list(inside(play.form("anna"), Quote))) == 2 * len(KINDS)
    erase(play, "anna")
    assert [written(play.groups[id], "anna") for id in (first.id, "twin")] == [(), ()]
    assert written(play.groups["other"], "anna"), "a group in which one has no part is not mine"


def test_it_rests_for_nothing() -> None:
    play = with_everything("anna")
    play.comes(SPONSOR)
    play.press("anna", a.BringCase(play.group.id, 3))
    assert play.told("anna") == "room.rests"
    erase(play, "anna")


@pytest.mark.parametrize("person", [SPONSOR, "lena", "stranger"])
def test_whoever_wrote_nothing_deletes_nothing(person: str) -> None:
    play = with_everything("anna")
    was = play.group
    for send in (play.press, play.submit):
        send(person, a.EraseMine())
        assert play.told(person) == "data.none"
    assert play.group == was


def test_no_button_says_whose_data_is_meant() -> None:
    for kind in (a.MyData, a.ExportMine, a.EraseMine):
        assert {one.name for one in fields(kind)} <= {"part", "kind"}
