"""Records the README's picture: a real session in a real terminal, on a real Docker Engine.

    .venv/bin/python docs/images/record.py        (needs tmux and Docker; writes tour.svg beside this file)

A picture that is typed by hand drifts away from the program; this one can be taken again at any time.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS, ROWS = 112, 200
HERE = Path(__file__).parent
NAME = "shop"
SESSION = f"alma-tour-{uuid.uuid4().hex[:8]}"
SAY = "I need a simple web application with 2 servers and a database"


def tmux(*arguments: str) -> str:
    done = subprocess.run(["tmux", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


def screen(*options: str) -> str:
    return tmux("capture-pane", "-p", "-t", SESSION, *options)


def type_line(line: str, *, until: str, seconds: float = 120) -> None:
    """Types a line and waits until `until` is the last thing on the screen."""
    tmux("send-keys", "-t", SESSION, "-l", line)
    tmux("send-keys", "-t", SESSION, "Enter")
    deadline = time.monotonic() + seconds
    time.sleep(0.5)
    while not screen().rstrip().endswith(until):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{line!r} did not end: {screen()}")
        time.sleep(0.2)


def record(home: Path) -> str:
    binaries = Path(sys.executable).parent
    shell = f"env -i HOME={home} ALMA_HOME={home}/alma PATH={binaries}:/usr/bin:/bin TERM=xterm-256color"
    shell += " COLORTERM=truecolor PS1='\\[\\e[1;32m\\]$\\[\\e[0m\\] ' bash --norc --noprofile"
    tmux("new-session", "-d", "-s", SESSION, "-x", str(COLUMNS), "-y", str(ROWS), shell)
    try:
        type_line("clear", until="$")
        type_line(f"alma chat {shlex.quote(SAY)}", until="$")
        type_line("alma deploy --blueprint 1 --engine docker", until="[y/N]")
        type_line("y", until="$")
        type_line("alma deploy --blueprint 1 --engine docker", until="$")
        picture = screen("-e").rstrip()
        type_line("alma destroy simple-web-app --volumes --yes", until="$")
        return picture
    finally:
        subprocess.run(["tmux", "kill-session", "-t", SESSION], check=False)


def main() -> None:
    if shutil.which("tmux") is None:
        sys.exit("tmux is needed: apt install tmux")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        picture = record(Path(home))
    lines = [line for line in picture.splitlines() if "--conversation" not in line]
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Text.from_ansi("\n".join(lines[:-1]).rstrip()))
    svg = console.export_svg(title="ALMA")
    # A picture fetches nothing from anywhere: the reader's own monospaced font will do.
    (HERE / "tour.svg").write_text(re.sub(r"\s*@font-face \{[^}]*\}", "", svg))


if __name__ == "__main__":
    main()
