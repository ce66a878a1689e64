"""Forgets how runs went that ended long ago, so that the database does not grow with every message and deployment.

The workflow engine keeps the answer of each step for whoever takes a run up again. Nobody takes up one that has ended,
and what people ask about it, its log and its answer, is in ALMA's own tables, which are left alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from dbos import DBOS

FORGET_SECONDS = 3600.0
# So many in one transaction: others write between two of them.
_AT_ONCE = 500

logger = logging.getLogger(__name__)


async def forget_ended(before: datetime, *, names: Sequence[str], statuses: Collection[str]) -> int:
    """Removes the workflows of those names that ended in one of the statuses before that moment, with all their steps.
    Returns how many. One that has not ended is never touched, however old it is."""
    forgotten = 0
    while True:
        found = await DBOS.list_workflows_async(
            name=list(names),
            status=sorted(statuses),
            completed_before=before.isoformat(),
            limit=_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if not found:
            return forgotten
        await DBOS.delete_workflows_async([workflow.workflow_id for workflow in found])
        forgotten += len(found)


async def forget_again_and_again(
    kept: timedelta, *, names: Sequence[str], statuses: Collection[str]
) -> None:
    """At once and then every hour: what ended longer ago than `kept`."""
    while True:
        try:
            before = datetime.now(UTC) - kept
            forgotten = await forget_ended(before, names=names, statuses=statuses)
        except Exception:
            # The workflow engine's own errors, or a database that is away: the next round tries again.
            logger.exception("forgetting the runs that ended long ago failed")
        else:
            if forgotten:
                logger.info("forgot %d runs that ended before %s", forgotten, before.isoformat())
        await asyncio.sleep(FORGET_SECONDS)
