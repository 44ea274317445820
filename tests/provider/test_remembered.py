from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthctl.provider.remembered import Changes, Remembered, changes, with_item, without_items

KEYS = st.sampled_from("abcdefgh")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers(0, 9)),
        st.tuples(st.just("take"), st.lists(KEYS, max_size=4)),
        st.tuples(st.just("newest"), st.integers(0, 8)),
        st.tuples(st.just("since"), st.integers(0, 9)),
    ),
    max_size=40,
)


def _taken(items: Remembered[str, int], step: tuple[object, ...]) -> Remembered[str, int]:
    match step:
        case ("set", str(key), int(value)):
            return items.with_(key, value)
        case ("take", list(keys)):
            return items.without(keys)
        case ("newest", int(most)):
            return items.newest(most)
        case (_, int(least)):
            return items.since_first(lambda value: value >= least)
    raise AssertionError(step)


def _modelled(items: dict[str, int], step: tuple[object, ...]) -> dict[str, int]:
    """The same with a dictionary, whose order is that of setting as long as a key is taken out first."""
    pairs = list(items.items())
    match step:
        case ("set", str(key), int(value)):
            return {one: known for one, known in pairs if one != key} | {key: value}
        case ("take", list(keys)):
            return {one: known for one, known in pairs if one not in keys}
        case ("newest", int(most)):
            return dict(pairs[max(len(pairs) - most, 0) :])
        case (_, int(least)):
            first = next((at for at, (_, known) in enumerate(pairs) if known >= least), len(pairs))
            return dict(pairs[first:])
    raise AssertionError(step)


@given(STEPS, st.integers(0, 40))
def test_it_is_a_dictionary_in_the_order_of_setting_that_tells_what_changed(steps: list[tuple[object, ...]], split: int) -> None:
    items, model = Remembered[str, int](), dict[str, int]()
    earlier, then = items, model
    for number, step in enumerate(steps):
        if number == split:
            earlier, then = items, model
        items, model = _taken(items, step), _modelled(model, step)
        assert list(items.items()) == list(model.items())
        assert list(items) == list(model)
        assert sorted(items.values()) == sorted(model.values())
        assert len(items) == len(model)
    rebuilt = dict(then) if split < len(steps) else {}
    found = changes(earlier, items)
    for key in found.gone:
        del rebuilt[key]
    rebuilt |= {key: items[key] for key in found.made}
    assert rebuilt == model


def test_what_was_taken_from_the_middle_is_found() -> None:
    items = Remembered((number, "") for number in range(10))
    assert changes(items, items.without((4, 7))) == Changes((), (4, 7))
    assert changes(items, items.newest(8).without((5,)).with_(1, "again")) == Changes((1,), (0, 5))


def test_of_two_that_have_nothing_to_do_with_each_other_each_item_is_compared() -> None:
    assert changes({"a": 1, "b": 2}, Remembered({"a": 1, "c": 3})) == Changes(("c",), ("b",))
    assert changes(Remembered({"a": 1}), Remembered({"a": 2})) == Changes(("a",), ())


def test_a_plain_mapping_becomes_one() -> None:
    plain = {"a": 1, "b": 2}
    assert with_item(plain, "a", 3) == {"b": 2, "a": 3}
    assert without_items(plain, ("a", "z")) == {"b": 2}
    assert plain == {"a": 1, "b": 2}


def test_it_shows_neither_keys_nor_values() -> None:
    assert repr(Remembered({"secret": "secret"})) == "Remembered(1 items)"


@pytest.mark.parametrize("count", [1000, 4000])
def test_only_the_first_is_looked_at_where_the_first_stays(count: int) -> None:
    looked = list[int]()

    def stays(value: int) -> bool:
        looked.append(value)
        return True

    items = Remembered(_numbered(count))
    assert items.since_first(stays) is items
    assert looked == [0]


def _numbered(count: int) -> Iterable[tuple[str, int]]:
    return ((str(number), number) for number in range(count))
