"""Files go into a folder all together or not at all, and nothing that is there is written over unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma.cli.errors import CliError
from alma.cli.files import check_free, write_files

FILES = [
    {"path": "compose.yaml", "content": "services: {}\n", "mode": "0644"},
    {"path": "files/db/init.sh", "content": "#!/bin/sh\n", "mode": "0755"},
]


def test_each_file_gets_its_content_and_its_permissions(tmp_path: Path) -> None:
    write_files(tmp_path / "shop", FILES)
    made = tmp_path / "shop"
    assert (made / "compose.yaml").read_text() == "services: {}\n"
    assert (made / "files/db/init.sh").stat().st_mode & 0o777 == 0o755


def test_a_file_that_is_there_stops_all_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("mine")
    with pytest.raises(CliError, match=r"compose\.yaml is there already") as refused:
        check_free(tmp_path, FILES, force=False)
    assert "--force" in (refused.value.hint or "")
    check_free(tmp_path, FILES, force=True)


def test_several_files_that_are_there_are_all_named(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    with pytest.raises(CliError, match="2 files are there already") as refused:
        check_free(tmp_path, FILES, force=False)
    assert len(refused.value.items) == 2


@pytest.mark.parametrize("path", ["../outside", "/etc/outside", "a/../../outside"])
def test_nothing_leaves_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(CliError, match="outside of"):
        check_free(tmp_path / "in", [{"path": path, "content": "", "mode": "0644"}], force=True)


def test_a_folder_that_can_t_be_made_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file where the folder should be")
    with pytest.raises(CliError, match="can't be written") as refused:
        write_files(tmp_path / "shop", FILES)
    assert str(tmp_path / "shop") in refused.value.message
