"""A sample of the campaign, and that a campaign sees what goes wrong."""

from __future__ import annotations

import pytest

from archspec.errors import ArchspecError
from tests.fuzz import campaign
from tests.fuzz.campaign import Failure, by_cause, make_case, run_campaign, run_case
from tests.fuzz.functions import FUNCTIONS, Case

TEXTS = 40
SLOW_TEXTS = 500


def test_no_function_fails_on_a_changed_design() -> None:
    assert [failure for seed in range(TEXTS) for failure in run_case(seed)] == []


@pytest.mark.slow
def test_no_function_fails_in_a_longer_run() -> None:
    found = run_campaign(TEXTS, SLOW_TEXTS, workers=1)
    assert list(by_cause(found)) == [], found[0].details


def test_a_seed_makes_the_same_text_each_time() -> None:
    assert [make_case(seed).text for seed in range(40)] == [make_case(seed).text for seed in range(40)]


def test_most_texts_get_beyond_reading() -> None:
    """Functions that need a Graph have one in a fair part of the cases."""
    lowered = 0
    for seed in range(TEXTS):
        try:
            assert make_case(seed).graph
        except ArchspecError:
            continue
        lowered += 1
    assert lowered > TEXTS / 5


def test_failures_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_case: Case) -> None:
        raise KeyError("planted")

    def hang(_case: Case) -> None:
        while True:
            pass

    monkeypatch.setattr(campaign, "FUNCTIONS", (crash, hang))
    monkeypatch.setattr(campaign, "SECONDS", 0.05)
    assert [(failure.function, failure.cause.split(" ")[0]) for failure in run_case(3)] == [
        ("crash", "KeyError:"),
        ("hang", "TooSlowError:"),
    ]


def test_failures_are_grouped_by_cause() -> None:
    found = [Failure("lint", seed, cause, "") for seed, cause in ((1, "b"), (2, "a"), (3, "a"))]
    assert [(cause, [f.seed for f in group]) for cause, group in by_cause(found).items()] == [
        ("lint: a", [2, 3]),
        ("lint: b", [1]),
    ]


def test_every_area_is_covered() -> None:
    names = " ".join(function.__name__ for function in FUNCTIONS)
    assert all(area in names for area in ("lint", "fix", "draw", "diff", "export", "hover", "completion", "definition"))
