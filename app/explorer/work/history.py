"""The jobs of one session, newest first."""

from __future__ import annotations

from explorer.work.job import Job

KEPT = 40


class History:
    """The jobs of one session; the oldest that are over are dropped."""

    def __init__(self) -> None:
        self._jobs: list[Job] = []
        self._count = 0

    def add(self, job: Job) -> None:
        """Add a job, and number it."""
        self._count += 1
        job.number = self._count
        self._jobs.insert(0, job)
        over = [one for one in self._jobs if not one.is_active]
        self._jobs = [one for one in self._jobs if one.is_active or one in over[:KEPT]]

    def ended(self, kind: str) -> list[Job]:
        """Return the jobs of one kind that are over, the one that ended last first."""
        return sorted((job for job in self.of(kind) if not job.is_active), key=lambda job: -(job.ended or 0.0))

    def of(self, kind: str) -> list[Job]:
        """Return the jobs of one kind, newest first."""
        return [job for job in self._jobs if job.kind == kind]
