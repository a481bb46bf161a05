"""A group as it is stored."""

import pytest

from bot.core.model import BadDocument, from_document
from tests.core.play import jonkoping


def test_what_is_no_group_is_refused_without_a_word_of_what_it_was() -> None:
    with pytest.raises(BadDocument) as refused:
        from_document('{"name": ["canary"], "place": "canary"}', jonkoping(), {})
    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__
