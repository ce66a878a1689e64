"""Passwords become tokens, tokens the next ones, and whatever is shown twice ends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.access import Permission
from alma.core.model.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from alma.core.model.principal import LOCAL, Principal
from alma.core.services.signing_in import Lifetimes, SignedIn
from alma.core.services.slowing import ACCOUNT
from alma.credentials.passwords import Argon2
from tests.people import somebody
from tests.unit.core.services.admitted import AWAY, HOME, PASSWORD, Door, door

NEW = "four other words now"


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Door]:
    with door(tmp_path) as found:
        yield found


async def signed_in(ours: Door, name: str = "ada") -> SignedIn:
    return await ours.signing_in.with_password(name, PASSWORD, HOME)


def refreshed(ours: Door, text: str | None) -> SignedIn:
    return ours.signing_in.refresh(text or "", HOME)


async def who(ours: Door, name: str = "ada") -> Principal:
    found = ours.caller(await ours.token(name))
    assert found is not None
    return found


# ── passwords ──────────────────────────────────────────────────────────────────────────────────


async def test_the_right_password_signs_in(ours: Door) -> None:
    await ours.person()
    found = await signed_in(ours)
    assert found.account.name == "ada"
    assert ours.tokens.read(found.access_token).subject == "user:ada"
    assert found.expires_in == Lifetimes().access.total_seconds()


async def test_a_password_that_is_changed_while_it_is_checked_signs_nobody_in(
    ours: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ours.person()
    check = ours.passwords.matches

    async def slowly(hash_: str | None, password: str) -> bool:
        found = await check(hash_, password)
        monkeypatch.undo()
        await ours.accounts.set_password(LOCAL, "ada", NEW)
        return found

    monkeypatch.setattr(ours.passwords, "matches", slowly)
    with pytest.raises(Unauthenticated, match="ended"):
        await signed_in(ours)


async def test_an_old_hash_that_is_made_anew_does_not_bring_an_old_password_back(
    ours: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ours.person()
    make = ours.passwords.make

    async def slowly(password: str) -> str:
        monkeypatch.undo()
        await ours.accounts.set_password(LOCAL, "ada", NEW)
        return await make(password)

    monkeypatch.setattr(ours.passwords, "is_current", lambda _: False)
    monkeypatch.setattr(ours.passwords, "make", slowly)
    with pytest.raises(Unauthenticated, match="ended"):
        await signed_in(ours)
    assert (await ours.signing_in.with_password("ada", NEW, HOME)).account.name == "ada"


async def test_a_name_is_taken_in_any_case_and_a_password_in_any_composition(ours: Door) -> None:
    await ours.accounts.create(LOCAL, "zoe", password="ma\u00f1ana ma\u00f1ana")
    found = await ours.signing_in.with_password(" Zoe ", "man\u0303ana man\u0303ana", HOME)
    assert found.account.name == "zoe"


@pytest.mark.parametrize("name", ["ada", "nobody", "gone", "provided", "ada'--", "user:ada", ""])
async def test_whatever_is_wrong_the_answer_is_the_same(ours: Door, name: str) -> None:
    await ours.person()
    await ours.person("gone")
    await ours.accounts.create(LOCAL, "provided")
    ours.accounts.disable(LOCAL, "gone")
    password = PASSWORD if name == "gone" else "not the password"
    with pytest.raises(Unauthenticated) as refused:
        await ours.signing_in.with_password(name, password, HOME)
    assert refused.value.message == "the name or the password is wrong"


async def test_a_slow_hash_is_compared_whether_there_is_an_account_or_not(
    ours: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: what takes the time is done once in either case."""
    await ours.person()
    compared: list[bool] = []
    real = Argon2.matches

    async def counted(self: Argon2, hash_: str | None, password: str) -> bool:
        compared.append(hash_ is not None)
        return await real(self, hash_, password)

    monkeypatch.setattr(Argon2, "matches", counted)
    for name in ("ada", "nobody"):
        with pytest.raises(Unauthenticated):
            await ours.signing_in.with_password(name, "not the password", HOME)
    assert compared == [True, False]


async def test_guessing_is_slowed_whether_there_is_an_account_or_not(ours: Door) -> None:
    await ours.person()
    for name in ("ada", "nobody"):
        for _ in range(ACCOUNT.free):
            with pytest.raises(Unauthenticated):
                await ours.signing_in.with_password(name, "not the password", AWAY)
        with pytest.raises(RateLimited) as slowed:
            await ours.signing_in.with_password(name, PASSWORD, AWAY)
        assert slowed.value.retry_after > 0


async def test_the_owner_signs_in_at_home_while_others_guess(ours: Door) -> None:
    await ours.person()
    await signed_in(ours)
    for _ in range(ACCOUNT.free):
        with pytest.raises(Unauthenticated):
            await ours.signing_in.with_password("ada", "not the password", AWAY)
    assert (await signed_in(ours)).account.name == "ada"


async def test_an_old_hash_is_made_anew(ours: Door) -> None:
    await ours.person()
    slower = Argon2()
    ours.signing_in._passwords = slower
    await signed_in(ours)
    with ours.database.read() as transaction:
        assert slower.is_current(transaction.accounts.password("user:ada") or "")
    slower.close()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("eleven char", "fewer than 12"),
        ("x" * 1025, "more than 1024"),
        ("ada.lovelace", "the account's name"),
        ("ADA-lovelace-1815", "the account's name"),
        ("passwordpassword", "first that are tried"),
        ("Password1234", "first that are tried"),
        ("abababababababab", "first that are tried"),
    ],
)
async def test_an_easy_password_is_not_taken_and_not_repeated(
    ours: Door, password: str, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        await ours.accounts.create(LOCAL, "ada.lovelace", password=password)
    assert password not in refused.value.message + str(refused.value.hint)


async def test_a_long_password_needs_no_special_characters(ours: Door) -> None:
    account = await ours.accounts.create(LOCAL, "ada", password="four words of mine")
    assert account.has_password


# ── refreshing ─────────────────────────────────────────────────────────────────────────────────


async def test_a_refresh_token_gets_the_next_ones(ours: Door) -> None:
    await ours.person()
    first = await signed_in(ours)
    second = refreshed(ours, first.refresh_token)
    third = refreshed(ours, second.refresh_token)
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert ours.caller(third.access_token) is not None


async def test_a_used_refresh_token_ends_everything_of_its_account(ours: Door) -> None:
    await ours.person()
    first = await signed_in(ours)
    stolen = refreshed(ours, first.refresh_token)
    ours.clock.advance(60)
    with pytest.raises(Unauthenticated):
        refreshed(ours, first.refresh_token)
    with pytest.raises(Unauthenticated):
        refreshed(ours, stolen.refresh_token)
    with pytest.raises(Unauthenticated):
        ours.caller(stolen.access_token)
    assert (await signed_in(ours)).account.name == "ada"


async def test_a_second_tab_gets_an_access_token_and_no_more(ours: Door) -> None:
    await ours.person()
    first = await signed_in(ours)
    second = refreshed(ours, first.refresh_token)
    tab = refreshed(ours, first.refresh_token)
    assert tab.refresh_token is None
    assert ours.caller(tab.access_token) is not None
    assert refreshed(ours, second.refresh_token).refresh_token is not None


async def test_a_sign_in_ends_with_its_time_however_often_it_was_refreshed(ours: Door) -> None:
    await ours.person()
    found = await signed_in(ours)
    ours.clock.advance(Lifetimes().session.total_seconds() - 60)
    last = refreshed(ours, found.refresh_token)
    assert last.expires_in == 60
    ours.clock.advance(60)
    with pytest.raises(Unauthenticated):
        refreshed(ours, last.refresh_token)


async def test_what_is_no_refresh_token_gets_nothing(ours: Door) -> None:
    await ours.person()
    found = await signed_in(ours)
    text = found.refresh_token or ""
    for wrong in ("", "x", found.access_token, text[:-1], ours.key().text, text + "0"):
        with pytest.raises(Unauthenticated):
            refreshed(ours, wrong)


async def test_signing_out_ends_one_sign_in(ours: Door) -> None:
    await ours.person()
    here, there = await signed_in(ours), await signed_in(ours)
    ours.signing_in.sign_out(here.refresh_token or "")
    ours.signing_in.sign_out("no token at all")
    with pytest.raises(Unauthenticated):
        refreshed(ours, here.refresh_token)
    assert refreshed(ours, there.refresh_token).account.name == "ada"


async def test_signing_out_everywhere_ends_access_tokens_too(ours: Door) -> None:
    await ours.person()
    found = await signed_in(ours)
    ours.signing_in.sign_out_everywhere(await who(ours))
    with pytest.raises(Unauthenticated):
        ours.caller(found.access_token)
    with pytest.raises(Unauthenticated):
        refreshed(ours, found.refresh_token)


# ── accounts ───────────────────────────────────────────────────────────────────────────────────


async def test_only_administrators_look_after_accounts(ours: Door) -> None:
    await ours.person()
    admin_of_a_project = somebody("user:bob")
    with pytest.raises(Forbidden):
        await ours.accounts.create(admin_of_a_project, "eve")
    with pytest.raises(Forbidden):
        ours.accounts.list(admin_of_a_project)
    with pytest.raises(Forbidden):
        ours.accounts.get(admin_of_a_project, "ada")
    with pytest.raises(Forbidden):
        ours.accounts.disable(admin_of_a_project, "ada")
    with pytest.raises(Forbidden):
        ours.accounts.enable(admin_of_a_project, "ada")
    with pytest.raises(Forbidden):
        ours.accounts.set_administrator(admin_of_a_project, "bob", True)
    with pytest.raises(Forbidden):
        await ours.accounts.set_password(admin_of_a_project, "ada", NEW)


async def test_everybody_sees_their_own(ours: Door) -> None:
    await ours.person()
    assert ours.accounts.get(await who(ours), "ada").name == "ada"


async def test_nobody_shuts_themselves_out(ours: Door) -> None:
    await ours.person("root", administrator=True)
    root = await who(ours, "root")
    with pytest.raises(Conflict):
        ours.accounts.disable(root, "root")
    with pytest.raises(Conflict):
        ours.accounts.set_administrator(root, "root", False)


@pytest.mark.parametrize("name", ["", "Ada", "a b", "../etc", "x" * 200, "ä", "-a", "a\n"])
async def test_a_name_is_one_that_can_be_typed(ours: Door, name: str) -> None:
    with pytest.raises(InvalidInput):
        await ours.accounts.create(LOCAL, name, password=PASSWORD)


async def test_a_name_is_taken_once(ours: Door) -> None:
    await ours.person()
    with pytest.raises(Conflict):
        await ours.person()


async def test_who_does_not_exist_is_not_found(ours: Door) -> None:
    with pytest.raises(NotFound):
        ours.accounts.disable(LOCAL, "nobody")


async def test_changing_the_password_takes_the_old_one_and_ends_every_sign_in(ours: Door) -> None:
    await ours.person()
    found, caller = await signed_in(ours), await who(ours)
    with pytest.raises(Unauthenticated):
        await ours.accounts.change_password(caller, "not the password", NEW)
    await ours.accounts.change_password(caller, PASSWORD, NEW)
    with pytest.raises(Unauthenticated):
        ours.caller(found.access_token)
    with pytest.raises(Unauthenticated):
        refreshed(ours, found.refresh_token)
    with pytest.raises(Unauthenticated):
        await signed_in(ours)
    assert (await ours.signing_in.with_password("ada", NEW, HOME)).account.name == "ada"


async def test_an_administrator_gives_a_new_password(ours: Door) -> None:
    await ours.person()
    found = await signed_in(ours)
    await ours.accounts.set_password(LOCAL, "ada", NEW)
    with pytest.raises(Unauthenticated):
        refreshed(ours, found.refresh_token)
    assert (await ours.signing_in.with_password("ada", NEW, HOME)).account.name == "ada"


async def test_a_key_changes_nobodys_password(ours: Door) -> None:
    caller = ours.caller(ours.key().text)
    assert caller is not None
    with pytest.raises(InvalidInput):
        await ours.accounts.change_password(caller, PASSWORD, NEW)


# ── keys ───────────────────────────────────────────────────────────────────────────────────────


def test_a_key_takes_the_permission_to_make_it(ours: Door) -> None:
    with pytest.raises(Forbidden):
        ours.key(somebody("user:ada", role="editor"))


def test_nobody_gives_away_what_they_do_not_have(ours: Door) -> None:
    short = somebody("user:ada", without=frozenset({Permission.DEPLOY}))
    with pytest.raises(Forbidden, match="deployment:start"):
        ours.key(short, Permission.DEPLOY)
    assert Permission.DEPLOY not in ours.key(short).key.permissions


def test_an_administrators_key_takes_an_administrator(ours: Door) -> None:
    with pytest.raises(Forbidden):
        ours.keys.create(somebody("user:ada"), "root", administrator=True)
    made = ours.keys.create(LOCAL, "root", administrator=True)
    caller = ours.caller(made.text)
    assert caller is not None
    assert caller.administrator


def test_a_key_expires_in_the_future_and_can_do_something(ours: Door) -> None:
    with pytest.raises(InvalidInput, match="expired already"):
        ours.keys.create(LOCAL, "ci", expires_at=ours.clock.now())
    with pytest.raises(InvalidInput, match="nothing"):
        ours.keys.create(LOCAL, "ci", permissions=frozenset())


def test_keys_of_other_projects_do_not_exist(ours: Door) -> None:
    made = ours.key()
    stranger = somebody("user:eve", project="bank")
    assert ours.keys.list(stranger) == ([], 0)
    for attempt in (ours.keys.get, ours.keys.revoke):
        with pytest.raises(NotFound):
            attempt(stranger, made.key.id)
    assert ours.keys.list(somebody("user:ada"))[1] == 1


def test_the_text_of_a_key_is_in_no_row_and_no_text_form(ours: Door) -> None:
    made = ours.key()
    secret = made.text.rpartition("_")[2]
    assert secret not in repr(made)
    with ours.database.read() as transaction:
        rows = transaction.connection.exec_driver_sql("SELECT * FROM api_key").all()
    assert secret not in repr(rows)
