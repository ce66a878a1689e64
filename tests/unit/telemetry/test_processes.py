import multiprocessing
import os
from pathlib import Path

from alma.telemetry.processes import folder_of


def _tell(home: str, pipe) -> None:
    pipe.send((folder_of(Path(home), None), os.getppid()))


def test_a_process_that_is_alone_meets_nobody(tmp_path):
    assert folder_of(tmp_path, None) is None
    assert folder_of(tmp_path, "") is None


def test_the_operator_s_folder_wins(tmp_path):
    assert folder_of(tmp_path, "/run/alma") == Path("/run/alma")


def test_processes_of_one_parent_meet_in_its_folder_and_what_dead_ones_left_goes(tmp_path):
    # No kernel counts its processes that far.
    left = tmp_path / "metrics" / "4194999"
    left.mkdir(parents=True)
    (tmp_path / "metrics" / "notes").mkdir()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    for _ in range(2):
        process = context.Process(target=_tell, args=(str(tmp_path), theirs))
        process.start()
        found, parent = ours.recv()
        process.join()
        assert found == tmp_path / "metrics" / str(parent)
    assert not left.exists()
    assert (tmp_path / "metrics" / "notes").exists()
