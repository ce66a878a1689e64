"""Keys can be told apart, checked and never read back."""

import pytest

from alma.core.model.credential import KEY, LONGEST, REFRESH, Credential, Peppers

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_key_names_its_row_and_is_new_each_time() -> None:
    first, second = Credential.make(KEY), Credential.make(KEY)
    assert first.text.startswith(f"alma_{first.id}_")
    assert first.id != second.id
    assert Credential.read(first.text) == first


def test_a_secret_has_256_bits() -> None:
    assert len(bytes.fromhex(Credential.make(REFRESH).text.split("_")[2])) == 32


def test_its_text_form_shows_no_secret() -> None:
    made = Credential.make(KEY)
    assert made.text.split("_")[2] not in repr(made)


@pytest.mark.parametrize(
    "text",
    ["", "alma", "alma_abcd", "alma_abcd_", "beta_abcdef_" + "a" * 64, "alma_AB_" + "a" * 64,
     "alma_abcdef_" + "a" * LONGEST, "alma_abcdef_" + "a" * 64 + "\n", "eyJhbGciOiJIUzI1NiJ9.e30.x"],
)  # fmt: skip
def test_what_is_no_key_is_not_read(text: str) -> None:
    assert Credential.read(text) is None


def test_a_hash_matches_its_own_text_only() -> None:
    peppers = Peppers([NEW])
    stored = peppers.hash("alma_a_b")
    assert peppers.matches(stored, "alma_a_b")
    assert not peppers.matches(stored, "alma_a_c")
    assert not peppers.matches("", "alma_a_b")
    assert not peppers.matches("00000000:" + stored[9:], "alma_a_b")


def test_another_pepper_makes_another_hash() -> None:
    assert Peppers([NEW]).hash("x") != Peppers([OLD]).hash("x")
    assert not Peppers([NEW]).matches(Peppers([OLD]).hash("x"), "x")


def test_what_an_earlier_pepper_made_holds_and_is_told_to_be_old() -> None:
    stored, both = Peppers([OLD]).hash("x"), Peppers([NEW, OLD])
    assert both.matches(stored, "x")
    assert not both.is_current(stored)
    assert both.is_current(both.hash("x"))


def test_text_that_is_no_unicode_is_only_wrong() -> None:
    assert not Peppers([NEW]).matches("x", "\ud800")
