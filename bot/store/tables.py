"""The tables. Documents and ciphertexts stand beside plain rows that are asked across groups."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field, SQLModel, UniqueConstraint

# Alembic's batch mode needs names, and they must be set before the first table is defined.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class GroupRow(SQLModel, table=True):
    """A group: its document, and the version that decides races."""

    __tablename__ = "groups"

    id: str = Field(primary_key=True)
    platform: str
    tenant: str
    status: str
    version: int
    method_hash: str
    document: str
    #: In programme time; None while it is open.
    closed_at: datetime | None = Field(default=None, index=True)


class SealedRow(SQLModel, table=True):
    """What lies in one drawer of a group, encrypted under a key of its own."""

    __tablename__ = "sealed"

    group_id: str = Field(primary_key=True, foreign_key="groups.id")
    drawer: str = Field(primary_key=True)
    key_id: str = Field(index=True)
    ciphertext: bytes


class DoomedKeyRow(SQLModel, table=True):
    """A key whose ciphertext is gone, and which must go too."""

    __tablename__ = "doomed_keys"

    key_id: str = Field(primary_key=True)


class PersonRow(SQLModel, table=True):
    """A person, with the language and zone in which Krets speaks to them.

    Empty until somebody has told: then a group speaks to them in its own.
    """

    __tablename__ = "people"

    id: str = Field(primary_key=True)
    name: str
    language: str
    zone: str
    #: Whether the platform has told of them, as far as it does.
    introduced: bool = False
    #: Whether the person has chosen the language.
    language_chosen: bool = False
    #: Their own hours, empty for none; and whether they have chosen the zone, too.
    hours: str = ""
    zone_chosen: bool = False


class IdentityRow(SQLModel, table=True):
    """A person as one platform knows them; a person may have several."""

    __tablename__ = "identities"

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    native: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="people.id", index=True)


class MembershipRow(SQLModel, table=True):
    """A person has a part, in whatever role, in a group."""

    __tablename__ = "memberships"

    person_id: str = Field(primary_key=True)
    group_id: str = Field(primary_key=True, foreign_key="groups.id", index=True)


class AddressRow(SQLModel, table=True):
    """A private address of one person in a group, by the hash of its token.

    `opens` is `calendar` or `sheet`, `meeting` 0 for the calendar. `seed` stays when the address
    is another: it makes what a calendar knows the meetings by.
    """

    __tablename__ = "addresses"

    group_id: str = Field(primary_key=True, foreign_key="groups.id")
    person_id: str = Field(primary_key=True)
    opens: str = Field(primary_key=True)
    meeting: int
    hash: str = Field(unique=True)
    seed: str


class RoomRow(SQLModel, table=True):
    """The room a group has as its own."""

    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("platform", "tenant", "native"),)

    group_id: str = Field(primary_key=True, foreign_key="groups.id")
    platform: str
    tenant: str
    native: str


class MomentRow(SQLModel, table=True):
    """A moment that a group's state wants, in programme time; `who` is empty for all.

    `queued`: nobody is to look for it, for an engine that outlives this process has the work of
    it, or it is parked. `tries`: how often in a row it failed, `fault` by what: a type.
    """

    __tablename__ = "moments"
    __table_args__ = (Index(None, "queued", "due_at"),)

    group_id: str = Field(primary_key=True, foreign_key="groups.id")
    meeting: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    who: str = Field(primary_key=True)
    due_at: datetime
    queued: bool = False
    tries: int = 0
    fault: str = ""


class PostRow(SQLModel, table=True):
    """What one conversation should show under a name (`revision`), and what it shows (`shown`).

    `person_id` is empty for the group's room. `card` is None for what is to be removed. Two kinds
    are no cards: `room` is a room to be opened, `out` somebody to be let out of it; there `card`
    holds the people. `ref` is the platform's.
    """

    __tablename__ = "posts"
    __table_args__ = (UniqueConstraint("group_id", "person_id", "name"),)

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite")
    )
    group_id: str = Field(foreign_key="groups.id")
    person_id: str
    name: str
    kind: str
    card: str | None
    revision: int = 1
    shown: int = 0
    ref: str | None = None
    state: str = Field(default="pending", index=True)
    #: Why the state is `failed`: a code of ours or the platform's, or a fault of ours by its type.
    #: Where it is `uncertain`, whether those who lead have been told.
    reason: str = ""
    #: How often in a row the outcome was unknown, or showing it failed by a fault of ours.
    tries: int = 0
    #: In real time; None for at once.
    next_try_at: datetime | None = Field(default=None, index=True)
    #: Since when the state is `sending`, in real time.
    claimed_at: datetime | None = None


class SeenRow(SQLModel, table=True):
    """An event that has changed something, so that it does so once; `at` is real time."""

    __tablename__ = "seen"

    key: str = Field(primary_key=True)
    at: datetime = Field(index=True)


class BudgetRow(SQLModel, table=True):
    """How much of a platform's patience several processes have spent; times are real time.

    `full_at`: when there is a full burst again; `last_at`: when the last comes who was turned away;
    `rests_at`: until when nothing is asked. Rows live for a minute.
    """

    __tablename__ = "budgets"

    key: str = Field(primary_key=True)
    full_at: datetime | None = None
    last_at: datetime | None = None
    rests_at: datetime | None = None


class MethodRow(SQLModel, table=True):
    """The text of a method, by its SHA-256: a group keeps the text it began with."""

    __tablename__ = "methods"

    hash: str = Field(primary_key=True)
    id: str
    text: str


class MetaRow(SQLModel, table=True):
    """A single fact about this installation, such as the offset of programme time."""

    __tablename__ = "meta"

    key: str = Field(primary_key=True)
    value: str


class InstallationRow(SQLModel, table=True):
    """Krets in one organisation of a platform: who it is there, and its sealed token.

    `team` is empty where the whole organisation has it. Once `removed_at`, the token is wiped. The
    times are real time.
    """

    __tablename__ = "installations"

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    team: str
    enterprise: str
    bot_user: str
    token: bytes
    scopes: str
    installed_at: datetime
    removed_at: datetime | None = None


class InstallStateRow(SQLModel, table=True):
    """An installation that was begun at this real time, by the hash of its state."""

    __tablename__ = "install_states"

    hash: bytes = Field(primary_key=True)
    at: datetime = Field(index=True)


class TeamsReferenceRow(SQLModel, table=True):
    """Where a person or a room of an organisation is reached in Teams, as Teams last told.

    `conversation` is empty until a person's own chat is known; `account`, their id for this bot
    alone, until that is, and for rooms. `team` is that of a channel. `updated_at` is real time.
    """

    __tablename__ = "teams_references"

    tenant: str = Field(primary_key=True)
    native: str = Field(primary_key=True)
    conversation: str
    service_url: str
    bot: str
    account: str = Field(default="", index=True)
    team: str = ""
    updated_at: datetime


class DepartureRow(SQLModel, table=True):
    """An organisation that has taken Krets out, and since when (real time)."""

    __tablename__ = "departures"

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    at: datetime


class FiguresRow(SQLModel, table=True):
    """The figures of a year that was over, for good: whoever asks again is told the same."""

    __tablename__ = "figures"

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    document: str


class EndedRow(SQLModel, table=True):
    """What groups that are deleted count for in the figures of the year in which they ended.

    Sums of all that followed a method, and the most members that one of them had.
    """

    __tablename__ = "ended"

    platform: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    method: str = Field(primary_key=True)
    groups: int
    planned: int
    held: int
    members: int
    most: int


class PlaygroundRoomRow(SQLModel, table=True):
    """A room of the playground; `people` is a JSON list of native ids."""

    __tablename__ = "playground_rooms"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    name: str
    people: str


class PlaygroundMessageRow(SQLModel, table=True):
    """A message in a conversation of the playground; a ref is never given twice."""

    __tablename__ = "playground_messages"
    __table_args__ = {"sqlite_autoincrement": True}

    ref: int | None = Field(default=None, primary_key=True)
    conversation: str = Field(index=True)
    group_id: str
    card: str
    at: datetime
