"""The figures as a picture: one bar for each side and work. Pure."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from adapters.bench.figures import Comparison

_WIDTH, _LEFT, _ROW = 760, 320, 24
_TITLE = "Requests per second, 20 at once"


def svg(comparison: Comparison, colours: Mapping[str, str]) -> str:
    """Requests per second, medians of the rounds; a colour for each side."""
    rows = comparison.medians()
    most = max(rate for _, _, rate in rows)
    height = _ROW * (len(rows) + 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}"'
        f' viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12" role="img">',
        f"<title>{_TITLE}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="{_ROW * 0.7:.0f}" font-weight="bold">{_TITLE}</text>',
    ]
    for number, (work, side, rate) in enumerate(rows, start=1):
        y, bar = number * _ROW, (_WIDTH - _LEFT - 70) * rate / most
        parts += [
            f'<text x="8" y="{y + 16}">{escape(work)}: {escape(comparison.names[side])}</text>',
            f'<rect x="{_LEFT}" y="{y + 4}" width="{bar:.1f}" height="16" fill="{colours[side]}"/>',
            f'<text x="{_LEFT + bar + 6:.1f}" y="{y + 16}">{rate:.0f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
