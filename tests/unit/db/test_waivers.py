"""Waivers are kept for ever: who answered, for what, until when, and who took it back."""

from __future__ import annotations

from datetime import date

import pytest

from alma.core.model.errors import Conflict, NotFound
from alma.core.model.finding import Waiver
from alma.db.database import Database

TODAY = date(2026, 11, 22)


def waiver(**more: object) -> Waiver:
    given = {"rule": "ALMA-NET-001", "reason": "moves in spring", "expires": date(2027, 3, 1)}
    return Waiver.model_validate({**given, "by": "ada", **more})


def test_what_is_kept_is_what_was_given_with_an_id_and_a_moment(database: Database) -> None:
    with database.write() as transaction:
        kept = transaction.waivers.add(waiver(resource="db-*", blueprint="shop"), project="one")
    with database.read() as transaction:
        assert transaction.waivers.list(project="one") == [kept]
    assert kept.id
    assert kept.created_at is not None
    assert (kept.rule, kept.resource, kept.blueprint) == ("ALMA-NET-001", "db-*", "shop")
    assert (kept.by, kept.expires) == ("ada", date(2027, 3, 1))


def test_a_project_sees_its_own_only(database: Database) -> None:
    with database.write() as transaction:
        kept = transaction.waivers.add(waiver(), project="one")
        assert transaction.waivers.list(project="two") == []
        with pytest.raises(NotFound):
            transaction.waivers.revoke(int(kept.id), project="two", by="eve")


def test_one_that_is_taken_back_stays_known_and_holds_no_more(database: Database) -> None:
    with database.write() as transaction:
        kept = transaction.waivers.add(waiver(), project="one")
        revoked = transaction.waivers.revoke(int(kept.id), project="one", by="bob")
    with database.read() as transaction:
        assert transaction.waivers.list(project="one") == [revoked]
        assert transaction.waivers.list(project="one", held_on=TODAY) == []
    assert revoked.revoked_by == "bob"
    assert revoked.revoked_at is not None


def test_it_is_taken_back_once(database: Database) -> None:
    with database.write() as transaction:
        kept = transaction.waivers.add(waiver(), project="one")
        transaction.waivers.revoke(int(kept.id), project="one", by="bob")
        with pytest.raises(Conflict, match="bob"):
            transaction.waivers.revoke(int(kept.id), project="one", by="eve")


def test_one_holds_on_its_last_day_and_not_after_it(database: Database) -> None:
    with database.write() as transaction:
        kept = transaction.waivers.add(waiver(expires=TODAY), project="one")
        assert transaction.waivers.list(project="one", held_on=TODAY) == [kept]
        assert transaction.waivers.list(project="one", held_on=date(2026, 11, 23)) == []
