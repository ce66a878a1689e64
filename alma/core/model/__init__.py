"""The nouns and their legal transitions: pure, frozen, no I/O. Everything else in ALMA speaks in these."""
