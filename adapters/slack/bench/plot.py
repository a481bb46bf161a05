"""The report as a picture: one bar for each side and work. Pure."""

from statistics import median
from xml.sax.saxutils import escape

from adapters.slack.bench.report import NAMES, WORKS, Report

_WIDTH, _LEFT, _ROW = 760, 300, 24
_COLOURS = {"krets": "#2f6f5e", "listening": "#8d99a6", "answering": "#b9c2cb", "peer": "#c98b3c"}


def svg(report: Report) -> str:
    """Requests per second, medians of the rounds."""
    rows = [
        (work, side, median(one.rate for one in legs))
        for work in WORKS
        for side in NAMES
        if (legs := report.of(work, side))
    ]
    most = max(rate for _, _, rate in rows)
    height = _ROW * (len(rows) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" role="img">',
        "<title>Requests per second, 20 at once</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="{_ROW * 0.7:.0f}" font-weight="bold">'
        "Requests per second, 20 at once</text>",
    ]
    for number, (work, side, rate) in enumerate(rows, start=1):
        y, bar = number * _ROW, (_WIDTH - _LEFT - 70) * rate / most
        parts += [
            f'<text x="8" y="{y + 16}">{escape(work)}: {escape(NAMES[side])}</text>',
            f'<rect x="{_LEFT}" y="{y + 4}" width="{bar:.1f}" height="16"'
            f' fill="{_COLOURS[side]}"/>',
            f'<text x="{_LEFT + bar + 6:.1f}" y="{y + 16}">{rate:.0f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
