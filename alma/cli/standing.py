"""What processes that serve nobody and run until they are told to end have in common: where they log, and how they say
where they stand."""

from __future__ import annotations

import json
import logging.config
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alma.cli.terminal import Terminal
    from alma.settings import Settings


def log_into(settings: Settings, name: str) -> None:
    """Logs as a server does, into a file of that name in the data directory."""
    from alma.cli.home import Home
    from alma.cli.serve import log_config

    logging.config.dictConfig(log_config(settings, Home(settings.home).path / name))


class Teller:
    """Says where the process stands: a line for people, or one of JSON."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def tell(self, status: str, words: str, **facts: Any) -> None:
        """`words` are for people; `status` and `facts` for programs."""
        if self._terminal.as_json:
            print(json.dumps({"status": status, **facts}), flush=True)
        else:
            self._terminal.say(words)
