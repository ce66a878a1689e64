"""`python run_server.py` and `tail -f alma.log` beside it, as people type them."""

from pathlib import Path

import pytest

from run_server import link_the_log


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    here, home = tmp_path / "checkout", tmp_path / "home"
    here.mkdir()
    monkeypatch.setenv("ALMA_HOME", str(home))
    return here, home


def test_the_log_of_the_data_directory_is_found_where_the_server_was_started(places) -> None:
    here, home = places
    link_the_log(here)
    (home / "alma.log").write_text("started\n")
    assert (here / "alma.log").read_text() == "started\n"


def test_it_follows_when_the_data_directory_is_another_one(places, monkeypatch) -> None:
    here, home = places
    link_the_log(here)
    monkeypatch.setenv("ALMA_HOME", str(home / "other"))
    link_the_log(here)
    assert (here / "alma.log").readlink() == home / "other" / "alma.log"


def test_a_file_of_somebody_else_is_left_alone(places) -> None:
    here, home = places
    (here / "alma.log").write_text("mine")
    link_the_log(here)
    assert (here / "alma.log").read_text() == "mine"
    assert not home.exists()


def test_settings_that_are_wrong_are_told_by_the_server(places, monkeypatch) -> None:
    here, _ = places
    monkeypatch.setenv("ALMA_API_PORT", "no number")
    link_the_log(here)
    assert list(here.iterdir()) == []
