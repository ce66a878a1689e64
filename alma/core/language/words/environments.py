"""What environments are called, in names and in what is said of them."""

from __future__ import annotations

_CALLED = {
    "production": ("production", "prod", "prd", "live"), "staging": ("staging", "stage", "stg"),
    "test": ("test", "testing", "tst"), "development": ("development", "dev"), "qa": ("qa",), "uat": ("uat",),
    "demo": ("demo",), "preview": ("preview",),
}  # fmt: skip

ENVIRONMENT_WORDS = {word: kind for kind, words in _CALLED.items() for word in words}
"""Every word for an environment, with the one that it is."""
