"""The sheet as a page: read on a phone, printed on one A4 page; without any script."""

from base64 import b64encode
from hashlib import sha256

from markupsafe import Markup

from adapters.paper.sheet import Line, Sheet

_STYLE = Markup("""
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 48rem; color: #1c1c1c; background: #fff;
  font: 1rem/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header p, h1, h2, li p { margin: 0; }
h1 { font-size: 1.6em; line-height: 1.2; }
h2 { font-size: 1.05em; line-height: 1.3; }
h2 small { font-weight: normal; font-size: .85em; color: #555; white-space: nowrap; }
.when { font-weight: 600; }
.method, footer, .read { color: #555; }
.read { font-size: .9em; }
ol { list-style: none; margin: 1rem 0 0; padding: 0; border-top: 2px solid #1c1c1c; }
li { display: grid; grid-template-columns: 3.6em 1fr; gap: 0 .6em; padding: .55em 0 .75em;
  border-bottom: 1px solid #bbb; }
li.end { border-bottom: 2px solid #1c1c1c; }
time { font-weight: 600; font-variant-numeric: tabular-nums; }
footer { margin-top: 1rem; font-size: .85em; }
footer p { margin: .2em 0 0; }
.pdf { display: inline-block; margin-top: .6rem; padding: .6rem 0; color: #0b57a4; }
@page { size: A4; margin: 12mm 14mm; }
@media print {
  .pdf { display: none; }
  body { display: flex; flex-direction: column; height: 272mm; max-width: none; padding: 0;
    font-size: 10.5pt; line-height: 1.3; }
  body.tight { font-size: 9pt; }
  body.tightest { font-size: 6.5pt; }
  main, ol { flex: 1; display: flex; flex-direction: column; }
  ol { margin-top: 3mm; }
  li { flex: 1 1 auto; padding: 1mm 0; }
  li.end { flex: none; }
  footer { margin-top: 2mm; }
}
""")
#: What the browser is told: nothing but this very style.
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    f" style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)
_PAGE = Markup(
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="robots" content="noindex"><title>{title}</title><style>{style}</style></head>'
    '<body class="{tight}"><header><h1>{title}</h1><p class="when">{when}</p>'
    '<p class="method">{method}</p>{pdf}</header>'
    '<main><ol>{lines}<li class="end"><time>{until}</time></li></ol></main>'
    "<footer>{notes}</footer></body></html>\n"
)
_PDF = Markup('<a class="pdf" href="{}">{}</a>')
_LINE = Markup(
    "<li><time>{time}</time><div><h2>{title} <small>{minutes}</small></h2>{say}</div></li>"
)
#: Characters of one printed line, and how many lines fit in each size.
_WIDE, _LOOSE, _TIGHT = 95, 46, 58


def page(sheet: Sheet, pdf: str = "") -> str:
    """The whole page; `pdf`, if it is given, leads to the same as PDF."""
    return _PAGE.format(
        language=sheet.language,
        title=sheet.title,
        style=_STYLE,
        tight=_tight(sheet),
        when=sheet.when,
        method=sheet.method,
        pdf=_PDF.format(pdf, sheet.pdf) if pdf else "",
        lines=Markup("").join(_line(one) for one in sheet.lines),
        until=sheet.until,
        notes=Markup("").join(Markup("<p>{}</p>").format(one) for one in sheet.notes),
    )


def _line(line: Line) -> Markup:
    say = Markup("<p>{}</p>").format(line.say) if line.say else Markup("")
    read = Markup('<p class="read">{}</p>').format(line.read) if line.read else ""
    return _LINE.format(time=line.time, title=line.title, minutes=line.minutes, say=say + read)


def _tight(sheet: Sheet) -> str:
    """How small the print must be, so that it is one page."""
    told = sum(2 - (-len(one.say) - len(one.read)) // _WIDE for one in sheet.lines)
    return "" if told <= _LOOSE else "tight" if told <= _TIGHT else "tightest"
