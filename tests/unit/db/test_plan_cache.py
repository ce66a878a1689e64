from alma.core.model.plan import Plan
from alma.core.model.state import StackRef
from alma.db.plan_cache import PlanCache
from tests.unit.db.samples import plan_for


def plan(digest: str) -> Plan:
    stack = StackRef(id="s-1", name="shop", engine="simulation")
    return plan_for(stack, 1, digest=digest)


def test_the_plans_not_used_for_longest_are_forgotten_first() -> None:
    cache = PlanCache(limit=30)
    plans = {name: plan(name) for name in "abcd"}
    for name in "abc":
        cache.put(name, plans[name], length=10)

    assert cache.get("a") is plans["a"]
    cache.put("d", plans["d"], length=10)

    assert cache.get("b") is None
    assert [cache.get(name) for name in "acd"] == [plans[name] for name in "acd"]


def test_a_plan_larger_than_the_cache_is_not_kept() -> None:
    cache = PlanCache(limit=30)
    cache.put("a", plan("a"), length=31)
    cache.put("b", plan("b"), length=30)

    assert cache.get("a") is None
    assert cache.get("b") == plan("b")


def test_a_plan_put_twice_counts_once() -> None:
    cache = PlanCache(limit=30)
    for _ in range(5):
        cache.put("a", plan("a"), length=20)

    assert cache.get("a") == plan("a")


def test_what_only_newer_plans_say_is_not_stored_where_it_says_nothing() -> None:
    """A server of the version before refuses fields that it does not know."""
    assert "steered_by" not in plan("a").model_dump_json()
    steered = plan("a").model_copy(update={"steered_by": ("ada",)})
    assert Plan.model_validate_json(steered.model_dump_json()).steered_by == ("ada",)
