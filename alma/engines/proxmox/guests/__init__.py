"""Guests on their way: made, changed, replaced and removed, so that an attempt that dies at any point leaves something
that the next one recognises and completes."""
