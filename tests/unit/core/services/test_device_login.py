"""A device is signed in by whoever enters its code, and by nobody who guesses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.errors import (
    DeviceLoginError,
    Forbidden,
    NotFound,
    RateLimited,
)
from alma.core.model.pending import new_user_code, read_user_code
from alma.core.model.principal import LOCAL, Principal, PrincipalKind, Source
from tests.unit.core.services.signing import HERE, Door, open_door, person


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = open_door(tmp_path)
    made.account("ada")
    yield made
    made.database.close()


def why(door: Door, device_code: str) -> str:
    """Why the device gets no tokens."""
    with pytest.raises(DeviceLoginError) as told:
        door.device.poll(device_code, HERE)
    return str(told.value.details["error"])


def guess_until_slowed(door: Door, guesser: Principal) -> None:
    """Tries codes until it has to wait."""
    for _ in range(50):
        try:
            door.device.look(guesser, new_user_code())
        except NotFound:
            continue
        except RateLimited:
            return
    pytest.fail("nobody slowed it")


def test_ending_all_sign_ins_ends_also_the_one_that_a_device_has_not_fetched_yet(
    door: Door,
) -> None:
    """Else whoever had somebody's token for a moment would keep a foot in the door over a new password."""
    codes = door.device.begin("thief", HERE)
    door.device.answer(person("ada"), codes.user_code, allowed=True)
    door.signing_in.sign_out_everywhere(person("ada"))
    assert why(door, codes.device_code) == "access_denied"


def test_a_device_that_was_allowed_is_the_person_who_allowed_it(door: Door) -> None:
    codes = door.device.begin("alma on laptop", HERE)
    assert why(door, codes.device_code) == "authorization_pending"
    door.device.answer(person("ada"), codes.user_code, allowed=True)

    signed_in = door.device.poll(codes.device_code, HERE)

    assert signed_in.account.id == "user:ada"
    assert door.tokens.read(signed_in.access_token).subject == "user:ada"
    assert signed_in.refresh_token is not None


def test_its_tokens_are_given_out_once(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    door.device.answer(person("ada"), codes.user_code, allowed=True)
    door.device.poll(codes.device_code, HERE)
    assert why(door, codes.device_code) == "invalid_grant"


def test_a_device_that_was_refused_is_told_so(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    door.device.answer(person("ada"), codes.user_code, allowed=False)
    assert why(door, codes.device_code) == "access_denied"


def test_a_decision_stands(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    door.device.answer(person("ada"), codes.user_code, allowed=False)
    with pytest.raises(NotFound):
        door.device.answer(person("ada"), codes.user_code, allowed=True)


def test_codes_end_after_ten_minutes(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    door.clock.pass_by(codes.expires_in)
    assert why(door, codes.device_code) == "expired_token"
    with pytest.raises(NotFound):
        door.device.answer(person("ada"), codes.user_code, allowed=True)


def test_a_code_that_was_allowed_too_late_to_be_fetched_gives_nothing(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    door.device.answer(person("ada"), codes.user_code, allowed=True)
    door.clock.pass_by(codes.expires_in)
    assert why(door, codes.device_code) == "expired_token"


def test_a_device_that_asks_too_often_is_told_to_slow_down_each_time_more(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    assert why(door, codes.device_code) == "authorization_pending"
    door.clock.pass_by(codes.interval - 1)
    assert why(door, codes.device_code) == "slow_down"
    door.clock.pass_by(codes.interval + 1)
    assert why(door, codes.device_code) == "slow_down"
    door.clock.pass_by(codes.interval + 10)
    assert why(door, codes.device_code) == "authorization_pending"


def test_a_device_that_asks_at_its_interval_is_never_slowed(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    for _ in range(20):
        assert why(door, codes.device_code) == "authorization_pending"
        door.clock.pass_by(codes.interval)


def test_whoever_decides_sees_what_asks(door: Door) -> None:
    codes = door.device.begin("alma on <laptop>\n\x1b[31m", HERE)
    asked = door.device.look(person("ada"), codes.user_code.lower().replace("-", " "))
    assert (asked.client, asked.address) == ("alma on <laptop>[31m", "192.0.2.7")
    assert asked.user_code == codes.user_code


def test_only_a_person_allows_a_device(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    key = Principal(id="key:1", kind=PrincipalKind.KEY)
    for caller in (LOCAL, key):
        with pytest.raises(Forbidden, match="no person"):
            door.device.answer(caller, codes.user_code, allowed=True)


def test_an_account_that_was_disabled_meanwhile_gets_nothing(door: Door) -> None:
    codes = door.device.begin("alma", HERE)
    door.device.answer(person("ada"), codes.user_code, allowed=True)
    with door.database.write() as transaction:
        account = transaction.accounts.find("user:ada")
        assert account is not None
        transaction.accounts.change(account.model_copy(update={"disabled_at": door.clock.now()}))
    assert why(door, codes.device_code) == "access_denied"


class TestGuessing:
    def test_a_person_who_guesses_codes_has_to_wait(self, door: Door) -> None:
        guess_until_slowed(door, person("ada"))
        codes = door.device.begin("alma", HERE)
        with pytest.raises(RateLimited) as told:
            door.device.look(person("ada"), codes.user_code)
        assert told.value.retry_after > 0

    def test_fewer_than_a_hundred_guesses_fit_into_the_life_of_a_code(self, door: Door) -> None:
        guesses = 0
        ends = door.clock.now().timestamp() + 600
        while door.clock.now().timestamp() < ends:
            try:
                door.device.look(person("ada"), new_user_code())
            except NotFound:
                guesses += 1
            except RateLimited as slowed:
                door.clock.pass_by(math.ceil(slowed.retry_after))
        assert 5 <= guesses < 100

    def test_other_people_do_not_wait_for_it(self, door: Door) -> None:
        codes = door.device.begin("alma", HERE)
        guess_until_slowed(door, person("eve", "198.51.100.1"))
        assert door.device.look(person("ada"), codes.user_code).user_code == codes.user_code

    @pytest.mark.parametrize("text", ["", "x", "BCDF-GHJ1", "' OR 1=1 --", "B" * 10_000, "\x00"])
    def test_what_can_not_be_a_code_is_no_code(self, door: Door, text: str) -> None:
        with pytest.raises(NotFound):
            door.device.look(person("ada"), text)

    def test_only_so_many_devices_wait_at_once(
        self, door: Door, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("alma.core.services.device_login._MOST", 3)
        for _ in range(3):
            door.device.begin("alma", HERE)
        with pytest.raises(RateLimited):
            door.device.begin("alma", HERE)
        door.clock.pass_by(601)
        assert door.device.begin("alma", HERE).user_code
        assert door.rows() == 1


class TestCodes:
    def test_codes_have_no_letters_that_look_alike_and_make_no_words(self) -> None:
        letters = {letter for _ in range(500) for letter in new_user_code() if letter != "-"}
        assert not letters & set("AEIOUY0123456789")
        assert len(letters) == 20

    @pytest.mark.parametrize(
        "typed", ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "b-c-d-f-g-h-j-k", "BCDF–GHJK"]
    )
    def test_a_code_is_read_however_it_was_typed(self, typed: str) -> None:
        assert read_user_code(typed) == "BCDF-GHJK"

    def test_reading_the_table_opens_nothing(self, door: Door) -> None:
        codes = door.device.begin("alma on laptop", HERE)
        with door.database.read() as transaction:
            rows = transaction.connection.exec_driver_sql("SELECT * FROM pending_login").all()
        kept = repr(rows)
        assert codes.user_code in kept
        assert codes.device_code not in kept
        assert "laptop" not in kept


def begun(door: Door, address: str | None) -> int:
    """How many devices may wait that ask from there, beside those that wait already."""
    for number in range(2_000):
        try:
            door.device.begin("alma", Source(address=address))
        except RateLimited:
            return number
    pytest.fail("nothing bounds how many wait")


def test_one_address_does_not_keep_the_devices_of_others_out(door: Door) -> None:
    assert begun(door, "192.0.2.1") < 100
    assert door.device.begin("alma", Source(address="192.0.2.2")).user_code


def test_whoever_has_a_network_of_addresses_has_one_share(door: Door) -> None:
    begun(door, "2001:db8::1")
    assert begun(door, "2001:db8::ffff") == 0
    assert begun(door, "2001:db8:0:1::1") > 0


def test_the_share_of_an_address_is_free_again_when_its_devices_were_let_in(door: Door) -> None:
    codes = door.device.begin("alma", Source(address="192.0.2.1"))
    begun(door, "192.0.2.1")
    door.device.answer(person("ada"), codes.user_code, allowed=True)
    door.device.poll(codes.device_code, HERE)
    assert begun(door, "192.0.2.1") == 1


def test_all_addresses_together_are_bounded_too(door: Door) -> None:
    shares = [begun(door, f"192.0.2.{number}") for number in range(1, 40)]
    assert sum(shares) == 1000
    assert shares[-1] == 0
