"""How somebody reads who has not been asked about a group: their language and zone alone."""

from bot.core.event import Identity
from bot.core.facts import Defaults
from bot.store import Store, Unit
from bot.words import View, Words


class Sight:
    """Views for a calm answer to what led nowhere."""

    def __init__(self, store: Store, words: Words, defaults: Defaults, help_text: str) -> None:
        """Look people up in this store; of strangers the defaults hold."""
        self._store = store
        self._words = words
        self._defaults = defaults
        self._help_text = help_text

    async def view(self, identity: Identity, language: str = "") -> View:
        """What this person sees; whoever is new is not remembered, and may read this language."""
        return await self._store.run(lambda unit: self._view(unit, identity, language))

    def _view(self, unit: Unit, identity: Identity, language: str) -> View:
        row = unit.people.known(identity)
        return View(
            language=(row and row.language) or language or self._defaults.language,
            zone=(row and row.zone) or self._defaults.zone,
            names={},
            natives={},
            groups={},
            help_text=self._help_text,
            words=self._words,
        )
