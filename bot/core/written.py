"""What Krets has on a person, and the same as JSON: read by them alone.

A vote is named and never told, and so are *today or not today* and an answer on a newcomer: nobody
can be made to prove what they chose.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.core.card import Said
from bot.core.due import JOIN_DRAWER, destroyed_at
from bot.core.event import PersonId
from bot.core.model import Group, Meeting
from bot.core.rights import asked_to_join, asked_to_lead, belongs, leads, opened

#: What lies in drawers under a person's own id, and until which deadline.
_OWN = {
    "tap": "meeting",
    "checkin": "meeting",
    "pulse": "meeting",
    "today": "vote",
    "support": "mine",
    "take": "mine",
}
#: What the JSON says first; its number changes with the meaning of what follows.
FORMAT = "krets/my-data/1"
#: How the JSON calls what was written.
_TOLD = {
    "question": "question",
    "tap": "check_in_answers",
    "checkin": "check_in",
    "pulse": "three_questions",
    "support": "reflection_support",
    "take": "reflection_take",
    "further": "taken_further",
}
#: Characters of one part, as UTF-16 counts them: what a field of the tightest platform holds.
PART = 3000

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """One thing that somebody wrote or tapped, and that still exists."""

    meeting: Meeting
    what: str
    #: Of the drawer in which it lies.
    deadline: str
    said: Said


def written(group: Group, me: PersonId) -> tuple[Written, ...]:
    """All that somebody wrote in a group and that still exists; votes are not among it."""
    found = []
    for meeting in group.meetings:
        case = meeting.case_of(me)
        items = [("question", "meeting", f"case/{case.id}")] if case else []
        items += [(what, deadline, f"{what}/{me}") for what, deadline in _OWN.items()]
        items += [("further", "carried", "words")] if meeting.owner == me else []
        for what, deadline, item in items:
            said = Said(group.id, f"{meeting.number}/{deadline}", item)
            if group.item(said.drawer, said.item):
                found.append(Written(meeting, what, deadline, said))
    return tuple(found)


def known(group: Group, meeting: Meeting, me: PersonId) -> tuple[str, ...]:
    """What Krets knows of somebody and a meeting besides what they wrote."""
    drawer, partner = f"{meeting.number}/vote", f"{meeting.number}/partner"
    facts = {
        "owner": meeting.owner == me,
        "partner": meeting.partner == me,
        "brought": meeting.case_of(me) is not None,
        "today": bool(group.item(drawer, f"today/{me}")),
        "titles": bool(group.item(drawer, f"titles/{me}")),
        "wished": meeting.owner == me and bool(group.items(partner, "wish/")),
        "asked": bool(group.item(partner, f"no/{me}")),
        "voted": any(
            group.item(f"{meeting.number}/{vote}", f"{answer}/{me}")
            for vote, answer in (("vote", "ballot"), ("reunion", "answer"))
        ),
    }
    return tuple(fact for fact, so in facts.items() if so)


def on_newcomer(group: Group, me: PersonId) -> bool:
    """Whether somebody has answered if a newcomer may join; the answer is never told."""
    return bool(group.item(JOIN_DRAWER, f"join/{me}"))


def role(group: Group, me: PersonId) -> str:
    """What somebody is in a group; empty for nothing."""
    if opened(group, me):
        return "sponsor"
    if leads(group, me):
        return "leader"
    if asked_to_lead(group, me):
        return "candidate"
    if belongs(group, me):
        return "member"
    return "asked" if asked_to_join(group, me) else ""


# --- JSON ---------------------------------------------------------------------------------------


def document(groups: Iterable[Group], me: PersonId, name: str, language: str, zone: str) -> str:
    """What Krets has on a person as JSON; times in ISO 8601, nothing that anybody else wrote."""
    told: Json = {"format": FORMAT, "name": name, "language": language, "time_zone": zone}
    told["groups"] = [_of_group(group, me) for group in groups if role(group, me)]
    return json.dumps(told, ensure_ascii=False, indent=1)


def _of_group(group: Group, me: PersonId) -> Json:
    meetings = [_of_meeting(group, meeting, me) for meeting in group.meetings]
    return {
        "name": group.name,
        "status": group.status,
        "role": role(group, me),
        **({"answered_on_newcomer": True} if on_newcomer(group, me) else {}),
        "meetings": [told for told in meetings if told],
    }


def _of_meeting(group: Group, meeting: Meeting, me: PersonId) -> Json:
    """What is known of somebody and a meeting; empty for nothing."""
    told: Json = {}
    if me in meeting.attendance:
        told["attendance"] = meeting.attendance[me]
    told |= dict.fromkeys(known(group, meeting, me), True)
    texts = [
        _of_text(group, one)
        for one in written(group, me)
        if one.meeting == meeting and one.what in _TOLD
    ]
    told |= {"written": texts} if texts else {}
    starts = {"meeting": meeting.number, "starts_at": group.starts(meeting).isoformat()}
    return starts | told if told else {}


def _of_text(group: Group, one: Written) -> Json:
    text = group.item(one.said.drawer, one.said.item)
    tapped = one.what in ("tap", "pulse")
    until = destroyed_at(group, one.meeting, one.deadline).isoformat()
    return {
        "what": _TOLD[one.what],
        **({"answers": json.loads(text)} if tapped else {"text": text}),
        "until": until,
    }


def parts(document: str, most: int = PART) -> tuple[str, ...]:
    """The document in parts of at most this length, to be put one after the other again.

    Where a part ends with a line the break is left out, which JSON does not mind.

    >>> parts('{"text":\\n"long, and longer"}', 10)
    ('{"text":', '"long, and', ' longer"}')
    """
    found: list[str] = []
    for row in document.split("\n"):
        for at in range(0, len(row), most // 2):  # each character counts for one or two
            piece, between = row[at : at + most // 2], "" if at else "\n"
            longer = f"{found[-1]}{between}{piece}" if found else ""
            if found and len(longer.encode("utf-16-le")) // 2 <= most:
                found[-1] = longer
            else:
                found.append(piece)
    return tuple(found)
