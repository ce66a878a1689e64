"""What clients of test servers have in common."""

import httpx

ALL_KEPT = httpx.Limits(max_connections=100, max_keepalive_connections=None)
"""For a client that threads share: while one takes an idle connection, another closes what is more than may be kept."""
