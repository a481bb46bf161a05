"""The sheet as PDF: always one A4 page, with its letters in it."""

from collections.abc import Sequence
from html import escape
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from adapters.paper.sheet import Line, Sheet

#: Bitstream Vera comes with the library, free to embed, and has the letters of our languages.
_PLAIN, _BOLD = "Vera", "VeraBd"
_WIDTH, _HEIGHT = A4
_SIDE, _EDGE = 16 * mm, 13 * mm
_TIMES = 19 * mm
#: Between two lines to write on, in points; and above a step, in sizes of its letters.
_WRITING, _ABOVE = 7 * mm, 0.5
_GREY = 0.35
#: Sizes of letters, in points: the first with which all fits. With the last, anything does.
_SIZES = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.0, 4.0, 3.0)


def pdf(sheet: Sheet) -> bytes:
    """The page; the same bytes for the same sheet."""
    for font in (_PLAIN, _BOLD):
        if font not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(font, f"{font}.ttf"))
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, lang=sheet.language)
    canvas.setTitle(sheet.title)
    canvas.setAuthor("Krets")
    top = _head(canvas, sheet)
    bottom = _foot(canvas, sheet.notes)
    _steps(canvas, sheet, top, bottom)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _head(canvas: Canvas, sheet: Sheet) -> float:
    """Title, time and method; where the list begins."""
    at: float = _HEIGHT - _EDGE - 16
    canvas.setFont(_BOLD, 17)
    canvas.drawString(_SIDE, at, sheet.title)
    at -= 17
    canvas.setFont(_BOLD, 11)
    canvas.drawString(_SIDE, at, sheet.when)
    at -= 14
    canvas.setFont(_PLAIN, 9)
    canvas.setFillGray(_GREY)
    canvas.drawString(_SIDE, at, sheet.method)
    canvas.setFillGray(0)
    return at - 8


def _foot(canvas: Canvas, notes: Sequence[str]) -> float:
    """What to know without Krets; where the list must end."""
    at: float = _EDGE
    for note in reversed(notes):
        paragraph = _paragraph(note, 8, _GREY)
        _, height = paragraph.wrap(_WIDTH - 2 * _SIDE, _HEIGHT)
        paragraph.drawOn(canvas, _SIDE, at)
        at += height + 2
    return at + 6


def _steps(canvas: Canvas, sheet: Sheet, top: float, bottom: float) -> None:
    """The steps one below the other; what is left of the page is shared out to write on."""
    for size in _SIZES:
        parts = [_step(one, size) for one in sheet.lines]
        used = sum(height for _, height in parts) + size * 2
        if used <= top - bottom:
            break
    room = max((top - bottom - used) / len(parts), 0)
    at = top
    for line, (paragraphs, height) in zip(sheet.lines, parts, strict=True):
        _rule(canvas, at, 1 if at == top else 0.4)
        at -= size * _ABOVE
        _time(canvas, line.time, at, size)
        low = at
        for paragraph, high in paragraphs:
            low -= high
            paragraph.drawOn(canvas, _SIDE + _TIMES, low)
        at -= height - size * _ABOVE + room
        for nth in range(1, int((room - 2) / _WRITING) + 1):
            _dots(canvas, at + nth * _WRITING - 2)
    _rule(canvas, at, 1)
    _time(canvas, sheet.until, at - size * _ABOVE, size)


def _step(line: Line, size: float) -> tuple[list[tuple[Paragraph, float]], float]:
    """A step's paragraphs, each with its height, and the height of all."""
    small = f'<font name="{_PLAIN}" size="{size * 0.85:.2f}">'
    title = (
        f'<font name="{_BOLD}">{escape(line.title)}</font>  {small}{escape(line.minutes)}</font>'
    )
    wide = _WIDTH - 2 * _SIDE - _TIMES
    shown = [_paragraph(title, size, 0)]
    shown += [_paragraph(escape(line.say), size, 0.2)] if line.say else []
    shown += [_paragraph(escape(line.read), size * 0.9, _GREY)] if line.read else []
    sized = [(one, one.wrap(wide, _HEIGHT)[1]) for one in shown]
    return sized, sum(height for _, height in sized) + size * (_ABOVE + 0.3)


def _paragraph(markup: str, size: float, grey: float) -> Paragraph:
    style = ParagraphStyle(
        "",
        fontName=_PLAIN,
        fontSize=size,
        leading=size * 1.3,
        textColor=(grey, grey, grey),
    )
    return Paragraph(markup, style)


def _time(canvas: Canvas, time: str, top: float, size: float) -> None:
    canvas.setFont(_BOLD, size)
    canvas.drawString(_SIDE, top - size, time)


def _rule(canvas: Canvas, at: float, width: float) -> None:
    """A line between two steps."""
    canvas.setDash()
    canvas.setLineWidth(width)
    canvas.setStrokeGray(0)
    canvas.line(_SIDE, at, _WIDTH - _SIDE, at)


def _dots(canvas: Canvas, at: float) -> None:
    """A line to write on."""
    canvas.setDash(0.6, 2)
    canvas.setLineWidth(0.6)
    canvas.setStrokeGray(_GREY)
    canvas.line(_SIDE + _TIMES, at, _WIDTH - _SIDE, at)
