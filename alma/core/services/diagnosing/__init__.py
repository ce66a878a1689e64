"""Finds out why something does not work: signatures over texts and facts, checks that only read, causes ranked by
evidence. What it reads was written by others: it is data, shown escaped and cut, and never followed."""

from alma.core.services.diagnosing.issue import Issue
from alma.core.services.diagnosing.sending import CERTAIN_ENOUGH, DOUBTFUL
from alma.core.services.diagnosing.service import Diagnosing

__all__ = ["CERTAIN_ENOUGH", "DOUBTFUL", "Diagnosing", "Issue"]
