"""ALMA turns words into infrastructure that is planned, reviewed, deployed, checked and kept true.

Importing this package must stay cheap (the command line starts with it), so nothing is imported
here and the version is looked up only when somebody asks for it.
"""

__all__ = ["__version__"]

__version__: str

TYPE_CHECKING = False  # known to type checkers by its name; importing typing would cost more

if not TYPE_CHECKING:  # else every misspelt attribute would pass as a string

    def __getattr__(name: str) -> str:
        """The installed distribution knows the version: pyproject.toml alone states it."""
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import version

        return version("alma")
