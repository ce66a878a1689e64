"""Takes as many descriptors as the system lets this process have: everybody who watches needs one.

Linux starts most processes with a soft limit of 1,024, which is for the sake of programs that call `select`, and leaves
it to all others to raise it to the hard one.
"""

from __future__ import annotations

from contextlib import suppress

# More than ALMA ever uses. Some systems allow a thousand million, and what walks through all of them takes for ever.
ENOUGH = 65_536


def raise_limit(wanted: int = ENOUGH) -> None:
    """Raises the soft limit, up to the hard one. Never lowers it; where it can't be raised, it stays."""
    try:
        import resource
    except ImportError:  # no such limit on this system
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
