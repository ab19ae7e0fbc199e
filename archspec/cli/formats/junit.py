"""Findings as JUnit XML, which most build servers show: a suite a spec, a failed test a finding."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from archspec.cli.formats.report import LintReport, as_sentence, printable
from archspec.diagnostics import Diagnostic


def render(report: LintReport) -> str:
    """Return a document with a suite for every spec; a spec without findings has one test that passes."""
    by_file: dict[str, list[Diagnostic]] = {name: [] for name in report.checked}
    for diagnostic in report.diagnostics:
        by_file.setdefault(diagnostic.span.file, []).append(diagnostic)
    suites = [_suite(file, found, report) for file, found in by_file.items()]
    root = Element("testsuites", name="archspec", tests=_sum(suites, "tests"), failures=_sum(suites, "failures"))
    root.extend(suites)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode")


def _sum(suites: list[Element], attribute: str) -> str:
    return str(sum(int(suite.get(attribute, "0")) for suite in suites))


def _suite(file: str, found: list[Diagnostic], report: LintReport) -> Element:
    failed = sum(d in report.failing for d in found)
    name = printable(file)
    suite = Element("testsuite", name=name, tests=str(max(len(found), 1)), failures=str(failed), errors="0")
    # Servers list test cases: a suite without any would not show that the spec was checked.
    if not found:
        SubElement(suite, "testcase", name=name, classname=name)
    for diagnostic in found:
        _case(suite, name, diagnostic, report)
    return suite


def _case(suite: Element, name: str, diagnostic: Diagnostic, report: LintReport) -> None:
    """Add a test case; a finding below the fail level passes, and is in the output of its test."""
    span = diagnostic.span
    title = f"{diagnostic.code} at {span.line}:{span.column}"
    case = SubElement(suite, "testcase", name=title, classname=name, file=name, line=str(span.line))
    text = f"{name}:{span.line}:{span.column}: {diagnostic.code} {as_sentence(diagnostic)}"
    if diagnostic in report.failing:
        message = printable(diagnostic.message)
        SubElement(case, "failure", message=message, type=diagnostic.severity.value).text = text
    else:
        SubElement(case, "system-out").text = text
