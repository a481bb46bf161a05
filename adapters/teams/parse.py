"""What Teams tells, as events: pure, and the only judge of its shape.

People are known by the object id of their organisation's directory. An event that names somebody
only by the `29:` id, which is this bot's alone, is matched through the ids that come in pairs
elsewhere: `pairs_of` reads them, `bare_of` says whose is missing, `known` brings them in.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from adapters.teams import shapes
from adapters.teams.commands import command, without_mention
from adapters.teams.shapes import ACTION, FORM, REPLY, Account, Activity, Meaning
from bot.core.action import StartHere, unpack
from bot.core.event import (
    Answer,
    ButtonPressed,
    CommandGiven,
    Deed,
    FormSubmitted,
    HomeOpened,
    Identity,
    Installed,
    Place,
    TextWritten,
)
from bot.messenger import Profile
from bot.words import negotiate
from schedules.rule import is_zone

PLATFORM = "teams"
#: Characters of one text; a longer one goes to the rule cut just above this, and is refused there.
LONGEST = 20_000
#: Values that can be chosen in one field, and characters of each.
_MANY, _VALUE = 200, 255

#: 29: id -> object id, of one organisation.
Known: TypeAlias = Mapping[str, str]
_R = TypeVar("_R")
_NOBODY: Known = {}
_OBJECT_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}", re.ASCII)
#: The conversation of a channel's thread names the message that began it.
_THREAD = ";messageid="
#: What stands between the conversation and the message in a ref.
MARK = "|"

_ACTIVITY = TypeAdapter(Activity)
_MENTION = TypeAdapter(shapes.Mention)
_CLIENT = TypeAdapter(shapes.ClientInfo)
_CARD = TypeAdapter(shapes.CardAction)
_DIALOG = TypeAdapter(shapes.Dialog)
_CARRIED = TypeAdapter(shapes.Carried)


class BadPayload(ValueError):
    """Not what Teams sends. Says nothing of what was sent."""


def read(payload: Mapping[str, Any]) -> Activity:
    """The activity; raises `BadPayload` for other shapes than Teams'."""
    return _read(_ACTIVITY, payload)


# --- what a person did --------------------------------------------------------------------------


def deed_of(activity: Activity, known: Known = _NOBODY) -> Deed | None:
    """What a person did; None if it is nothing that Krets answers.

    Raises `BadPayload`, and `CannotUnpack` for a button or a form of no version of Krets. Who is in
    a room is not in the activity: `place.people` is empty.
    """
    if activity.from_ is not None and is_bot(activity.from_):
        return None
    match activity.type, activity.name:
        case "message", _ if activity.value is not None:
            return _acted(activity, _object(activity.value), known)
        case "message", _:
            return _written(activity, known)
        case "invoke", "adaptiveCard/action":
            pressed = _read(_CARD, _object(activity.value))
            if pressed.trigger == "automatic" or pressed.action.type != "Action.Execute":
                return None
            return _acted(activity, pressed.action.data, known)
        case "invoke", ("task/fetch" | "task/submit"):
            return _acted(activity, _read(_DIALOG, _object(activity.value)).data, known)
        case "installationUpdate", _ if activity.action == "add":
            return _installed(activity, known)
        case _:
            return None


def _written(activity: Activity, known: Known) -> CommandGiven | TextWritten | HomeOpened | None:
    """A command, or words that are not kept; in a room only what is meant for Krets."""
    id, who, place = _done(activity, known)
    bot = activity.recipient.id if activity.recipient else ""
    mentions = [one for one in _entities(activity, "mention", _MENTION) if one.text]
    alone = place.private or (activity.recipient is not None and activity.recipient.is_targeted)
    if not alone and not any(one.mentioned.id == bot for one in mentions):
        return None
    text = without_mention(activity.text or "", mentions, bot)
    words = command(text)
    if words is None or (not text.strip() and place.private):
        return TextWritten(id, who, place)
    if place.private and not words:
        return HomeOpened(id, who, place)
    return CommandGiven(id, who, place, words)


def _acted(
    activity: Activity, data: dict[str, Any], known: Known
) -> ButtonPressed | FormSubmitted | None:
    """A button was pressed, or a form sent; None if it is no button of Krets."""
    if ACTION not in data:
        return None
    carried = _read(_CARRIED, {key: data[key] for key in (ACTION, FORM, REPLY) if key in data})
    id, who, place = _done(activity, known)
    action = unpack(carried.krets)
    if carried.form is False or activity.name == "task/fetch":
        # A button in a dialog stands in no message, though the dialog was asked for in one; and a
        # reply is no message that the board has posted.
        nowhere = activity.name == "task/submit" or carried.reply or not activity.reply_to_id
        message = "" if nowhere else ref(activity.conversation.id, str(activity.reply_to_id))
        return ButtonPressed(id, who, place, action, message)
    if isinstance(action, StartHere) and place.private:
        # This dialog may be asked for in the private chat; it names the room that is meant.
        place = Place(PLATFORM, place.tenant, action.room, private=False)
    meanings = {} if carried.form is True else carried.form
    # Teams leaves out what is empty.
    given = dict.fromkeys(meanings, "") | {
        name: data[name] for name in data if name not in (ACTION, FORM, REPLY, "msteams")
    }
    answers = {
        name: _answer(meanings.get(name, Meaning.TEXT), one, who) for name, one in given.items()
    }
    return FormSubmitted(id, who, place, action, answers)


def _installed(activity: Activity, known: Known) -> Installed:
    """Somebody brought Krets into a chat, or into a team by the channel they chose."""
    id, who, place = _done(activity, known)
    chosen = activity.channel_data and activity.channel_data.settings
    if not place.private and chosen and chosen.selected_channel:
        place = Place(PLATFORM, place.tenant, _room(chosen.selected_channel.id), private=False)
    return Installed(id, who, place)


def _done(activity: Activity, known: Known) -> tuple[str, Identity, Place]:
    """Which event, by whom and where."""
    if activity.from_ is None:
        raise BadPayload("Nobody has done it.")
    tenant = tenant_of(activity)
    return event_id(activity), identity(activity.from_, tenant, known), place_of(activity)


def _answer(meaning: Meaning, given: object, who: Identity) -> Answer:
    """What one field holds; empty if nothing was written or chosen."""
    if isinstance(given, bool):
        given = "true" if given else "false"
    if not isinstance(given, str):
        raise BadPayload("A field holds what no form of Krets asks for.")
    several = tuple(filter(None, (one.strip() for one in given.split(",", _MANY + 1))))
    match meaning:
        case Meaning.TEXT:
            return given[: LONGEST + 1]
        case Meaning.TICK if given in ("true", "false", ""):
            return given == "true"
        case Meaning.MANY if len(several) <= _MANY and all(len(one) <= _VALUE for one in several):
            return several
        case Meaning.PEOPLE if len(several) <= _MANY and all(map(_OBJECT_ID.fullmatch, several)):
            return tuple(Identity(PLATFORM, who.tenant, one.lower()) for one in several)
        case _:
            raise BadPayload("A field holds what no form of Krets asks for.")


# --- who, where and which -----------------------------------------------------------------------


def tenant_of(activity: Activity) -> str:
    """The organisation in which it happened; raises `BadPayload` if none is named."""
    told = activity.channel_data.tenant if activity.channel_data else None
    tenant = (told.id if told else "") or activity.conversation.tenant_id
    if not tenant:
        raise BadPayload("The activity names no organisation.")
    return tenant.lower()


def identity(account: Account, tenant: str, known: Known) -> Identity:
    """A person, of their own organisation where that is told."""
    native = (account.aad_object_id or known.get(account.id, "")).lower()
    return Identity(PLATFORM, (account.tenant_id or tenant).lower(), native or account.id)


def place_of(activity: Activity) -> Place:
    """A room, unless Teams says that only one person is there; a thread is its channel."""
    conversation = activity.conversation
    private = conversation.conversation_type == "personal" and not conversation.is_group
    return Place(PLATFORM, tenant_of(activity), _room(conversation.id), private)


def ref(conversation: str, message: str) -> str:
    """How the board knows a message: an id of a message is of its conversation alone."""
    return f"{conversation}{MARK}{message}"


def _room(id: str) -> str:
    return id.partition(_THREAD)[0]


def event_id(activity: Activity) -> str:
    """What is the same in each delivery of the same event, and in no other event.

    Without an id it is made of what tells the event apart, and never of what anybody wrote.
    """
    if activity.id is not None:
        return f"{activity.conversation.id}:{activity.id}"
    if activity.timestamp is None:
        raise BadPayload("The activity has neither an id nor a time.")
    who = activity.from_.id if activity.from_ else ""
    apart = [activity.type, activity.name, activity.timestamp, activity.reply_to_id, who]
    digest = hashlib.sha256(json.dumps(apart).encode()).hexdigest()
    return f"{activity.conversation.id}:{digest}"


def pairs_of(activity: Activity) -> dict[str, str]:
    """The people whom the activity names by both of their ids: 29: id -> object id."""
    return {
        one.id: one.aad_object_id.lower()
        for one in _people(activity)
        if one.aad_object_id and not one.tenant_id
    }


def bare_of(activity: Activity) -> tuple[str, ...]:
    """The 29: ids of those whom it names by nothing else."""
    return tuple(one.id for one in _people(activity) if not one.aad_object_id)


def _people(activity: Activity) -> Iterator[Account]:
    named = [activity.from_] if activity.from_ else []
    for one in (*named, *(activity.members_added or ()), *(activity.members_removed or ())):
        if not is_bot(one):
            yield one


def is_bot(account: Account) -> bool:
    """Whether it is no person."""
    return account.id.startswith("28:") or account.role in ("bot", "skill")


def profile_of(activity: Activity) -> Profile | None:
    """What the activity tells of its sender; None unless it tells all, so that nothing is lost."""
    client = next(iter(_entities(activity, "clientInfo", _CLIENT)), shapes.ClientInfo())
    name = activity.from_.name if activity.from_ else None
    locale = client.locale or activity.locale
    zone = activity.local_timezone or client.timezone
    if not name or not name.strip() or not locale or not zone or not is_zone(zone):
        return None
    return Profile(name.strip()[:_VALUE], negotiate(locale), zone)


# --- reading ------------------------------------------------------------------------------------


def _read(shape: TypeAdapter[_R], given: Mapping[str, Any]) -> _R:
    try:
        return shape.validate_python(dict(given))
    except ValidationError:
        raise BadPayload("The activity has not the shape that Teams sends.") from None


def _object(given: object) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadPayload("The activity carries no object.")
    return given


def _entities(activity: Activity, kind: str, shape: TypeAdapter[_R]) -> Iterable[_R]:
    """The entities of this kind; others, of other shapes, are nothing to us."""
    return [_read(shape, one) for one in activity.entities or () if one.get("type") == kind]
