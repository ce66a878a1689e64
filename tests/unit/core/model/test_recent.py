from alma.core.model.recent import MOST_VALUES, Recent


def test_small_values_are_bounded_by_their_number() -> None:
    cache = Recent[str](limit=1_000_000, most=3)
    for name in "abcd":
        cache.put(name, name, length=1)

    assert len(cache) == 3
    assert cache.get("a") is None
    assert [cache.get(name) for name in "bcd"] == ["b", "c", "d"]


def test_room_is_given_back_with_the_values_that_are_forgotten_by_number() -> None:
    cache = Recent[str](limit=10, most=2)
    for number in range(20):
        cache.put(str(number), "small", length=1)
    cache.put("large", "large", length=9)

    assert cache.get("large") == "large"
    assert cache.get("19") == "small"


def test_a_cache_is_bounded_by_number_unless_told_otherwise() -> None:
    cache = Recent[int](limit=32_000_000)
    for number in range(2 * MOST_VALUES):
        cache.put(str(number), number, length=1)

    assert len(cache) == MOST_VALUES
