// The workbench: editor, graph, inspector, table and problems, linked in the browser by the module path.

import type { Component, Data, Words } from "./contract";
import { element } from "./dom";
import { Editor } from "./editor";
import { Graph } from "./graph";
import { Inspector } from "./inspector";
import { Problems } from "./problems";
import css from "./style.css";
import { Table } from "./table";

const TYPING = 250; // milliseconds without a key before a text is sent
// Milliseconds for which a selection stays before it is sent: arrow keys pass through many.
const WALKING = 200;

class Workbench {
  private readonly editor: Editor;
  private readonly graph: Graph;
  private readonly inspector: Inspector;
  private readonly table: Table;
  private readonly problems: Problems;
  private readonly frame = element("div", { class: "workbench" });
  private component: Component;
  private data: Data;
  private selected = "";
  private sent = 0;
  private typing = 0;
  private walking = 0;
  private document = "";

  constructor(words: Words, component: Component) {
    this.component = component;
    this.data = component.data;
    const root = component.parentElement instanceof ShadowRoot ? component.parentElement : document;
    this.editor = new Editor(words, { edited: (text) => this.edited(text), moved: (line) => this.moved(line) }, root);
    this.graph = new Graph({ select: (id) => this.select(id, "graph"), toggle: (path) => this.toggle(path) });
    this.inspector = new Inspector({ toggle: (path) => this.toggle(path), goTo: (line) => this.editor.goTo(line) });
    this.table = new Table((stage) => this.select(stage, "table"));
    this.problems = new Problems(
      (finding) => this.editor.goTo(finding.line, finding.column),
      (finding) => this.editor.apply(finding.fix),
    );
    this.frame.append(this.editor.root, this.graph.root, this.inspector.root, this.table.root, this.problems.root);
    component.parentElement.append(element("style", {}, css), element("div", { class: "around" }, this.frame));
  }

  /** Show the data of a rerun. */
  show(component: Component): void {
    this.component = component;
    const data = component.data;
    this.data = data;
    this.dress();
    const isNew = data.document.id !== this.document;
    if (isNew) {
      this.document = data.document.id;
      window.clearTimeout(this.typing);
      this.editor.take(data.document.id, data.document.text);
      this.sent = data.answers;
      // The editor was left before its last edit had been sent.
      if (this.editor.text !== data.document.text) this.edited(this.editor.text);
      this.selected = data.selected;
    }
    if (data.answers !== this.sent) return; // of an older text: the data of the latest follows
    this.frame.toggleAttribute("data-busy", false);
    this.graph.show(data.picture, data.boxes, data.empty);
    this.table.show(data.columns, data.rows);
    this.problems.show(data.findings);
    this.editor.mark(data.findings);
    this.link("python");
    if (isNew && this.selected) requestAnimationFrame(() => this.link("address")); // once there is room to scroll in
  }

  close(): void {
    window.clearTimeout(this.typing);
    window.clearTimeout(this.walking);
    this.editor.close();
  }

  /** Choose light or dark by the background of the page. */
  private dress(): void {
    const style = getComputedStyle(this.frame);
    const colour = style.getPropertyValue("--st-background-color").trim();
    const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(colour)?.slice(1).map((part) => parseInt(part, 16));
    const numbers = parts ?? colour.match(/\d+/g)?.map(Number) ?? [255, 255, 255];
    const bright = 0.299 * numbers[0]! + 0.587 * numbers[1]! + 0.114 * numbers[2]!;
    this.frame.classList.toggle("dark", bright < 128);
  }

  private edited(text: string): void {
    window.clearTimeout(this.typing);
    this.frame.toggleAttribute("data-busy", true);
    this.typing = window.setTimeout(() => {
      this.sent += 1;
      this.component.setStateValue("edit", { document: this.document, number: this.sent, text });
    }, TYPING);
  }

  /** Open or fold. Requests are numbered: Streamlit may deliver one twice when a rerun is cut short. */
  private toggle(path: string): void {
    this.selected = path;
    this.link("python");
    window.clearTimeout(this.walking);
    this.component.setStateValue("toggle", { number: Date.now(), path });
  }

  /** Select the smallest thing that is written on the line of the cursor. */
  private moved(line: number): void {
    let [best, size] = ["", Infinity];
    const consider = (id: string, lines: [number, number] | null): void => {
      if (lines === null || line < lines[0] || line > lines[1] || lines[1] - lines[0] >= size) return;
      [best, size] = [id, lines[1] - lines[0]];
    };
    const here = this.data.boxes[this.selected]?.lines;
    if (here && here[0] <= line && line <= here[1]) size = here[1] - here[0];
    for (const [id, box] of Object.entries(this.data.boxes)) consider(id, box.lines);
    for (const row of this.data.rows) consider(row.stage, row.lines);
    if (best && best !== this.selected) this.select(best, "editor");
  }

  private select(id: string, from: string): void {
    this.selected = id;
    this.link(from);
    window.clearTimeout(this.walking);
    this.walking = window.setTimeout(() => this.component.setStateValue("selected", id), WALKING);
  }

  /** Show the selection in all panels; the one that it comes from does not scroll. */
  private link(from: string): void {
    const box = this.data.boxes[this.selected];
    const row = this.data.rows.find((one) => one.stage === (box?.stage ?? stageOf(this.data, this.selected)));
    this.graph.select(this.selected, from !== "graph" && from !== "python");
    this.table.mark(row?.stage ?? "");
    this.editor.light((box ?? row)?.lines ?? null, from !== "editor" && from !== "python");
    const open = !box && Object.values(this.data.boxes).some((one) => one.frames.includes(this.selected));
    this.inspector.show(this.selected, box, row, this.data.columns, this.editor.text.split("\n"), open);
  }
}

/** The stage of the selection, which may also be an open block or a stage. */
function stageOf(data: Data, selected: string): string {
  return Object.values(data.boxes).find((box) => box.frames.includes(selected))?.stage ?? selected;
}

// Streamlit calls the component for every rerun, with the same element while it is mounted.
const open = new WeakMap<object, Workbench>();

/** The component of Streamlit, for the words of the language. */
export function workbench(words: Words): (component: Component) => () => void {
  return (component) => {
    const root = component.parentElement;
    const bench = open.get(root) ?? new Workbench(words, component);
    open.set(root, bench);
    bench.show(component);
    return () => {
      open.delete(root);
      bench.close();
    };
  };
}
