// The table, a row for each stage, with bars in its cells.

import type { Row } from "./contract";
import { element } from "./dom";

export class Table {
  readonly root = element("section", { class: "table", "aria-label": "Cost of each stage" });
  private rows = new Map<string, HTMLTableRowElement>();

  constructor(private readonly select: (stage: string) => void) {
    this.root.addEventListener("keydown", (event) => this.pressed(event));
  }

  show(columns: string[], rows: Row[]): void {
    this.rows.clear();
    if (!rows.length) {
      this.root.replaceChildren(element("p", { class: "quiet" }, "No stages yet."));
      return;
    }
    const head = element("tr");
    for (const name of columns) head.append(element("th", { scope: "col" }, name));
    const body = element("tbody");
    for (const row of rows) body.append(this.row(row));
    this.root.replaceChildren(element("table", {}, element("thead", {}, head), body));
  }

  mark(stage: string): void {
    for (const [name, row] of this.rows) {
      row.classList.toggle("selected", name === stage);
      row.setAttribute("aria-current", String(name === stage));
    }
  }

  private row(row: Row): HTMLTableRowElement {
    const made = element("tr", { tabindex: "0", "data-stage": row.stage });
    const name = element("th", { scope: "row" }, row.stage, " ", element("small", {}, row.kind));
    made.append(name);
    for (const cell of row.cells) {
      const shown = element("td", {}, element("span", {}, cell.text));
      if (cell.share !== null) {
        const bar = element("i", { "aria-hidden": "true" });
        bar.style.width = `${(cell.share * 100).toFixed(1)}%`;
        shown.prepend(bar);
        shown.classList.add("number");
      }
      made.append(shown);
    }
    made.addEventListener("click", () => this.select(row.stage));
    this.rows.set(row.stage, made);
    return made;
  }

  private pressed(event: KeyboardEvent): void {
    const row = (event.target as Element).closest("tr");
    const stage = row?.dataset["stage"];
    if (row === null || stage === undefined) return;
    const next = event.key === "ArrowDown" ? row.nextElementSibling : event.key === "ArrowUp" ? row.previousElementSibling : null;
    if (event.key === "Enter" || event.key === " ") this.select(stage);
    else if (next instanceof HTMLElement) next.focus();
    else return;
    event.preventDefault();
  }
}
