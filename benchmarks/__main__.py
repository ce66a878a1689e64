"""Runs the benchmarks one after another: `python -m benchmarks`, or `make bench`.

Each runs in a process of its own, so that none measures what another left behind. The names of some choose them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measuring import Report, arguments, as_markdown, as_text, leave_when_asked

NAMES = (
    "plan",
    "prices",
    "api",
    "access",
    "audit",
    "monitoring",
    "talk",
    "startup",
    "docker_deploy",
    "proxmox",
    "kubernetes",
    "scale",
)
_CASES = Path(__file__).resolve().parent.parent / "tests" / "cases" / "language"


def main() -> int:
    """The command line. The exit code is 0 whatever the figures are; 1 when a benchmark could not be run."""
    leave_when_asked()
    parser = arguments("All benchmarks, one after another.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(NAMES)}")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    names = chosen.names or NAMES
    reports = []
    for report in _reports(names, _passed_on(chosen)):
        reports.append(report)
        if not (chosen.json or chosen.markdown):
            print(as_text(report), end="\n\n", flush=True)
    if chosen.json:
        json.dump([report.as_json() for report in reports], sys.stdout)
        print()
    elif chosen.markdown:
        print(as_markdown(reports))
    elif not chosen.names:
        print(_understanding())
    return 0 if len(reports) == len(names) else 1


def _passed_on(chosen: argparse.Namespace) -> list[str]:
    rounds = ["--rounds", str(chosen.rounds)] if chosen.rounds else []
    return [*(["--quick"] if chosen.quick else []), *rounds]


def _reports(names: Sequence[str], options: Sequence[str]) -> Iterator[Report]:
    """Each benchmark's report as soon as it is there. One that breaks says why by itself, and is left out."""
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            found, _ = process.communicate()
        except BaseException:
            # Interrupted: the script has things to remove, and gets the time for it.
            process.terminate()
            process.wait()
            raise
        if process.returncode == 0:
            yield Report.from_json(json.loads(found))


def _understanding() -> str:
    """How much of what people say is understood: cases, not seconds, so it has a table of its own."""
    if not _CASES.is_dir():
        return "How much of what people say is understood: python -m benchmarks.understanding --cases FOLDER"
    command = [sys.executable, "-m", "benchmarks.understanding", "--cases", str(_CASES), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return "How much of what people say is understood: could not be measured"
    found = json.loads(done.stdout)
    return (
        f"Understanding what people say: {found['passed']} of {found['total']} cases, "
        f"{found['p50_ms']:g} ms a message (p95 {found['p95_ms']:g} ms)"
    )


if __name__ == "__main__":
    sys.exit(main())
