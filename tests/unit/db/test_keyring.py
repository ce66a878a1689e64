import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from alma.core.model.errors import InvalidInput, SecretUnreadable
from alma.db.keyring import KEY_FILE, Keyring

PLACE = ("secret", "stack-1", "db-1.password", "value")


def key(fill: int = 7) -> str:
    return base64.b64encode(bytes([fill]) * 32).decode()


def test_what_was_encrypted_is_decrypted_and_never_twice_the_same_text() -> None:
    keyring = Keyring.of(key())

    stored = [keyring.encrypt("hunter2 ü", PLACE) for _ in range(2)]

    assert stored[0] != stored[1]
    assert [keyring.decrypt(text, PLACE) for text in stored] == ["hunter2 ü"] * 2


def test_a_new_key_encrypts_and_the_old_one_still_decrypts() -> None:
    old, both, new = Keyring.of(key(1)), Keyring.of(f"{key(2)},{key(1)}"), Keyring.of(key(2))

    assert both.decrypt(old.encrypt("before", PLACE), PLACE) == "before"
    assert new.decrypt(both.encrypt("after", PLACE), PLACE) == "after"
    with pytest.raises(SecretUnreadable):
        old.decrypt(both.encrypt("after", PLACE), PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("secret", "stack-2", "db-1.password", "value"),
        ("secret", "stack-1", "db-2.password", "value"),
        ("secret", "stack-1db-1.password", "", "value"),
    ],
)
def test_a_text_is_bound_to_its_place(elsewhere: tuple[str, ...]) -> None:
    keyring = Keyring.of(key())

    with pytest.raises(SecretUnreadable, match="damaged"):
        keyring.decrypt(keyring.encrypt("hunter2", PLACE), elsewhere)


def test_neither_a_keyring_nor_its_errors_show_a_key() -> None:
    keyring = Keyring.of(key())

    with pytest.raises(SecretUnreadable) as caught:
        Keyring.of(key(8)).decrypt(keyring.encrypt("hunter2", PLACE), PLACE)

    shown = f"{keyring!r} {caught.value.message} {caught.value.hint} {caught.value.details}"
    assert key() not in shown
    assert key(8) not in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize("text", ["c2hvcnQ=", "not base64!", ",", f"{key()},", "ü" * 44, " "])
def test_a_key_that_is_none_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidInput, match="secret key") as caught:
        Keyring.of(text)

    assert text.strip(", ") not in caught.value.message or not text.strip(", ")
    assert "ALMA_SECRET_KEY" in (caught.value.hint or "")


def test_a_given_key_needs_no_file(tmp_path: Path) -> None:
    keyring = Keyring.open(tmp_path, key())

    assert repr(keyring) == repr(Keyring.of(key()))
    assert list(tmp_path.iterdir()) == []


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"

    first = Keyring.open(home)

    assert repr(Keyring.open(home)) == repr(first)
    assert [path.name for path in home.iterdir()] == [KEY_FILE]
    assert stat.S_IMODE((home / KEY_FILE).stat().st_mode) == 0o600


def test_all_who_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keyrings = list(pool.map(Keyring.open, [tmp_path] * 16))

    assert len({repr(keyring) for keyring in keyrings}) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    Keyring.open(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)

    with pytest.raises(InvalidInput, match="can be read by others") as caught:
        Keyring.open(tmp_path)

    assert f"chmod 600 {tmp_path / KEY_FILE}" in (caught.value.hint or "")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"bm90IHRoaXJ0eS10d28="])
def test_a_damaged_key_file_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / KEY_FILE
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(InvalidInput):
        Keyring.open(tmp_path)

    assert path.read_bytes() == content


def test_a_directory_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    home = tmp_path / "file"
    home.write_text("in the way")

    with pytest.raises(InvalidInput, match="can't be used") as caught:
        Keyring.open(home)

    assert os.fspath(home) in caught.value.message


def test_what_is_derived_differs_by_purpose_and_key_and_tells_the_key_to_nobody() -> None:
    def derive(number: int, purpose: str) -> bytes:
        (found,) = Keyring.of(key(number)).derived_by_id(purpose).values()
        return found

    assert derive(7, "pepper") == derive(7, "pepper")
    made = {derive(7, "pepper"), derive(7, "tokens"), derive(8, "pepper")}
    assert len(made) == 3
    assert bytes([7]) * 32 not in made
    assert {len(value) for value in made} == {32}


def test_what_an_earlier_key_derived_is_still_at_hand_after_the_current_one() -> None:
    both = Keyring.of(f"{key(2)},{key(1)}")

    alone = [Keyring.of(key(number)).derived_by_id("pepper") for number in (2, 1)]
    assert list(both.derived_by_id("pepper").items()) == [*alone[0].items(), *alone[1].items()]
