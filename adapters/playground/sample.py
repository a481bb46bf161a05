"""A sample organisation: the unit managers of a social services department, and their manager."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from adapters.playground.rooms import GENERAL, identity, open_room
from bot.store import Unit

Role: TypeAlias = Literal["leader", "participant", "sponsor"]
#: In the order in which people are listed to be picked.
ROLES: tuple[Role, ...] = get_args(Role)

#: How many soft colours the style sheet has for people.
TONES = 8


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody to be on the page; `role` only says what they are meant to try."""

    name: str
    title: str
    role: Role
    language: str
    zone: str

    @property
    def native(self) -> str:
        """The name as it stands in an address.

        >>> PERSONAS[3].name, PERSONAS[3].native
        ('Åsa Nyström', 'asa-nystrom')
        """
        letters = self.name.lower().replace("ø", "o")  # the one letter that does not decompose
        flat = unicodedata.normalize("NFD", letters).encode("ascii", "ignore").decode()
        return flat.replace(" ", "-")

    @property
    def initials(self) -> str:
        """Two letters for a small circle."""
        return "".join(part[0] for part in self.name.split())[:2]

    @property
    def tone(self) -> int:
        """One of the soft colours, always the same for the same person."""
        return PERSONAS.index(self) % TONES


def _swedish(name: str, title: str, role: Role, language: str = "sv") -> Persona:
    return Persona(name, title, role, language, "Europe/Stockholm")


def _norwegian(name: str, title: str, role: Role, language: str = "nb") -> Persona:
    return Persona(name, title, role, language, "Europe/Oslo")


PERSONAS = (
    _swedish("Karin Lund", "Verksamhetschef, socialtjänsten", "sponsor"),
    _swedish("Mats Ekberg", "Enhetschef, stöd och utveckling", "leader"),
    _norwegian("Ingrid Solheim", "HR-rådgiver", "leader"),
    _swedish("Åsa Nyström", "Enhetschef, hemtjänst norr", "participant"),
    _swedish("Johan Wikström", "Enhetschef, försörjningsstöd", "participant"),
    _norwegian("Kari Nordby", "Avdelingsleder, barnevern", "participant"),
    _swedish("Fatima Haddad", "Enhetschef, LSS-boende", "participant"),
    _norwegian("Bjørn Haugen", "Avdelingsleder, sykehjem", "participant"),
    _swedish("Lena Sjögren", "Enhetschef, äldreboende", "participant"),
    _swedish("Per Lindqvist", "Enhetschef, familjerätt", "participant"),
    _norwegian("Silje Myhre", "Teamleder, hjemmetjenesten", "participant"),
    _swedish("David Okafor", "Unit manager, school social work", "participant", "en"),
    _norwegian("Torunn Bakke", "Avdelingsleder, rus og psykisk helse", "participant"),
)

BY_NATIVE = {persona.native: persona for persona in PERSONAS}


def fill(unit: Unit, fresh: Callable[[], str]) -> None:
    """Let them all be there, in a room with everybody; once more changes nothing."""
    for persona in PERSONAS:
        if unit.people.known(identity(persona.native)) is None:
            who, told = identity(persona.native), (persona.name, persona.language, persona.zone)
            unit.people.meet(who, fresh(), *told)
            unit.people.introduce(who, *told)
    open_room(unit, GENERAL, GENERAL, tuple(BY_NATIVE))
