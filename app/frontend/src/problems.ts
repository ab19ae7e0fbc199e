// The list of findings.

import type { Finding } from "./contract";
import { button, element } from "./dom";

export class Problems {
  readonly root = element("section", { class: "problems", "aria-label": "Problems" });

  constructor(
    private readonly goTo: (finding: Finding) => void,
    private readonly fix: (finding: Finding) => void,
  ) {}

  show(findings: Finding[]): void {
    const title = element("h3", {}, `Problems (${findings.length})`);
    if (!findings.length) {
      this.root.replaceChildren(title, element("p", { class: "quiet" }, "None: this design can be built."));
      return;
    }
    const list = element("ul");
    for (const finding of findings) list.append(this.item(finding));
    this.root.replaceChildren(title, list);
  }

  private item(finding: Finding): HTMLElement {
    const where = finding.here ? `Line ${finding.line}` : finding.place;
    const head = element("div", { class: "head" }, element("b", { class: finding.severity }, `${finding.severity} ${finding.code}`));
    if (finding.here) head.append(button(where, `Go to line ${finding.line}`, () => this.goTo(finding)));
    else head.append(element("span", { class: "quiet" }, where));
    const fixes = finding.fix.length > 0;
    if (fixes) head.append(button(finding.safe ? "Fix" : "Try fix", `Apply the fix of ${finding.code} at line ${finding.line}`, () => this.fix(finding)));
    const item = element("li", {}, head, element("p", {}, finding.message));
    if (finding.causes.length) item.append(element("ul", { class: "causes" }, ...finding.causes.map((cause) => element("li", {}, cause))));
    if (finding.hint) item.append(element("p", { class: "quiet" }, `What to do: ${finding.hint}`));
    return item;
  }
}
