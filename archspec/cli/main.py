"""The command line: arguments to public functions to an exit code.

Results go to standard output, errors and notices to standard error. Under `--format json` an error is the result.
"""

from __future__ import annotations

import argparse
import atexit
import errno
import gc
import os
import sys
from collections.abc import Sequence

from archspec.cli.exit_codes import CRASH, INTERRUPTED, PIPE_CLOSED, USAGE
from archspec.cli.parser import make_parser, print_json_error
from archspec.errors import SpecError, UsageError
from archspec.name_clash import warn_if_shared

# What a write to standard output fails with for reasons of the system: a full disk, a quota, a file limit, a device.
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (of this process if None) and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if argv is None:  # a short process that keeps most of what it allocates: collecting garbage seldom pays
        gc.set_threshold(100_000, 50, 50)
        # The last collection took a tenth of a lint, and memory is released with the process.
        atexit.register(gc.freeze)
    _prepare_streams()
    if argv is None:
        warn_if_shared()
    try:
        parser = make_parser(words)
        if not words:
            parser.print_help(sys.stderr)
            return USAGE
        arguments = parser.parse_args(words)
    # argparse exits by itself, after --help as well; main() returns its code, so that tests and programs can call it.
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader (head, less) has gone; what it has not seen may hold findings, so that this is not clean.
        _discard_output()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        # Of files that commands open the error has the name; they report it themselves.
        if error.filename is not None or error.errno not in UNWRITABLE:
            return _crashed(arguments, error)
        _discard_output()
        print(f"archspec: cannot write the output: {(error.strerror or '').lower()}", file=sys.stderr)
        return USAGE
    except Exception as error:
        return _crashed(arguments, error)


def _run(arguments: argparse.Namespace) -> int:
    """Run the command; report what it refuses, in whose report there may be a bug as well as in the command."""
    try:
        return int(arguments.run(arguments))
    except SpecError as error:
        return _report_findings(arguments, error)
    except (UsageError, ImportError) as error:
        return _fail(arguments, str(error))


def _discard_output() -> None:
    """Redirect standard output to nowhere, since flushing it once more at the end of the process would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_findings(arguments: argparse.Namespace, error: SpecError) -> int:
    """Report a spec that is wrong: the result of lint, an error of every other command; return the exit code."""
    from archspec.cli.findings import report, report_errors

    if arguments.command == "lint":
        return report(error.diagnostics, arguments.format or "full")
    return report_errors(error.diagnostics, _form(arguments))


def _form(arguments: argparse.Namespace) -> str:
    return getattr(arguments, "format", None) or "text"


def _crashed(arguments: argparse.Namespace, error: Exception) -> int:
    """Report a bug of archspec with its place, and with the whole traceback under ARCHSPEC_DEBUG; exit code 101."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    message = f"archspec has a bug: {type(error).__name__}: {error}{at}"
    if _form(arguments) == "json":
        print_json_error(message)
    print(message, file=sys.stderr)
    if os.environ.get("ARCHSPEC_DEBUG"):
        traceback.print_exception(error)
    else:
        print("nothing has been checked or is certain; please report it", file=sys.stderr)
        print("with the spec, `archspec --version` and what ARCHSPEC_DEBUG=1 prints in addition", file=sys.stderr)
    return CRASH


def _fail(arguments: argparse.Namespace, message: str) -> int:
    """Report why a command cannot go on; exit code 2."""
    if _form(arguments) == "json":
        print_json_error(message)
    else:
        print(f"archspec: {message}", file=sys.stderr)
    return USAGE


def _prepare_streams() -> None:
    """Make standard output and error print UTF-8: shapes have a ×, which old encodings lack.

    A stream that was closed before the start (`archspec lint net.yaml >&-`) discards what is printed.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        # What has taken the place of a stream (a StringIO, a test's capture) need not have it.
        if callable(reconfigure):
            # File names that are not UTF-8 are read with surrogates, which no encoding can print.
            reconfigure(encoding="utf-8", errors="backslashreplace")
