"""A server takes as many descriptors as it may: each who watches needs one."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: a limit that was lowered can't be raised again by everybody.
_LIMITED = """
import resource
from alma.cli.descriptors import raise_limit
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
raise_limit({wanted})
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def limits(*, soft: int, hard: int, wanted: int) -> str:
    code = _LIMITED.format(soft=soft, hard=hard, wanted=wanted)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_soft_limit_is_raised_to_what_is_enough() -> None:
    assert limits(soft=256, hard=900, wanted=512) == "(512, 900)"


def test_it_is_raised_no_further_than_the_system_allows() -> None:
    assert limits(soft=256, hard=900, wanted=65_536) == "(900, 900)"


def test_it_is_never_lowered() -> None:
    assert limits(soft=700, hard=900, wanted=512) == "(700, 900)"
