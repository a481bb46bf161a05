"""Who is there: the bot, and an organisation for each group, with its people.

Krets keeps to what Microsoft allows each organisation and each conversation in a second. Many of
both are needed before a figure tells of Krets, and not of that.
"""

APP = "0b6f3f0e-5a57-4f5c-8c55-2d2f3f1f8a11"
SECRET = "the-secret-of-the-benchmark"  # noqa: S105
BOT = f"28:{APP}"
#: Where Teams takes messages; it leads to the fake Microsoft.
SERVICE = "https://smba.trafficmanager.net/emea/"
#: How many are in each group.
MEMBERS = 8


def tenant(number: int) -> str:
    """The organisation of a group.

    >>> tenant(3)
    '00000004-0000-4000-8000-000000000000'
    """
    return f"{number + 1:08x}-0000-4000-8000-000000000000"


def room(group: str) -> str:
    """The id of a group's chat.

    >>> room("G001")
    '19:g001@thread.v2'
    """
    return f"19:{group.lower()}@thread.v2"


def people(group: str) -> tuple[str, tuple[str, str], tuple[str, ...]]:
    """The object ids of a group's sponsor, leaders and members.

    >>> people("G001")[:2]
    ('g001-s', ('g001-l1', 'g001-l2'))
    """
    name = group.lower()
    members = tuple(f"{name}-p{number}" for number in range(MEMBERS))
    return f"{name}-s", (f"{name}-l1", f"{name}-l2"), members
