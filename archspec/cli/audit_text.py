"""The report of an audit as text and as markdown."""

from __future__ import annotations

from archspec.cli.formats.report import counted, printable
from archspec.cli.markdown import code, table
from archspec.ir.types import show_shape
from archspec.runtime.audit.report import Audit, Checked, Figure

NAMES = {"params": "params", "macs": "MACs", "training_macs": "training MACs"}
NOT_INSTALLED = "not installed"


def render_text(audit: Audit) -> str:
    """Return the figures, then each checker with its own, the rules below a figure that differs."""
    lines = [_title(audit), "", "archspec"]
    ours = (("params", audit.params), ("macs", audit.macs), ("training_macs", audit.training_macs))
    lines.extend(f"  {NAMES[name]:<14}{count:>20,}" for name, count in ours)
    for checked in audit.checked:
        lines += ["", f"{_checker(checked)}: {checked.error or checked.about if checked.version else NOT_INSTALLED}"]
        for figure in checked.figures:
            lines.extend(_figure(figure))
    return "\n".join(printable(line) for line in [*lines, "", _verdict(audit)])


def render_markdown(audit: Audit) -> str:
    """Return a heading, a table with a row for each figure of each checker, and the verdict."""
    rows = [("archspec", NAMES[name], f"{count:,}", "", "") for name, count in (("params", audit.params),)]
    rows += [("archspec", NAMES["macs"], f"{audit.macs:,}", "", "")]
    rows += [("archspec", NAMES["training_macs"], f"{audit.training_macs:,}", "", "")]
    for checked in audit.checked:
        if not checked.figures:
            rows.append((code(_checker(checked)), "", "", "", code(checked.error or NOT_INSTALLED)))
        for figure in checked.figures:
            why = "; ".join(f"{amount} {words}" for amount, words in _terms(figure))
            difference = f"{figure.difference:+,}" if figure.difference else "0"
            name, counts = NAMES[figure.name], f"{figure.theirs:,}"
            rows.append((code(_checker(checked)), name, counts, difference, code(why)))
    head = ("counter", "figure", "counts", "difference", "why")
    lines = [f"### {code(_title(audit))}", "", *table(head, rows, right=(2, 3)), "", _verdict(audit)]
    return "\n".join(lines)


def _title(audit: Audit) -> str:
    name = audit.name + (f":{audit.variant}" if audit.variant else "")
    inputs = ", ".join(f"{name} {show_shape(value.shape)}" for name, value in audit.inputs)
    return printable(f"{name}   one sample: {inputs}")


def _checker(checked: Checked) -> str:
    return f"{checked.checker} ({checked.version})" if checked.version else checked.checker


def _figure(figure: Figure) -> list[str]:
    difference = f"{figure.difference:+,}" if figure.difference else "the same"
    lines = [f"  {NAMES[figure.name]:<14}{figure.theirs:>20,}  {difference:>18}"]
    return lines + [f"  {'':<34}  {amount:>18}  {words}" for amount, words in _terms(figure)]


def _terms(figure: Figure) -> list[tuple[str, str]]:
    """Return the rules with their amounts, and the unexplained rest."""
    terms = [(f"{term.amount:+,}", f"{term.rule} ({counted(term.layers, 'layer')})") for term in figure.terms]
    return [*terms, (f"{figure.unexplained:+,}", "unexplained")] if figure.unexplained else terms


def _verdict(audit: Audit) -> str:
    left = [checked.checker for checked in audit.checked if not checked.explained]
    return f"not explained: {', '.join(left)}" if left else "every difference is explained"
