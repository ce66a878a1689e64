"""Desired and observed become a plan: pure functions, the same plan for the same inputs, no I/O."""
