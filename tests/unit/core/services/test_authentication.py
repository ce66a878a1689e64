"""Who is let in, as whom, and for how long that is remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.access import EVERYTHING, ROLES, Permission
from alma.core.model.credential import Peppers
from alma.core.model.errors import DatabaseUnavailable, NotFound, RateLimited, Unauthenticated
from alma.core.model.principal import LOCAL, Principal
from alma.core.services.authentication import REMEMBERED_SECONDS
from alma.core.services.slowing import ADDRESS
from tests.unit.core.services.admitted import AWAY, HOME, Door, door

CONFIGURED = "a-key-of-the-configuration"


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Door]:
    with door(tmp_path) as found:
        yield found


def known(found: Principal | None) -> Principal:
    assert found is not None
    return found


# ── on or off ──────────────────────────────────────────────────────────────────────────────────


def test_without_keys_and_accounts_everybody_is_local(ours: Door) -> None:
    assert known(ours.caller(None)).id == "local"
    assert known(ours.caller("whatever")).source == HOME


async def test_the_first_account_shuts_the_door_at_once(ours: Door) -> None:
    assert ours.caller(None) is not None
    await ours.person()
    assert ours.caller(None) is None


def test_the_first_key_shuts_the_door_at_once(ours: Door) -> None:
    assert ours.caller(None) is not None
    ours.key()
    assert ours.caller(None) is None


async def test_another_process_shuts_its_door_within_two_seconds(
    ours: Door, tmp_path: Path
) -> None:
    with door(tmp_path, clock=ours.clock) as other:
        assert other.caller(None) is not None
        await ours.person()
        ours.clock.advance(REMEMBERED_SECONDS)
        assert other.caller(None) is None


def test_a_configured_key_shuts_the_door_from_the_start(tmp_path: Path) -> None:
    with door(tmp_path, configured=[CONFIGURED]) as ours:
        assert ours.caller(None) is None
        found = known(ours.caller(CONFIGURED))
        assert found.administrator
        assert found.permissions == EVERYTHING
        assert CONFIGURED not in repr(found)
        with pytest.raises(Unauthenticated):
            ours.caller(CONFIGURED[:-1])


async def test_switched_off_it_stays_open_and_switched_on_it_stays_shut(tmp_path: Path) -> None:
    with door(tmp_path, enabled=False) as ours:
        await ours.person()
        assert known(ours.caller(None)).id == "local"
    with door(tmp_path, enabled=True) as ours:
        assert ours.caller(None) is None


def test_nobody_is_let_in_when_the_database_does_not_say(ours: Door) -> None:
    with ours.database.write() as transaction:
        transaction.connection.exec_driver_sql("ALTER TABLE account RENAME TO elsewhere")
    with pytest.raises(DatabaseUnavailable):
        ours.caller(None)


async def test_the_local_token_is_the_data_directory(ours: Door) -> None:
    await ours.person()
    assert known(ours.caller("local.token")).id == "local"
    with pytest.raises(Unauthenticated):
        ours.caller("local.tokem")


# ── keys ───────────────────────────────────────────────────────────────────────────────────────


def test_a_key_may_do_what_it_was_given_in_its_project(ours: Door) -> None:
    made = ours.key(LOCAL, Permission.BLUEPRINT_READ)
    found = known(ours.caller(made.text))
    assert (found.id, found.project) == (f"key:{made.key.id}", "default")
    assert found.permissions == {Permission.BLUEPRINT_READ}
    assert not found.administrator


def test_a_key_is_looked_up_once_in_two_seconds(ours: Door) -> None:
    made = ours.key()
    assert not ours.remembered(made.text)
    ours.caller(made.text)
    assert ours.remembered(made.text)
    ours.clock.advance(REMEMBERED_SECONDS)
    assert not ours.remembered(made.text)


def test_a_revoked_key_opens_nothing_from_the_next_request_on(ours: Door) -> None:
    made = ours.key()
    ours.caller(made.text)
    ours.keys.revoke(LOCAL, made.key.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        ours.caller(made.text)


def test_a_revoked_key_opens_nothing_elsewhere_two_seconds_later(
    ours: Door, tmp_path: Path
) -> None:
    made = ours.key()
    with door(tmp_path, clock=ours.clock) as other:
        other.caller(made.text)
        ours.keys.revoke(LOCAL, made.key.id)
        ours.clock.advance(REMEMBERED_SECONDS)
        with pytest.raises(Unauthenticated, match="revoked"):
            other.caller(made.text)


def test_an_expired_key_opens_nothing_on_the_second(ours: Door) -> None:
    end = ours.clock.now().replace(microsecond=0)
    ours.clock.advance(-1)
    made = ours.keys.create(LOCAL, "ci", expires_at=end)
    ours.caller(made.text)
    ours.clock.advance(1)
    assert not ours.remembered(made.text)
    with pytest.raises(Unauthenticated, match="expired"):
        ours.caller(made.text)


async def test_a_key_never_does_more_than_its_owner_does_now(ours: Door) -> None:
    await ours.person(default="admin")
    owner = known(ours.caller(await ours.token()))
    made = ours.key(owner, Permission.DEPLOY, Permission.BLUEPRINT_READ)
    assert Permission.DEPLOY in known(ours.caller(made.text)).permissions
    with ours.database.write() as transaction:
        transaction.connection.exec_driver_sql("UPDATE membership SET role = 'viewer'")
        transaction.after_commit(ours.changes.happened)
    assert known(ours.caller(made.text)).permissions == {Permission.BLUEPRINT_READ}


async def test_a_key_of_a_disabled_owner_opens_nothing(ours: Door) -> None:
    await ours.person(default="admin")
    made = ours.key(known(ours.caller(await ours.token())))
    ours.caller(made.text)
    ours.accounts.disable(LOCAL, "ada")
    with pytest.raises(Unauthenticated, match="ended with"):
        ours.caller(made.text)


def test_a_key_ends_with_the_key_that_made_it(ours: Door) -> None:
    parent = ours.key()
    child = ours.key(known(ours.caller(parent.text)), Permission.BLUEPRINT_READ)
    assert known(ours.caller(child.text)).owner == "local"
    ours.keys.revoke(LOCAL, parent.key.id)
    with pytest.raises(Unauthenticated):
        ours.caller(child.text)


async def test_a_persons_key_is_that_person(ours: Door) -> None:
    account = await ours.person(default="admin")
    made = ours.key(known(ours.caller(await ours.token())))
    assert known(ours.caller(made.text)).person == account.id


def test_a_wrong_secret_is_no_key_whoever_has_its_id(ours: Door) -> None:
    made = ours.key()
    for text in (
        made.text[:-1],
        made.text[:-1] + "é",
        f"alma_{made.key.id}_{'0' * 64}",
        "x" * 9999,
    ):
        with pytest.raises(Unauthenticated, match="not valid"):
            ours.caller(text, source=AWAY)


def test_wrong_keys_are_slowed_by_address_and_right_ones_elsewhere_are_not(ours: Door) -> None:
    made = ours.key()
    for _ in range(ADDRESS.free):
        with pytest.raises(Unauthenticated):
            ours.caller("alma_abcdef_" + "0" * 64, source=AWAY)
    with pytest.raises(RateLimited):
        ours.caller("alma_abcdef_" + "0" * 64, source=AWAY)
    assert ours.caller(made.text) is not None


def test_a_key_outlives_the_pepper_it_was_hashed_with(ours: Door, tmp_path: Path) -> None:
    made = ours.key()
    old, new = b"p" * 32, b"n" * 32
    with door(tmp_path, clock=ours.clock, peppers=Peppers([new, old])) as rotated:
        assert rotated.caller(made.text) is not None
    with door(tmp_path, clock=ours.clock, peppers=Peppers([new])) as after:
        assert after.caller(made.text) is not None


def test_when_a_key_was_used_is_noted_later(ours: Door) -> None:
    made = ours.key()
    ours.caller(made.text)
    ours.authenticator.note_uses()
    assert ours.keys.get(LOCAL, made.key.id).last_used_at == ours.clock.now()


def test_what_is_remembered_is_bounded(ours: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alma.core.services.authentication._MEMORY", 3)
    made = [ours.key() for _ in range(6)]
    for item in made:
        ours.caller(item.text)
    assert [ours.remembered(item.text) for item in made] == [False] * 3 + [True] * 3


# ── tokens ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_token_is_its_account(ours: Door) -> None:
    await ours.person(default="viewer")
    found = known(ours.caller(await ours.token()))
    assert found.id == "user:ada"
    assert found.permissions == ROLES["viewer"]
    assert found.roles == {"viewer"}


async def test_a_token_of_a_disabled_account_opens_nothing_at_once(ours: Door) -> None:
    await ours.person(default="viewer")
    token = await ours.token()
    ours.caller(token)
    ours.accounts.disable(LOCAL, "ada")
    with pytest.raises(Unauthenticated):
        ours.caller(token)
    ours.accounts.enable(LOCAL, "ada")
    with pytest.raises(Unauthenticated):
        ours.caller(token)


async def test_a_remembered_token_expires(ours: Door) -> None:
    await ours.person(default="viewer")
    token = await ours.token()
    ours.clock.advance(15 * 60 - 1)
    ours.caller(token)
    ours.clock.advance(1)
    assert not ours.remembered(token)
    ours.clock.advance(60)
    with pytest.raises(Unauthenticated, match="expired"):
        ours.caller(token)


async def test_a_refresh_token_is_no_access_token(ours: Door) -> None:
    await ours.person(default="viewer")
    signed = await ours.signing_in.with_password("ada", "correct horse staple", HOME)
    assert signed.refresh_token is not None
    with pytest.raises(Unauthenticated):
        ours.caller(signed.refresh_token)


# ── projects ───────────────────────────────────────────────────────────────────────────────────


async def test_a_project_is_chosen_and_others_do_not_exist(ours: Door) -> None:
    await ours.person(default="viewer", shop="editor")
    await ours.person("bob", bank="admin")
    token = await ours.token()
    assert known(ours.caller(token)).project == "default"
    assert known(ours.caller(token, "shop")).permissions == ROLES["editor"]
    for project in ("bank", "nowhere", "", "../bank"):
        with pytest.raises(NotFound, match="does not exist"):
            ours.caller(token, project)


async def test_who_is_in_one_project_only_is_there(ours: Door) -> None:
    await ours.person(shop="editor")
    assert known(ours.caller(await ours.token())).project == "shop"


async def test_who_is_nowhere_may_do_nothing(ours: Door) -> None:
    await ours.person()
    found = known(ours.caller(await ours.token()))
    assert (found.project, found.permissions) == ("default", frozenset())


async def test_an_administrator_is_everywhere_there_is_something(ours: Door) -> None:
    await ours.person("root", administrator=True)
    await ours.person(shop="viewer")
    token = await ours.token("root")
    assert known(ours.caller(token, "shop")).permissions == EVERYTHING
    with pytest.raises(NotFound):
        ours.caller(token, "nowhere")


async def test_a_key_stays_in_its_project(ours: Door) -> None:
    await ours.person(shop="admin", bank="admin")
    owner = known(ours.caller(await ours.token(), "shop"))
    made = ours.key(owner)
    assert known(ours.caller(made.text)).project == "shop"
    for project in ("bank", "default"):
        with pytest.raises(NotFound):
            ours.caller(made.text, project)


async def test_a_new_role_holds_from_the_next_request_on(ours: Door) -> None:
    account = await ours.person(default="viewer")
    token = await ours.token()
    assert not known(ours.caller(token)).may(Permission.DEPLOY)
    ours.member(account.id, "default", "operator")
    assert known(ours.caller(token)).may(Permission.DEPLOY)


async def test_projects_name_what_one_is_a_member_of(ours: Door) -> None:
    await ours.person(default="viewer", shop="editor")
    caller = known(ours.caller(await ours.token()))
    assert ours.authenticator.projects(caller) == {
        "default": frozenset({"viewer"}),
        "shop": frozenset({"editor"}),
    }
    assert ours.authenticator.projects(LOCAL) is None
