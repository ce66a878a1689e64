"""A sign-in through a provider is finished by the browser that began it, once, and makes nobody somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Unauthenticated,
)
from alma.core.model.identity import Grant, Identity, ProviderRules
from alma.core.services.providers import (
    Arrived,
    Onward,
    ProviderAnswer,
    ProviderSignIn,
    Started,
    challenge_of,
)
from alma.oidc import OidcProvider
from alma.oidc.settings import ProviderSettings
from tests.oidc_providers import CLIENT, OwnProvider, own_provider, query_of
from tests.unit.core.services.signing import HERE, Door, open_door, person

CALLBACK = "http://localhost:8000/api/v1/auth/oidc/company/callback"
VERIFIER = "v" * 43


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = open_door(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def provider() -> Iterator[OwnProvider]:
    with own_provider() as running:
        running.claims = {"preferred_username": "Ada"}
        yield running


@pytest.fixture
def signing(door: Door, provider: OwnProvider) -> ProviderSignIn:
    settings = ProviderSettings(issuer=provider.url, client_id=CLIENT)
    names = ("company", "other")
    return ProviderSignIn(
        repositories=door.database,
        clock=door.clock,
        providers={name: OidcProvider(name, settings) for name in names},
        admission=door.admission,
        signing_in=door.signing_in,
    )


async def begun(signing: ProviderSignIn, **onward: str) -> Started:
    return await signing.start("company", callback=CALLBACK, onward=Onward(**onward))


async def ended(
    signing: ProviderSignIn, started: Started, provider: OwnProvider, **answer: str | None
) -> Arrived:
    back = query_of(provider.come_back(started.address))
    said = ProviderAnswer(**{"state": back["state"], "code": back["code"], **answer})
    return await signing.finish("company", said, browser=started.browser, source=HERE)


class TestTheWay:
    async def test_who_comes_back_is_signed_in_where_they_wanted_to_be(
        self, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        arrived = await ended(signing, await begun(signing, next="/blueprints?page=2"), provider)
        assert arrived.onward.next == "/blueprints?page=2"
        assert arrived.signed_in is not None
        assert arrived.signed_in.account.id == "user:ada"

    async def test_an_answer_counts_once(
        self, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        started = await begun(signing)
        await ended(signing, started, provider)
        with pytest.raises(Unauthenticated, match="used already"):
            await ended(signing, started, provider)
        assert provider.asked.count("/token") == 1

    async def test_another_browser_can_not_finish_it_and_the_right_one_still_can(
        self, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        started = await begun(signing)
        for browser in (None, "", "another"):
            with pytest.raises(Unauthenticated):
                await signing.finish(
                    "company",
                    ProviderAnswer(state=query_of(started.address)["state"], code="c"),
                    browser=browser,
                    source=HERE,
                )
        assert (await ended(signing, started, provider)).signed_in is not None

    @pytest.mark.parametrize("state", [None, "", "another", "x" * 100_000, "\udcff"])
    async def test_a_state_that_nobody_was_sent_with_is_refused(
        self, signing: ProviderSignIn, state: str | None, provider: OwnProvider
    ) -> None:
        started = await begun(signing)
        with pytest.raises(Unauthenticated):
            await ended(signing, started, provider, state=state)

    async def test_an_answer_for_one_provider_is_none_for_another(
        self, signing: ProviderSignIn
    ) -> None:
        started = await begun(signing)
        answer = ProviderAnswer(state=query_of(started.address)["state"], code="c")
        with pytest.raises(Unauthenticated):
            await signing.finish("other", answer, browser=started.browser, source=HERE)

    async def test_an_answer_that_another_issuer_sent_is_refused(
        self, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        with pytest.raises(Unauthenticated, match="does not come from"):
            await ended(signing, await begun(signing), provider, issuer="https://evil.example.org")
        assert "/token" not in provider.asked

    async def test_whoever_stays_away_too_long_starts_again(
        self, door: Door, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        started = await begun(signing)
        door.clock.pass_by(600)
        with pytest.raises(Unauthenticated, match="too long"):
            await ended(signing, started, provider)

    async def test_sign_ins_that_nobody_finished_are_forgotten(
        self, door: Door, signing: ProviderSignIn
    ) -> None:
        for _ in range(3):
            await begun(signing)
        door.clock.pass_by(601)
        await begun(signing)
        assert door.rows() == 1

    async def test_only_so_many_are_under_way_at_once(
        self, signing: ProviderSignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("alma.core.services.providers._MOST", 2)
        await begun(signing)
        await begun(signing)
        with pytest.raises(RateLimited):
            await begun(signing)

    async def test_a_provider_that_nobody_configured_does_not_exist(
        self, signing: ProviderSignIn
    ) -> None:
        with pytest.raises(NotFound, match="nobody"):
            await signing.start("nobody", callback=CALLBACK, onward=Onward())

    @pytest.mark.parametrize(
        ("error", "raised"),
        [
            ("access_denied", Unauthenticated),
            ("login_required", Unauthenticated),
            ("server_error", ProviderUnavailable),
            ("invalid_scope", ProviderError),
            ("<script>alert(1)</script>", ProviderError),
            ("", ProviderError),
        ],
    )
    async def test_what_a_provider_says_instead_of_a_code_is_told(
        self, signing: ProviderSignIn, error: str, raised: type[Exception], provider: OwnProvider
    ) -> None:
        with pytest.raises(raised) as told:
            await ended(signing, await begun(signing), provider, code=None, error=error)
        assert "<script>" not in str(told.value)


class TestWhereItLeads:
    @pytest.mark.parametrize(
        "path",
        [
            "https://evil.example.org",
            "//evil.example.org",
            "/\\evil.example.org",
            "\\\\evil.example.org",
            "/x\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            "",
            "blueprints",
            "/\t/evil.example.org",
            "/é",
        ],
    )
    async def test_never_to_another_server(self, signing: ProviderSignIn, path: str) -> None:
        with pytest.raises(InvalidInput):
            await begun(signing, next=path)

    @pytest.mark.parametrize(
        "address",
        [
            "http://evil.example.org:80/",
            "http://127.0.0.1@evil.example.org:80/",
            "http://127.0.0.1.evil.example.org:80/",
            "https://127.0.0.1:80/",
            "http://localhost:80/",
            "http://127.0.0.1:99999/",
            "http://127.0.0.1:80/?x=1",
            "http://127.0.0.1:80/#x",
            "http://127.0.0.1",
        ],
    )
    async def test_a_command_line_waits_on_this_machine_only(
        self, signing: ProviderSignIn, address: str
    ) -> None:
        with pytest.raises(InvalidInput):
            await begun(signing, loopback=address, challenge=challenge_of(VERIFIER))

    async def test_a_command_line_without_a_challenge_gets_nothing(
        self, signing: ProviderSignIn
    ) -> None:
        with pytest.raises(InvalidInput, match="code_challenge"):
            await begun(signing, loopback="http://127.0.0.1:9000/signed-in")


class TestHandingOver:
    async def handed_over(self, signing: ProviderSignIn, provider: OwnProvider) -> str:
        started = await begun(
            signing,
            loopback="http://127.0.0.1:9000/signed-in",
            challenge=challenge_of(VERIFIER),
            state="mine",
        )
        arrived = await ended(signing, started, provider)
        assert arrived.signed_in is None
        assert arrived.onward.state == "mine"
        assert arrived.handover is not None
        return arrived.handover

    async def test_a_command_line_gets_its_tokens_for_the_code_and_the_verifier(
        self, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        code = await self.handed_over(signing, provider)
        assert signing.redeem(code, VERIFIER, HERE).account.id == "user:ada"

    async def test_a_code_is_tried_once(
        self, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        code = await self.handed_over(signing, provider)
        with pytest.raises(Unauthenticated):
            signing.redeem(code, "w" * 43, HERE)
        with pytest.raises(Unauthenticated):
            signing.redeem(code, VERIFIER, HERE)

    async def test_a_code_lasts_a_minute(
        self, door: Door, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        code = await self.handed_over(signing, provider)
        door.clock.pass_by(60)
        with pytest.raises(Unauthenticated):
            signing.redeem(code, VERIFIER, HERE)

    async def test_a_code_ends_with_all_sign_ins_of_its_account(
        self, door: Door, signing: ProviderSignIn, provider: OwnProvider
    ) -> None:
        code = await self.handed_over(signing, provider)
        door.signing_in.sign_out_everywhere(person("ada"))
        with pytest.raises(Unauthenticated, match="ended"):
            signing.redeem(code, VERIFIER, HERE)

    async def test_a_code_of_another_kind_opens_nothing(self, signing: ProviderSignIn) -> None:
        started = await begun(signing)
        with pytest.raises(Unauthenticated):
            signing.redeem(query_of(started.address)["state"], VERIFIER, HERE)


class TestWhoComesIn:
    def in_(self, door: Door, provider: str = "company", **who: object) -> str:
        rules = who.pop("rules", ProviderRules())
        assert isinstance(rules, ProviderRules)
        identity = Identity.model_validate(
            {"issuer": "https://login.example.org", "subject": "s-1", "name": "ada", **who}
        )
        return door.admission.admit(identity, provider=provider, rules=rules).id

    def test_a_person_comes_back_to_the_same_account_whatever_they_are_called_now(
        self, door: Door
    ) -> None:
        first = self.in_(door)
        again = self.in_(door, name="grace", email="grace@example.org")
        assert first == again == "user:ada"

    def test_nobody_gets_an_account_by_name_or_mail(self, door: Door) -> None:
        door.account("ada", email="ada@example.org", administrator=True)
        taken = self.in_(door, name="Ada", email="ada@example.org")
        assert taken != "user:ada"
        other = self.in_(door, issuer="https://other.example.org", email="ada@example.org")
        assert other not in {taken, "user:ada"}

    @pytest.mark.parametrize(
        ("name", "account"),
        [
            ("Ada Lovelace", "user:ada-lovelace"),
            ("ada@example.org", "user:ada@example.org"),
            ("../../etc", "user:etc"),
        ],
    )
    def test_names_are_made_fit(self, door: Door, name: str, account: str) -> None:
        assert self.in_(door, name=name) == account

    @pytest.mark.parametrize("name", [None, "", "漢字", "---", "\u202e"])
    def test_people_without_a_usable_name_get_one_of_their_own(
        self, door: Door, name: str | None
    ) -> None:
        assert self.in_(door, name=name).startswith("user:company-")

    def test_a_new_person_may_do_nothing(self, door: Door) -> None:
        id_ = self.in_(door, groups=["infra-admins"])
        with door.database.read() as transaction:
            account = transaction.accounts.find(id_)
            assert account is not None
            assert not account.administrator
            assert not transaction.accounts.bindings(id_)

    def test_roles_come_and_go_with_the_group(self, door: Door) -> None:
        rules = ProviderRules(
            roles={
                "infra": (Grant(project="default", role="admin"),),
                "devs": (
                    Grant(project="default", role="editor"),
                    Grant(project="nowhere", role="admin"),
                ),
            }
        )
        id_ = self.in_(door, groups=["infra", "devs", "unheard-of"], rules=rules)
        assert self.roles(door, id_) == {"admin", "editor"}
        self.in_(door, groups=["devs"], rules=rules)
        assert self.roles(door, id_) == {"editor"}
        self.in_(door, groups=[], rules=rules)
        assert self.roles(door, id_) == set()

    def test_roles_that_people_gave_stay(self, door: Door) -> None:
        rules = ProviderRules(roles={"devs": (Grant(project="default", role="editor"),)})
        id_ = self.in_(door)
        with door.database.write() as transaction:
            transaction.connection.exec_driver_sql(
                "INSERT INTO membership VALUES ('default', ?, 'editor', 'user:root', '2026-01-01 00:00:00.000000')",
                (id_,),
            )
        self.in_(door, groups=["devs"], rules=rules)
        self.in_(door, groups=[], rules=rules)
        assert self.roles(door, id_) == {"editor"}

    def test_administrators_are_those_of_the_group_if_there_is_one(self, door: Door) -> None:
        rules = ProviderRules(administrators=frozenset({"root"}))
        id_ = self.in_(door, groups=["root"], rules=rules)
        assert self.administers(door, id_)
        self.in_(door, groups=[])
        assert self.administers(door, id_)
        self.in_(door, groups=["devs"], rules=rules)
        assert not self.administers(door, id_)

    def test_where_only_known_people_are_let_in_others_are_not(self, door: Door) -> None:
        with pytest.raises(Forbidden):
            self.in_(door, rules=ProviderRules(new_accounts=False))
        self.in_(door)
        assert self.in_(door, rules=ProviderRules(new_accounts=False)) == "user:ada"

    def test_a_disabled_account_is_not_let_in_and_gets_no_roles(self, door: Door) -> None:
        id_ = self.in_(door)
        with door.database.write() as transaction:
            account = transaction.accounts.find(id_)
            assert account is not None
            disabled = account.model_copy(update={"disabled_at": door.clock.now()})
            transaction.accounts.change(disabled)
        rules = ProviderRules(roles={"devs": (Grant(project="default", role="editor"),)})
        with pytest.raises(Unauthenticated, match="disabled"):
            self.in_(door, groups=["devs"], rules=rules)
        assert self.roles(door, id_) == set()

    def test_what_was_remembered_of_callers_is_looked_up_again(self, door: Door) -> None:
        before = door.changes.version
        self.in_(door)
        assert door.changes.version > before

    def roles(self, door: Door, id_: str) -> set[str]:
        with door.database.read() as transaction:
            return {binding.role for binding in transaction.accounts.bindings(id_)}

    def administers(self, door: Door, id_: str) -> bool:
        with door.database.read() as transaction:
            account = transaction.accounts.find(id_)
            assert account is not None
            return account.administrator
