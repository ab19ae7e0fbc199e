"""A bounded queue that serves sessions round-robin, each with its oldest job first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import zip_longest
from typing import Generic, TypeVar

T = TypeVar("T")


class QueueFull(Exception):
    """There is no room for another job; the message says whether the session or the server has too many."""


class FairQueue(Generic[T]):
    """A queue for each session; the sessions are served round-robin."""

    def __init__(self, most_each: int, most: int) -> None:
        self.most_each, self.most = most_each, most
        self._queues: dict[str, deque[T]] = {}  # in the order in which the sessions are served

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def __iter__(self) -> Iterator[T]:
        """Yield the waiting items in the order in which they will be taken."""
        for turn in zip_longest(*self._queues.values()):
            yield from (item for item in turn if item is not None)

    def add(self, session: str, item: T) -> None:
        """Append an item to the queue of its session; raises QueueFull."""
        waiting = self._queues.get(session, deque())
        if len(waiting) >= self.most_each:
            raise QueueFull(f"{len(waiting)} of your runs are waiting already; cancel one, or wait for it")
        if len(self) >= self.most:
            raise QueueFull("too many runs are waiting on this server; try again in a minute")
        self._queues.setdefault(session, waiting).append(item)

    def take(self) -> T | None:
        """Remove and return the next item, or None; its session is then the last to be served."""
        if not self._queues:
            return None
        session, waiting = next(iter(self._queues.items()))
        del self._queues[session]
        item = waiting.popleft()
        if waiting:
            # Set again after it was deleted: a dict keeps the order of insertion, so that the session is now the last.
            self._queues[session] = waiting
        return item

    def remove(self, session: str, item: T) -> bool:
        """Remove it; return whether it was there."""
        waiting = self._queues.get(session)
        if waiting is None or item not in waiting:
            return False
        waiting.remove(item)
        if not waiting:
            del self._queues[session]
        return True
