"""Standard output is for the answer: a script must be able to trust what comes out of it."""

from __future__ import annotations

import json

import pytest
from rich.text import Text

from alma.cli.errors import CliError, ExitCode
from alma.cli.render.tables import table
from alma.cli.terminal import Terminal


def test_people_are_answered_on_standard_output_and_noted_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    term = Terminal()
    term.say("answer")
    term.note("aside")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("answer\n", "aside\n")


def test_with_json_standard_output_has_the_document_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    term = Terminal(as_json=True)
    term.say("for people")
    term.answer({"name": "Zoë"})
    told = capsys.readouterr()
    assert json.loads(told.out) == {"name": "Zoë"}
    assert told.err == "for people\n"


def test_lines_in_a_pipe_are_neither_broken_nor_filled_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    term = Terminal()
    term.say(Text("word " * 100))
    term.say(table(["A", "B"], [("1", "2"), ("long one", "")]))
    lines = capsys.readouterr().out.splitlines()
    assert lines == [("word " * 100).rstrip(), "A         B", "1         2", "long one"]


def test_an_error_in_a_pipe_is_not_broken_either(capsys: pytest.CaptureFixture[str]) -> None:
    long = ("word " * 100).rstrip()
    Terminal().fail(CliError(long, items=[f"item {long}"], hint=f"hint {long}"))
    assert capsys.readouterr().err.splitlines() == [
        f"error: {long}",
        f"  - item {long}",
        f"  hint: hint {long}",
    ]


def test_a_wide_table_in_a_pipe_keeps_each_row_on_its_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Terminal().say(table(["A", "B"], [("1", "word " * 100)]))
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_pipe_gets_no_colours_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().say(Text("plain", style="bold red"), "[bold]kept[/bold] :smile:")
    assert capsys.readouterr().out == "plain\n[bold]kept[/bold] :smile:\n"


def test_a_question_nobody_can_answer_is_an_error_with_the_way_around() -> None:
    with pytest.raises(CliError) as refused:
        Terminal().confirm("Deploy?")
    assert refused.value.exit_code is ExitCode.INVALID
    assert "--yes" in str(refused.value.hint)
