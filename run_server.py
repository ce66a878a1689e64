"""Starts the server on port 8000: `python run_server.py`, the same as `alma serve`.

Leaves a link to the log where it was started, so that `tail -f alma.log` works there.
"""

import sys
from contextlib import suppress
from pathlib import Path

from alma.cli.app import main
from alma.settings import Settings


def link_the_log(here: Path) -> None:
    """The log itself is in the data directory. A file of that name that is somebody else's is left alone."""
    # Settings that are wrong are told by the server, and a folder that can't be written to needs no link.
    with suppress(OSError, ValueError):
        log, link = Settings().home.expanduser().absolute() / "alma.log", here / "alma.log"
        if link.is_symlink() or not link.exists():
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            log.touch(mode=0o600)
            link.unlink(missing_ok=True)
            link.symlink_to(log)


if __name__ == "__main__":
    link_the_log(Path.cwd())
    sys.argv[1:] = ["serve", *sys.argv[1:]]
    main()
