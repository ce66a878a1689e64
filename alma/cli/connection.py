"""What `alma engines configure` was told, as an engine's settings. Secrets are asked for or read from standard input: a
command line is seen by others and kept in histories."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from alma.cli.errors import CliError, ExitCode

if TYPE_CHECKING:
    from alma.cli.terminal import Terminal


# Of all engines there are: which of its settings are secret, only a server knows.
_SECRETS = frozenset({"token", "password", "totp", "secret", "api_key", "key", "kubeconfig_text"})
# A secret of such a name is a whole file.
_TEXT = "_text"


def settings_of(options: Mapping[str, Any], pairs: Iterable[str]) -> dict[str, Any]:
    """The options that were given, and `NAME=VALUE` pairs. Raises CliError for what is no pair, and for a secret."""
    given = {name: value for name, value in options.items() if value}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise _invalid(f"'{pair}' is no setting", "write it as NAME=VALUE")
        setting = name.strip().replace("-", "_")
        if setting in _SECRETS:
            raise _invalid(
                f"'{setting}' does not belong on the command line",
                f"give --secret {setting} instead; it is asked for",
            )
        given[setting] = value
    return given


def asked(
    terminal: Terminal, *, token_id: str | None, names: Sequence[str], stdin: bool
) -> dict[str, str]:
    """The secrets, each asked for in turn. A token is its id and its secret in one. Raises CliError when one is
    missing."""
    if token_id and "=" in token_id:
        raise _invalid(
            "a token's secret does not belong on the command line",
            "give --token-id only what stands before the '='; its secret is asked for",
        )
    wanted = [*(["token"] if token_id else []), *names]
    answers = _lines(wanted) if stdin else [_answer(terminal, name) for name in wanted]
    found = dict(zip(wanted, answers, strict=True))
    if token_id:
        found["token"] = f"{token_id}={found['token']}"
    return found


def password(terminal: Terminal, question: str, *, stdin: bool, twice: bool = False) -> str:
    """A password, asked for or the next line of standard input. `twice`: a new one, which nobody can see. Raises
    CliError for an empty one, and for two that differ."""
    if stdin:
        answer = sys.stdin.readline().strip()
    else:
        answer = terminal.secret(question, option="--password-stdin")
        if twice and answer and terminal.secret("once more") != answer:
            raise _invalid("the two passwords differ", "nothing was changed; start again")
    if not answer:
        raise _invalid(f"the {question} is empty", "nothing was changed; start again")
    return answer


def _answer(terminal: Terminal, name: str) -> str:
    question = "secret of the token" if name == "token" else name.replace("_", " ")
    answer = terminal.secret(question)
    if not answer:
        raise _invalid(f"the {question} is empty", "nothing was saved; start again")
    return answer


def _lines(wanted: Sequence[str]) -> list[str]:
    if len(wanted) == 1 and wanted[0].endswith(_TEXT) and (text := sys.stdin.read().strip()):
        return [text]
    lines = [line.strip() for line in sys.stdin.read().splitlines() if line.strip()]
    if len(lines) != len(wanted):
        raise _invalid(
            f"standard input has {len(lines)} lines, and {len(wanted)} secrets are wanted",
            f"in this order: {', '.join(wanted)}" if wanted else "leave out --secret-stdin",
        )
    return lines


def _invalid(message: str, hint: str) -> CliError:
    return CliError(message, hint=hint, code="invalid_input", exit_code=ExitCode.INVALID)
