"""What was said, and by whom."""

from dataclasses import replace

import pytest

from bot.words import View
from tests.adapters.scene import a_group


@pytest.fixture
def told(view: View) -> View:
    """A view in which something was said, by somebody whom Slack knows."""
    group = a_group(**{"case/1": "My *own* words"})
    return replace(view, groups={"g1": group}, natives={"p1": "U0ASA"})
