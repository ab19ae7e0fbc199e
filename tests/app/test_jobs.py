"""Long work: one at a time, told as it goes, cancelled, ended in time, and nothing left behind."""

from __future__ import annotations

import os
import time

import pytest

import archspec
from explorer.jobs import Job, Jobs

TEXT = archspec.load("small_resnet").text
BROKEN = TEXT.replace("input:", "inputt:")
PATIENCE = 90.0


def asked(text: str = TEXT, **options: object) -> dict[str, object]:
    return {"text": text, "variant": "", "file": "small_resnet.yaml", "root": None, "options": options}


def wait(job: Job, until: str = "") -> Job:
    end = time.monotonic() + PATIENCE
    while not job.is_over and job.state != until and time.monotonic() < end:
        time.sleep(0.05)
    return job


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_source_is_written_apart():
    job = wait(Jobs().start("python", "x", asked(), 60))
    assert job.state == "done", job.error
    assert "import torch" in job.result["text"] or "from torch" in job.result["text"]


def test_a_broken_design_is_told():
    job = wait(Jobs().start("python", "x", asked(BROKEN), 60))
    assert job.state == "failed"
    assert "inputt" in job.error


def test_the_second_waits_and_can_be_cancelled_and_so_can_the_first():
    lanes = Jobs()
    first = wait(lanes.start("smoke", "x", asked(batch=2, steps=1), 60), "running")
    second = lanes.start("smoke", "x", asked(batch=2, steps=1), 60)
    time.sleep(0.3)
    assert second.state == "waiting"
    second.cancel()
    assert wait(second).state == "cancelled"
    first.cancel()
    assert wait(first).state == "cancelled"
    assert gone(first._process.pid)


def test_what_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr("explorer.jobs.GRACE", 0.0)
    job = wait(Jobs().start("smoke", "x", asked(batch=2, steps=1), 0.2))
    assert job.state == "failed"
    assert "not done after 0.2 s" in job.error
    assert gone(job._process.pid)


@pytest.mark.slow
def test_a_smoke_run_tells_its_stages_and_what_it_found():
    job = Jobs().start("smoke", "x", asked(batch=2, steps=1), 120)
    stages = set()
    while not job.is_over:
        stages.add(job.stage)
        time.sleep(0.01)
    assert job.state == "done", job.error
    assert job.result["ok"]
    assert {"importing torch", "training step"} & stages
