"""Alignment held against brute force over all ways to pair in order."""

from __future__ import annotations

import random
from functools import cache

import pytest

from archspec.comparison import alignment
from archspec.comparison.alignment import StepKey, align


def items(chance: random.Random, length: int) -> list[StepKey]:
    scopes = chance.sample(["a", "b", "c", "0", "1", "2", "s.0", "s.1", "s.2"], length)
    kinds = [chance.choice("xy") for _ in scopes]
    return [
        StepKey(scope, kind, ord(kind) * 10 + chance.randint(0, 1), 0)
        for scope, kind in zip(scopes, kinds, strict=True)
    ]


def best(before: list[StepKey], after: list[StepKey]) -> int:
    """The greatest sum of similarities over all ways to pair in order."""

    @cache
    def from_here(i: int, j: int) -> int:
        if i == len(before) or j == len(after):
            return 0
        like = alignment._similarity(before[i], after[j])
        return max(from_here(i + 1, j), from_here(i, j + 1), like + from_here(i + 1, j + 1) if like else 0)

    return from_here(0, 0)


@pytest.mark.parametrize("seed", range(100))
def test_the_table_is_best(seed: int) -> None:
    chance = random.Random(seed)
    before, after = items(chance, chance.randint(0, 7)), items(chance, chance.randint(0, 7))
    pairs = alignment._align_globally(before, after)
    assert sum(alignment._similarity(before[i], after[j]) for i, j in pairs) == best(before, after)
    assert pairs == sorted(pairs, key=lambda pair: pair[1])


@pytest.mark.parametrize("seed", range(100))
def test_each_step_has_one_counterpart_and_names_are_kept(seed: int) -> None:
    chance = random.Random(seed)
    before, after = items(chance, 7), items(chance, 7)
    pairs = align(before, after)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    same = {(i, j) for i, one in enumerate(before) for j, two in enumerate(after) if one == two and not one.is_numbered}
    assert same <= set(pairs) or len(same) > 1  # several may have changed places among each other
    left = {item.scope for k, item in enumerate(before) if k not in {i for i, _ in pairs} and not item.is_numbered}
    assert left.isdisjoint(item.scope for k, item in enumerate(after) if k not in {j for _, j in pairs})


def test_long_bodies_are_aligned_by_name_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [StepKey(f"a{n}.conv", "conv", n, n) for n in range(20)]
    after = [StepKey(f"a{n}.conv", "conv", n + 100, n + 100) for n in range(5, 25)]
    monkeypatch.setattr(alignment, "MOST_CELLS", 10)
    assert align(before, after) == [(n + 5, n) for n in range(15)]
