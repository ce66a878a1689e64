"""A conversation in a terminal: a prompt with history, and commands for what words alone must not do."""

from __future__ import annotations

import readline
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from rich.text import Text

from alma.cli.carry_out import Choices, carry_out, runs_already, save
from alma.cli.client import Client
from alma.cli.connect import load_settings
from alma.cli.conversations import resolve
from alma.cli.documents import Document
from alma.cli.errors import CliError
from alma.cli.hearing import Hearing, answer_of
from alma.cli.plan import show_plan
from alma.cli.render.conversation import (
    commands,
    leads_on,
    render_answer,
    render_conversations,
    render_history,
    render_standing,
)
from alma.cli.shapes import Json
from alma.cli.sources import Saved, Source
from alma.cli.terminal import Terminal
from alma.cli.watch import see_through

_PROMPT = "you> "
_HISTORY_LINES = 1000


class Command(NamedTuple):
    """What `/name` does."""

    run: Callable[[str], None]
    help: str


class Conversing:
    """One conversation, from the first prompt to /quit."""

    def __init__(
        self, client: Client, term: Terminal, *, conversation_id: str | None, engine: str | None
    ) -> None:
        self._client = client
        self._term = term
        self._id = conversation_id
        self._engine = engine
        self._blueprint: Json | None = None
        self._number: int | None = None
        self._going = True
        self._leaving = False
        self._commands = {
            "/plan": Command(self._plan, "what deploying the blueprint would change"),
            "/deploy": Command(self._deploy, "plan, ask, deploy (/deploy docker: there)"),
            "/undo": Command(self._undo, "take the last change back"),
            "/show": Command(self._show, "the blueprint as YAML"),
            "/save": Command(self._save, "write it to a file: /save app.yaml"),
            "/graph": Command(self._graph, "where this stands on the way to what runs"),
            "/history": Command(self._history, "what was said"),
            "/list": Command(self._list, "your conversations"),
            "/open": Command(self._open, "go on with another one: /open ID"),
            "/rename": Command(self._rename, "give this one a title: /rename The shop"),
            "/new": Command(self._new, "begin another conversation"),
            "/help": Command(self._help, "this list"),
            "/quit": Command(self._quit, "leave (so does Ctrl-D, or Ctrl-C twice)"),
        }

    def run(self) -> None:
        """Asks and answers until somebody leaves."""
        self._term.say(Text("Say what you need; /help lists commands, /quit leaves.", style="dim"))
        history = _History(load_settings().home / "chat_history")
        if self._id is not None:
            self._take_up(self._id)
        with suppress(EOFError):
            while self._going:
                self._turn()
        history.write()
        if self._id is not None:
            self._term.note(f"go on with: alma chat --conversation {self._id}")

    def _turn(self) -> None:
        try:
            text = input(_PROMPT).strip()
        except KeyboardInterrupt:
            self._term.say("")  # as in a shell: the line is given up, not the conversation
            if self._leaving:
                raise EOFError from None
            self._leaving = True
            self._term.note("Ctrl-C once more leaves")
            return
        self._leaving = False
        try:
            if text.startswith("/"):
                self._command(text)
            elif text:
                self._say(text)
        except CliError as error:
            self._term.fail(error)
        except KeyboardInterrupt:
            self._term.note("stopped")

    def _command(self, text: str) -> None:
        name, _, rest = text.partition(" ")
        matching = [key for key in self._commands if key.startswith(name)]
        if len(matching) != 1 and name not in self._commands:
            raise CliError(f"there is no command {name}", hint="/help lists them")
        self._commands[name if name in self._commands else matching[0]].run(rest.strip())

    def _say(self, text: str) -> None:
        hearing = Hearing(self._client, self._term)
        try:
            answer = answer_of(hearing.hear(text, self._id, engine=self._engine))
        finally:
            self._id = hearing.conversation_id
        self._blueprint = answer.get("blueprint") or self._blueprint
        self._number = answer.get("blueprint_id") or self._number
        own = ("/plan", "/deploy") if leads_on(answer) else ()
        words = not self._term.live
        self._term.say(render_answer(answer, *own, *commands(answer), words=words), "")
        if started := answer.get("deployment_id"):
            see_through(self._client, self._term, started)

    def _source(self) -> Source:
        if self._blueprint is None:
            raise CliError("there is no blueprint yet", hint="say what you need first")
        if self._number is not None:
            return Saved(self._client.blueprint(self._number))
        return Document.of(self._blueprint, source="a conversation")

    def _plan(self, engine: str) -> None:
        show_plan(
            self._client,
            self._term,
            self._source(),
            engine=engine or self._engine,
            pace={},
            exit_code=False,
        )

    def _deploy(self, engine: str) -> None:
        blueprint = save(self._client, self._term, self._source())
        if runs_already(self._client, self._term, blueprint, engine or self._engine):
            return
        ipr = self._client.open_ipr(
            title=f"Deploy {blueprint['name']}",
            description=f"from conversation {self._id}" if self._id else "",
            blueprint_id=blueprint["id"],
            engine=engine or self._engine,
        )
        carry_out(self._client, self._term, ipr, Choices())

    def _yaml(self) -> str:
        from alma.core.model.document import dump_yaml, parse_blueprint

        self._source()
        return dump_yaml(parse_blueprint(self._blueprint))

    def _show(self, rest: str) -> None:
        self._term.raw(self._yaml())

    def _save(self, file: str) -> None:
        if not file:
            raise CliError("there is no file name", hint="write it like /save app.yaml")
        try:
            Path(file).expanduser().write_text(self._yaml(), "utf-8")
        except OSError as error:
            raise CliError(f"{file} can't be written: {error.strerror}") from error
        self._term.note(f"written to {file}; deploy it any time: alma deploy {file}")

    def _undo(self, rest: str) -> None:
        self._say("undo that")

    def _graph(self, rest: str) -> None:
        self._term.say(render_standing(self._client.standing(self._begun())))

    def _history(self, rest: str) -> None:
        self._term.say(render_history(self._client.conversation(self._begun())["turns"]))

    def _list(self, rest: str) -> None:
        self._term.say(render_conversations(self._client.conversations(limit=20)))

    def _open(self, beginning: str) -> None:
        if not beginning:
            raise CliError("there is no id", hint="/list shows them; write it like /open conv-1f3a")
        self._take_up(resolve(self._client, beginning))

    def _rename(self, title: str) -> None:
        if not title:
            raise CliError("there is no title", hint="write it like /rename The shop")
        renamed = self._client.rename_conversation(self._begun(), title)
        self._term.note(f"this is '{renamed['title']}' now")

    def _begun(self) -> str:
        if self._id is None:
            raise CliError("nothing was said yet", hint="say what you need first")
        return self._id

    def _take_up(self, id_: str) -> None:
        """Goes on with a conversation; one that is not there yet is begun under that id."""
        try:
            found = self._client.conversation(id_)
        except CliError as error:
            if error.code != "not_found":
                raise
            found = {"title": None, "turns": []}
        last: Json = next((turn for turn in reversed(found["turns"]) if turn["blueprint"]), {})
        self._id = id_
        self._blueprint, self._number = last.get("blueprint"), last.get("blueprint_id")
        if found["title"]:
            self._term.note(f"going on with '{found['title']}', {len(found['turns'])} messages")

    def _new(self, rest: str) -> None:
        self._id = self._blueprint = self._number = None
        self._term.note("begun another conversation; /list shows the others")

    def _help(self, rest: str) -> None:
        for name, command in self._commands.items():
            self._term.say(Text.assemble((f"  {name:<9} ", "bold"), command.help))

    def _quit(self, rest: str) -> None:
        self._going = False


class _History:
    """What was typed before, for the arrow keys. Not being able to keep it is no reason to complain."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with suppress(OSError):
            readline.read_history_file(file)
        readline.set_history_length(_HISTORY_LINES)

    def write(self) -> None:
        with suppress(OSError):
            self._file.touch(mode=0o600)
            readline.write_history_file(self._file)
