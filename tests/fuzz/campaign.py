"""A long run of every function over changed designs: `python -m tests.fuzz.campaign --cases 1000000`.

A case is one function on one text, and a seed determines the text and all choices made with it: `--seed N --texts 1`
repeats one. A case that ends in anything but an error of archspec, takes more than SECONDS of processor time or needs
more than MEMORY is a failure. The failures are printed by their cause, with the seeds that show them.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType

from msgspec import Struct

from archspec.errors import ArchspecError
from tests.fuzz.functions import FUNCTIONS, Case
from tests.fuzz.texts import base_texts, mutate, random_structure

SECONDS = 5.0
MEMORY = 2**30
STUCK = 120  # seconds, in code that no signal reaches, after which the process is ended with a traceback
CHUNK = 1_000  # texts of one process
ROOT = Path(__file__).parent.parent.parent


class TooSlowError(BaseException):
    """A function has used its processor time; not an Exception, so that no handler swallows it."""


class Failure(Struct, frozen=True):
    """A function that failed on the text of a seed, with the error and where it arose."""

    function: str
    seed: int
    cause: str
    details: str


def make_case(seed: int) -> Case:
    """Return the text of a seed: most are changed designs, the small ones more often, and some have no base."""
    random = Random(seed)
    bases = base_texts()
    small = [name for name in bases if not name.startswith("gallery/")]
    base = bases[random.choice(list(bases) if random.random() < 0.05 else small)]
    text = random_structure(random) if random.random() < 0.1 else mutate(base, random)
    return Case(text, base, random)


def run_case(seed: int) -> Iterator[Failure]:
    """Call every function with the text of a seed."""
    case = make_case(seed)
    for function in FUNCTIONS:
        try:
            with _time_limit():
                function(case)
        except ArchspecError:
            pass
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            yield Failure(function.__name__, seed, _cause(error), "".join(traceback.format_exception(error))[-4000:])


def _cause(error: BaseException) -> str:
    """Name the error and the innermost line of archspec that it passed through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/archspec/" in frame.filename]
    if not frames:
        return f"{type(error).__name__}: {str(error)[:60]}"
    return f"{type(error).__name__} in {frames[-1].filename.rpartition('/archspec/')[2]}:{frames[-1].lineno}"


@contextmanager
def _time_limit() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    faulthandler.dump_traceback_later(STUCK, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGPROF, previous)


def limit_memory() -> None:
    """Allow this process MEMORY bytes of address space beyond what it has after its imports."""
    list(run_case(0))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


def run_chunk(first: int, texts: int) -> None:
    """Run some seeds in this process and print each failure as a line of JSON."""
    limit_memory()
    for seed in range(first, first + texts):
        print(json.dumps({"seed": seed}), flush=True)
        for failure in run_case(seed):
            print(json.dumps({"failure": [failure.function, failure.seed, failure.cause, failure.details]}), flush=True)


def chunk_failures(first: int, texts: int) -> list[Failure]:
    """Run some seeds in a process of their own; the end of that process is a failure of the seed it was at."""
    found: list[Failure] = []
    seed = first
    while seed < first + texts:
        command = [sys.executable, "-m", "tests.fuzz.campaign", "--chunk", str(seed), str(first + texts - seed)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        found += [Failure(*line["failure"]) for line in lines if "failure" in line]
        if done.returncode == 0:
            break
        at = max((line["seed"] for line in lines if "seed" in line), default=seed)
        found.append(Failure("process", at, f"ended with {done.returncode}", done.stderr[-4000:]))
        seed = at + 1
    return found


def run_campaign(first: int, texts: int, workers: int) -> list[Failure]:
    """Run consecutive seeds in several processes; progress goes to standard error."""
    chunks = [(start, min(CHUNK, first + texts - start)) for start in range(first, first + texts, CHUNK)]
    found: list[Failure] = []
    with ThreadPoolExecutor(workers) as pool:
        for number, failures in enumerate(pool.map(lambda chunk: chunk_failures(*chunk), chunks), 1):
            found += failures
            cases = min(number * CHUNK, texts) * len(FUNCTIONS)
            print(f"\r{cases:,} cases, {len(found):,} failures ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


def by_cause(failures: list[Failure]) -> dict[str, list[Failure]]:
    """Group failures by cause, the most frequent first."""
    groups: dict[str, list[Failure]] = {}
    for failure in failures:
        groups.setdefault(f"{failure.function}: {failure.cause}", []).append(failure)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def main() -> None:
    """Run a campaign, or one chunk of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000, help="functions to call (default: %(default)s)")
    parser.add_argument("--texts", type=int, help="seeds to run, in place of --cases")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes at a time (default: %(default)s)")
    parser.add_argument("--chunk", type=int, nargs=2, metavar=("SEED", "TEXTS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.chunk:
        run_chunk(*arguments.chunk)
        return
    texts = arguments.texts or -(-arguments.cases // len(FUNCTIONS))
    failures = run_campaign(arguments.seed, texts, arguments.workers)
    for cause, group in by_cause(failures).items():
        seeds = ", ".join(str(failure.seed) for failure in group[:5])
        print(f"{len(group):,} × {cause} (seeds {seeds})\n{group[0].details}")
    last = arguments.seed + texts - 1
    print(f"{texts * len(FUNCTIONS):,} cases, seeds {arguments.seed} to {last}: {len(failures):,} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
