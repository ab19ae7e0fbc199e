// The inspector: the figures of the selected box, where it is written, and what can be done with it.

import type { Box, Row } from "./contract";
import { button, element } from "./dom";

export interface Acts {
  toggle: (path: string) => void;
  goTo: (line: number) => void;
}

export class Inspector {
  readonly root = element("section", { class: "inspector", "aria-label": "Inspector", "aria-live": "polite" });

  constructor(private readonly acts: Acts) {}

  show(id: string, box: Box | undefined, row: Row | undefined, columns: string[], text: string[], open: boolean): void {
    if (box !== undefined) this.root.replaceChildren(...this.ofBox(box, text));
    else if (open) this.root.replaceChildren(...this.ofFrame(id));
    else if (row !== undefined) this.root.replaceChildren(...this.ofRow(row, columns, text));
    else
      this.root.replaceChildren(
        element("h3", {}, "Inspector"),
        element("p", { class: "quiet" }, "Choose a box, a row or a line: what it costs and where it is written stands here."),
      );
  }

  private ofBox(box: Box, text: string[]): HTMLElement[] {
    const parts: HTMLElement[] = [element("h3", {}, box.title), element("p", { class: "quiet" }, box.about)];
    if (box.state === "failed") parts.push(element("p", { class: "bad" }, "This layer fails."));
    if (box.state === "unknown") parts.push(element("p", { class: "quiet" }, "Behind a layer that fails: not known."));
    parts.push(facts(box.facts));
    const doing = element("div", { class: "doing" });
    if (box.opens) doing.append(button("Open", `Open ${box.opens}`, () => this.acts.toggle(box.opens)));
    for (const frame of box.frames) doing.append(button(`Fold ${frame}`, `Fold ${frame}`, () => this.acts.toggle(frame)));
    parts.push(doing, ...this.written(box.lines, text));
    if (box.origin) parts.push(element("p", { class: "origin" }, box.origin));
    return parts;
  }

  /** Show an open block, whose boxes have the figures. */
  private ofFrame(id: string): HTMLElement[] {
    return [
      element("h3", {}, id),
      element("p", { class: "quiet" }, "Open: the boxes in its frame are what it is made of."),
      element("div", { class: "doing" }, button(`Fold ${id}`, `Fold ${id}`, () => this.acts.toggle(id))),
    ];
  }

  private ofRow(row: Row, columns: string[], text: string[]): HTMLElement[] {
    const figures = row.cells.map((cell, index): [string, string] => [columns[index + 1] ?? "", cell.text]);
    return [
      element("h3", {}, row.stage),
      element("p", { class: "quiet" }, row.kind),
      facts(figures),
      ...this.written(row.lines, text),
    ];
  }

  private written(lines: [number, number] | null, text: string[]): HTMLElement[] {
    if (lines === null) return [];
    const [first, last] = lines;
    const source = text.slice(first - 1, last).join("\n");
    const label = first === last ? `Line ${first}` : `Lines ${first} to ${last}`;
    return [
      button(label, `Go to line ${first} in the editor`, () => this.acts.goTo(first)),
      element("pre", { tabindex: "0", "aria-label": "YAML" }, source),
    ];
  }
}

function facts(rows: [string, string][]): HTMLElement {
  const list = element("dl");
  for (const [name, value] of rows) list.append(element("dt", {}, name), element("dd", {}, value || "–"));
  return list;
}
