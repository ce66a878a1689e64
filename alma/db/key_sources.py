"""Where the master keys come from: a file in the data directory, or a command such as a vault's own."""

from __future__ import annotations

import base64
import binascii
import os
import shlex
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from alma.core.model.errors import InvalidInput

KEY_FILE = "secret.key"
KEY_BYTES = 32
KEY_HINT = (
    "ALMA_SECRET_KEY is 32 random bytes in base64, such as `openssl rand -base64 32` prints; "
    "several are separated by commas, the current one first"
)
COMMAND_SECONDS = 30.0
_COMMAND_AGAIN_SECONDS = 60.0
_MOST_OUTPUT = 10_000


class KeySource(Protocol):
    """Something that keys can be read from, again and again."""

    def read(self) -> str:
        """Base64 keys, separated by commas, the current one first. Raises InvalidInput."""


class KeyFile:
    """A file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> str:
        """Makes the file if there is none yet."""
        if not self._path.exists():
            _create(self._path)
        return _read(self._path)

    def extend(self) -> None:
        """Puts a new key before the others. Whole or not at all: the file never lacks a key that it had. On the disk
        before it returns: what is sealed under a key must not outlive it."""
        try:
            with _alone(self._path.parent):
                with _draft(self._path, f"{_new_key()},{self.read().strip()}") as draft:
                    draft.replace(self._path)
                _keep(self._path.parent)
        except OSError as error:
            raise _file_trouble(self._path, error) from error


class KeyCommand:
    """A command that prints the keys. What it prints is told to nobody, whether it fails or not."""

    def __init__(self, command: str, *, seconds: float = COMMAND_SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._printed: str | None = None
        self._read_at = 0.0

    def read(self) -> str:
        """Runs it; again only after a minute, however often it is asked: a vault is not to be flooded."""
        now = time.monotonic()
        if self._printed is None or now - self._read_at >= _COMMAND_AGAIN_SECONDS:
            self._printed, self._read_at = self._run(), now
        return self._printed

    def _run(self) -> str:
        try:
            done = subprocess.run(
                shlex.split(self._command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _command_trouble(f"did not end within {self._seconds:g} seconds") from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it can't be read"
            raise _command_trouble(f"can't be run: {reason}") from None
        if done.returncode:
            raise _command_trouble(f"failed with exit status {done.returncode}")
        try:
            return done.stdout[:_MOST_OUTPUT].decode("ascii")
        except UnicodeDecodeError:
            raise _command_trouble("printed no key") from None


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Lets others wait who are about to change a file there in the same way."""
    import fcntl

    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def decoded(text: str) -> bytes:
    """The bytes of one key. Raises InvalidInput, which does not repeat the text."""
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("a secret key is not base64", hint=KEY_HINT) from None


def _new_key() -> str:
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def _create(path: Path) -> None:
    """Makes the key file whole or not at all. Who comes second keeps the first one's."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Readable by its owner alone from its first moment on, and in place only once it is complete.
        with _draft(path, _new_key()) as draft:
            os.link(draft, path)
        _keep(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise _file_trouble(path, error) from error


@contextmanager
def _draft(path: Path, keys: str) -> Iterator[Path]:
    """A complete file beside that one, on the disk. Whatever happens, no copy of the keys is left behind."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        made = Path(draft.name)
        try:
            draft.write(keys.encode() + b"\n")
            draft.flush()
            os.fsync(draft.fileno())
            yield made
        finally:
            made.unlink(missing_ok=True)


def _keep(directory: Path) -> None:
    """Brings the names in a directory to the disk: a file that is there may still be gone after a loss of power."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> str:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise InvalidInput(
                f"the secret key in {path} can be read by others",
                hint=f"chmod 600 {path}; where files have no modes, give the key as ALMA_SECRET_KEY instead",
            )
        return path.read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is no key file", hint=KEY_HINT) from None
    except OSError as error:
        raise _file_trouble(path, error) from error


def _file_trouble(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(
        f"the secret key in {path} can't be used: {error.strerror}",
        hint="make the data directory writable, or give the key as ALMA_SECRET_KEY",
    )


def _command_trouble(what: str) -> InvalidInput:
    return InvalidInput(
        f"the command that gives the secret key {what}",
        hint="run ALMA_SECRET_KEY_COMMAND by hand, as the user that ALMA runs as: it has to print the key in base64",
    )
