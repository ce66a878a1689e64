"""What a server says of itself: starts, stops and one line for each answer; libraries only when they warn.

To the terminal and into a file that is put aside when it gets large; as lines for people, or as JSON, an object a line.
Each line knows its request, its caller and its trace. What looks like a credential is taken out, whoever wrote it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alma.settings import Settings

_HIDDEN = "***"
# The callers of a logger see to it that no secret gets there; this is for the day on which one of them does not.
_CREDENTIALS = re.compile(
    r"alma_[A-Za-z0-9]+_[A-Za-z0-9_-]{16,}"  # a key
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"  # a token
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"  # user and password of an address
    r"|(?<=access_token=)[^\s&\"']+"
    r"|(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}"
)
_PLAIN = "%(asctime)s %(levelname)-7s %(message)s [%(name)s %(request_id)s]"


def log_config(settings: Settings, file: Path, *, console: bool = True) -> dict[str, Any]:
    """For `logging.config.dictConfig`, and for `uvicorn.run(log_config=…, access_log=False)`: the requests are logged
    by ALMA. `file` is made when there is something to write."""
    level = "DEBUG" if settings.debug else settings.log_level
    common = {"formatter": settings.log_format, "filters": ["context"]}
    handlers: dict[str, Any] = {
        "file": {
            **common,
            "()": "alma.api.logs.LogFile",
            "filename": str(file),
            "maxBytes": settings.log_max_bytes,
            "backupCount": settings.log_files,
            "delay": True,
            "encoding": "utf-8",
        }
    }
    if console:
        handlers["console"] = {
            **common,
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "alma.middleware.request_id.WithRequestId"}},
        "formatters": {
            "text": {"()": "alma.api.logs.Lines"},
            "json": {"()": "alma.api.logs.JsonLines"},
        },
        "handlers": handlers,
        "root": {"level": "WARNING", "handlers": sorted(handlers)},
        "loggers": {
            "alma": {"level": level},
            "uvicorn": {"level": "WARNING"},
            "uvicorn.error": {"level": "INFO" if settings.debug else "WARNING"},
            "uvicorn.access": {"level": "CRITICAL"},
        },
    }


class LogFile(RotatingFileHandler):
    """The file in the data directory. One that can't be written to, such as on a full disk, is said once to be so,
    until it can be again: the lines are on the terminal, too, and a traceback for each helps nobody."""

    _broken = False
    _why: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self._broken, before = False, self._broken
        super().emit(record)
        if self._broken and not before:
            _say(f"{self.baseFilename} can't be written: {self._why}; its lines are lost")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """What went wrong with a line: the disk, or the line itself."""
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self._broken, self._why = True, error.strerror


def _say(text: str) -> None:
    # A terminal that is gone as well has nobody before it.
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")


def scrubbed(text: str) -> str:
    """The text without what looks like a credential."""
    return _CREDENTIALS.sub(_HIDDEN, text)


class Lines(logging.Formatter):
    """For people. A message is one line, whatever was in it; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__(_PLAIN, "%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """The line, with who called and the trace where they are known."""
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        line = super().formatMessage(record)
        more = [f"{name} {value}" for name, value in _known(record)]
        return f"{line[:-1]} {' '.join(more)}]" if more else line

    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))


class JsonLines(logging.Formatter):
    """For machines: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
            "request_id": getattr(record, "request_id", "-"),
            **dict(_known(record)),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def _known(record: logging.LogRecord) -> list[tuple[str, str]]:
    found = ((name, getattr(record, name, None)) for name in ("principal", "trace_id"))
    return [(name, value) for name, value in found if value]
