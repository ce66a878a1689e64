"""What the server says in the terminal: starts, stops and one line for each answer; libraries only when they warn."""

from __future__ import annotations

from typing import Any


def log_config(*, debug: bool = False) -> dict[str, Any]:
    """For `uvicorn.run(log_config=…, access_log=False)`: the requests are logged by ALMA, with their ids."""
    level = "DEBUG" if debug else "INFO"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "alma.middleware.request_id.WithRequestId"}},
        "formatters": {
            "line": {
                "format": "%(asctime)s %(levelname)-7s %(message)s [%(name)s %(request_id)s]",
                "datefmt": "%Y-%m-%d %H:%M:%S",
            }
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request_id"],
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "WARNING", "handlers": ["console"]},
        "loggers": {
            "alma": {"level": level},
            "uvicorn": {"level": "WARNING"},
            "uvicorn.error": {"level": "INFO" if debug else "WARNING"},
            "uvicorn.access": {"level": "CRITICAL"},
        },
    }
