"""The number of findings of each rule: `--statistics`."""

from __future__ import annotations

from collections import Counter

from archspec.cli.formats.report import LintReport, as_json
from archspec.linter.catalogue import find_rule


def statistics(report: LintReport, form: str) -> str:
    """Return the counts by code, the most frequent first, as a table or as JSON."""
    counts = Counter(d.code for d in report.diagnostics)
    rows = []
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        rule = find_rule(code)
        assert rule is not None, code
        rows.append({"code": code, "count": count, "severity": rule.severity.value, "name": rule.name})
    if form == "json":
        return as_json({"statistics": rows})
    width = max((len(str(row["count"])) for row in rows), default=0)
    return "\n".join(f"{row['count']:>{width}}  {row['code']}  {row['severity']:7}  {row['name']}" for row in rows)
