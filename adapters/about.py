"""The page that says in every language what Krets is, what it keeps, and who runs it."""

from collections.abc import Callable
from html import escape

from aiohttp import web

from bot.core.card import T
from bot.core.model import LANGUAGES
from bot.words import Words

#: Where it is; what is kept, and under which terms, are parts of it.
PATH, PRIVACY, TERMS = "/about", "/about#privacy", "/about#terms"

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light'
    ' dark"><title>Krets</title><h1>Krets</h1>{about}'
    '<section id="privacy">{privacy}</section><section id="terms">{terms}</section></html>\n'
)


def page(words: Words) -> str:
    """The page as HTML."""
    return _PAGE.format(
        about=_told(words, T("app.full")),
        privacy=_told(words, T("about.privacy"), T("about.privacy.title")),
        terms=_told(words, T("about.terms"), T("about.terms.title")),
    )


def about(words: Words) -> Callable[[web.Application], None]:
    """Lets everybody see the page."""
    text = page(words)

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    def mount(app: web.Application) -> None:
        app.router.add_get(PATH, show)

    return mount


def _told(words: Words, text: T, title: T | None = None) -> str:
    """One thing in every language."""
    parts = []
    for language in LANGUAGES:
        heading = f"<h2>{escape(words.template(language, title))}</h2>" if title else ""
        told = escape(words.template(language, text)).split("\n\n")
        paragraphs = "".join(f"<p>{one}</p>" for one in told)
        parts.append(f'<div lang="{language}">{heading}{paragraphs}</div>')
    return "".join(parts)
