"""Readings weighed against one another: what else a message may say of what is there, and which reading stands."""
