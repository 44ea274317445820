"""`Remembered`: a mapping that knows in which order its items were set, so that the oldest can go and the newest be found.

Here: such mappings, as values that never change. Not here: what is kept in them (`records`), and which of it goes (`pruning`).
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Generic, NamedTuple, Self, TypeVar

from immutables import Map

K = TypeVar("K")
V = TypeVar("V")


class Changes(NamedTuple, Generic[K]):
    """The keys by which one mapping differs from an earlier one: those that have another value now, and those that it lacks."""

    made: tuple[K, ...]
    gone: tuple[K, ...]


class Remembered(Mapping[K, V]):
    """Keys with their values, the one that was set longest ago first.

    A copy with one more, or with the oldest ones less, shares all else with what it was made of: many cost no more than few.
    """

    __slots__ = ("_begin", "_end", "_gone", "_items", "_keys", "_origin")

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        numbered = list(enumerate(dict(items).items()))
        self._items: Map[K, tuple[int, V]] = Map({key: (number, value) for number, (key, value) in numbered})
        self._keys: Map[int, K] = Map({number: key for number, (key, _) in numbered})
        self._begin = 0
        """No item has a smaller number."""
        self._end = len(numbered)
        """The number of what is set next."""
        self._gone = 0
        """How many items were taken out so far."""
        # Only what came from the same mapping counts its items alike.
        self._origin = object()

    def __getitem__(self, key: K) -> V:
        return self._items[key][1]

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[K]:
        return iter(self._keys[number] for number in sorted(self._keys))

    def __repr__(self) -> str:
        # Keys and values may be secrets.
        return f"{type(self).__name__}({len(self)} items)"

    def values(self) -> ValuesView[V]:
        """The values, in any order."""
        return _Values(self)

    def items(self) -> ItemsView[K, V]:
        """Keys and values, in the order in which they were set."""
        return _Items(self)

    def with_(self, key: K, value: V) -> Self:
        """A copy in which this key has this value, as the newest."""
        before = self._items.get(key)
        keys = self._keys if before is None else self._keys.delete(before[0])
        return self._like(self._items.set(key, (self._end, value)), keys.set(self._end, key), end=self._end + 1)

    def without(self, keys: Iterable[K]) -> Self:
        """A copy without these keys, whether they were there or not."""
        wanted = [key for key in keys if key in self._items]
        if not wanted:
            return self
        items, numbers = self._items.mutate(), self._keys.mutate()
        for key in wanted:
            if (found := items.pop(key, None)) is not None:
                del numbers[found[0]]
        return self._like(items.finish(), numbers.finish())

    def newest(self, most: int) -> Self:
        """Of more than `most` items those that were set last."""
        return self.without(self._oldest(len(self) - most))

    def since_first(self, stays: Callable[[V], bool]) -> Self:
        """A copy that begins with the first item that stays; the ones after it are not looked at."""
        first = 0
        for key in self._upwards():
            if stays(self[key]):
                break
            first += 1
        return self.without(self._oldest(first))

    def changes_since(self, before: Remembered[K, V]) -> Changes[K]:
        """What was set and taken out since an earlier value, of which this one was made; the fewer steps lie between, the quicker."""
        made = tuple(self._keys[number] for number in range(before._end, self._end) if number in self._keys)
        if self._gone == before._gone:
            return Changes(made, ())
        # Mostly the oldest have gone, and then nobody has to look at the others.
        oldest = (before._keys[number] for number in range(before._begin, self._begin) if number in before._keys)
        gone = tuple(key for key in oldest if key not in self)
        if len(before) - len(gone) + sum(key not in before for key in made) != len(self):
            gone = tuple(key for key in before if key not in self)
        return Changes(made, gone)

    def is_made_of(self, before: Remembered[K, V]) -> bool:
        """Whether this is the other value with some steps more."""
        return self._origin is before._origin and self._end >= before._end

    def _upwards(self) -> Iterator[K]:
        return (self._keys[number] for number in range(self._begin, self._end) if number in self._keys)

    def _oldest(self, count: int) -> list[K]:
        return [key for key, _ in zip(self._upwards(), range(count), strict=False)]

    def _like(self, items: Map[K, tuple[int, V]], keys: Map[int, K], *, end: int | None = None) -> Self:
        copy = object.__new__(type(self))
        copy._items, copy._keys, copy._origin = items, keys, self._origin
        copy._end = self._end if end is None else end
        copy._gone = self._gone + max(len(self) - len(items), 0)
        begin = self._begin
        # Each number is passed over once, however many items follow.
        while begin < copy._end and begin not in keys:
            begin += 1
        copy._begin = begin
        return copy


class _Values(ValuesView[V]):
    _mapping: Remembered[object, V]

    def __iter__(self) -> Iterator[V]:
        return (value for _, value in self._mapping._items.values())


class _Items(ItemsView[K, V]):
    _mapping: Remembered[K, V]

    def __iter__(self) -> Iterator[tuple[K, V]]:
        # Numbers differ, so that neither keys nor values are compared.
        return ((key, value) for _, key, value in sorted((number, key, value) for key, (number, value) in self._mapping._items.items()))


def changes(before: Mapping[K, V], after: Mapping[K, V]) -> Changes[K]:
    """How two mappings differ; each item is looked at, unless the second was made of the first."""
    if isinstance(after, Remembered) and isinstance(before, Remembered) and after.is_made_of(before):
        return after.changes_since(before)
    made = tuple(key for key, value in after.items() if key not in before or before[key] is not value)
    return Changes(made, tuple(key for key in before if key not in after))


def with_item(items: Mapping[K, V], key: K, value: V) -> Remembered[K, V]:
    """A copy in which this key has this value."""
    return remembered(items).with_(key, value)


def without_items(items: Mapping[K, V], keys: Iterable[K]) -> Remembered[K, V]:
    """A copy without these keys."""
    return remembered(items).without(keys)


def remembered(items: Mapping[K, V]) -> Remembered[K, V]:
    """The same items as such a mapping."""
    return items if isinstance(items, Remembered) else Remembered(items)
