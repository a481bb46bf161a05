"""The environment in which a command is run."""

import os
import sys

from bot import logs
from bot.settings import Settings, read_settings, unknown_settings


def read_environment() -> Settings:
    """The settings; logs are from now on as they say, and what is none of ours is named."""
    settings = read_settings(os.environ)
    logs.set_up(settings.log_level, settings.log_format)
    for sentence in unknown_settings(os.environ):
        print(f"krets: {sentence}", file=sys.stderr)
    return settings
