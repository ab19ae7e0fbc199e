// The graph panel: the picture with its boxes, which can be selected, opened, searched and walked by keyboard.

import { Camera } from "./camera";
import type { Box } from "./contract";
import { button, element } from "./dom";
import { parsed } from "./picture";

export interface Wishes {
  select: (id: string) => void;
  toggle: (path: string) => void;
}

export class Graph {
  readonly root: HTMLElement;
  private readonly panel: HTMLElement;
  private readonly note: HTMLElement;
  private readonly found: HTMLElement;
  private readonly search: HTMLInputElement;
  private readonly camera: Camera;
  private boxes = new Map<string, SVGGElement>();
  private data: Record<string, Box> = {};
  private shown = "";
  private selected = "";
  private hits: string[] = [];

  constructor(private readonly wishes: Wishes) {
    this.search = element("input", { type: "search", placeholder: "Find a layer", "aria-label": "Find a layer" });
    this.found = element("span", { class: "found", "aria-live": "polite" });
    const bar = element(
      "div",
      { class: "bar", role: "toolbar", "aria-label": "Graph" },
      this.search,
      this.found,
      element("span", { class: "gap" }),
      button("−", "Zoom out (−)", () => this.camera.zoom(false)),
      button("+", "Zoom in (+)", () => this.camera.zoom(true)),
      button("Width", "Fit the width (0)", () => this.camera.fitWidth()),
      button("All", "Show all of it (1)", () => this.camera.fitAll()),
    );
    this.panel = element("div", { class: "panel" });
    this.note = element("div", { class: "note", role: "status", hidden: "" });
    this.root = element("section", { class: "graph", "aria-label": "Graph" }, bar, this.note, this.panel);
    this.camera = new Camera(this.panel);
    this.search.addEventListener("input", () => this.searched());
    this.search.addEventListener("keydown", (event) => this.searchKey(event));
    this.panel.addEventListener("keydown", (event) => this.pressed(event));
    this.panel.addEventListener("click", (event) => this.clicked(event));
    this.panel.addEventListener("dblclick", (event) => this.doubled(event));
  }

  /** Show a picture. `key` identifies what it shows, so that small edits keep the position. */
  show(picture: { svg: string; key: string; note: string; stale: boolean }, boxes: Record<string, Box>, empty: string): void {
    this.note.hidden = !picture.note;
    this.note.textContent = picture.note;
    this.panel.classList.toggle("stale", picture.stale);
    this.data = boxes;
    // Replacing the picture drops the focus, which goes back to the selected box at the end.
    const focused = this.panel.contains((this.root.getRootNode() as ShadowRoot).activeElement);
    const svg = picture.svg ? parsed(picture.svg) : null;
    if (svg === null) {
      this.panel.replaceChildren(element("p", { class: "empty" }, empty));
      this.boxes.clear();
      this.shown = "";
      return;
    }
    this.prepare(svg);
    this.panel.replaceChildren(svg);
    this.camera.show(svg, this.shown === picture.key);
    this.shown = picture.key;
    this.mark();
    this.searched(false);
    const frame = svg.querySelector<SVGGElement>(`#${CSS.escape(`in:${this.selected}`)}`);
    if (frame && !this.boxes.has(this.selected)) this.camera.reveal(frame);
    if (focused) this.tabStop()?.focus({ preventScroll: true });
  }

  select(id: string, reveal: boolean): void {
    this.selected = id;
    this.mark();
    const box = this.boxes.get(id) ?? this.first(id);
    if (reveal && box) this.camera.reveal(box);
  }

  private prepare(svg: SVGSVGElement): void {
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", "Boxes of the network; arrow keys walk, Enter opens or folds");
    this.boxes = new Map();
    for (const group of svg.querySelectorAll<SVGGElement>("g.node")) {
      const box = this.data[group.id];
      if (box === undefined) continue;
      this.boxes.set(group.id, group);
      group.setAttribute("role", "button");
      group.setAttribute("tabindex", "-1");
      group.setAttribute("aria-label", [box.title, box.about, ...box.facts.map((fact) => fact.join(" "))].join(", "));
      group.dataset["box"] = group.id;
      if (box.opens) group.classList.add("opens");
    }
    for (const edge of svg.querySelectorAll<SVGGElement>("g.edge")) edge.setAttribute("aria-hidden", "true");
  }

  private mark(): void {
    const stop = this.tabStop();
    for (const [id, group] of this.boxes) {
      const box = this.data[id];
      const on = id === this.selected;
      group.classList.toggle("selected", on);
      group.classList.toggle("beside", !on && !!box?.stage && box.stage === this.selected);
      group.setAttribute("aria-pressed", String(on));
      // Roving tabindex: Tab enters the picture once, and arrow keys walk in it.
      group.setAttribute("tabindex", group === stop ? "0" : "-1");
    }
  }

  private tabStop(): SVGGElement | undefined {
    const inside = [...this.boxes.keys()].find((id) => this.data[id]?.frames.includes(this.selected));
    return this.boxes.get(this.selected) ?? this.boxes.get(inside ?? "") ?? this.boxes.values().next().value;
  }

  /** The first box of a stage. */
  private first(stage: string): SVGGElement | undefined {
    for (const [id, group] of this.boxes) if (this.data[id]?.stage === stage) return group;
    return undefined;
  }

  private boxAt(event: Event): string {
    return (event.target as Element).closest<SVGGElement>("g.node[data-box]")?.dataset["box"] ?? "";
  }

  private clicked(event: MouseEvent): void {
    const id = this.boxAt(event);
    if (!id) return;
    this.boxes.get(id)?.focus({ preventScroll: true });
    this.wishes.select(id);
  }

  private doubled(event: MouseEvent): void {
    const id = this.boxAt(event);
    const frame = (event.target as Element).closest<SVGGElement>("g.cluster");
    if (id) this.open(id);
    else if (frame) this.wishes.toggle(frame.id.replace(/^in:/, ""));
  }

  private open(id: string): void {
    const box = this.data[id];
    const path = box?.opens || box?.frames.at(-1);
    if (path) this.wishes.toggle(path);
  }

  private pressed(event: KeyboardEvent): void {
    const ids = [...this.boxes.keys()];
    const here = Math.max(0, ids.indexOf(this.boxAt(event) || this.selected));
    const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const goal = event.key === "Home" ? 0 : event.key === "End" ? ids.length - 1 : here + (step ?? 0);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step !== undefined || event.key === "Home" || event.key === "End") this.go(ids[goal]);
    else if (event.key === "Enter") this.open(ids[here] ?? "");
    else if (event.key === " ") this.go(ids[here]);
    else if (event.key === "+" || event.key === "=") this.camera.zoom(true);
    else if (event.key === "-") this.camera.zoom(false);
    else if (event.key === "0") this.camera.fitWidth();
    else if (event.key === "1") this.camera.fitAll();
    else if (event.key === "/") this.search.focus();
    else return;
    event.preventDefault();
  }

  private go(id: string | undefined): void {
    const box = id === undefined ? undefined : this.boxes.get(id);
    if (id === undefined || box === undefined) return;
    box.focus({ preventScroll: true });
    this.camera.reveal(box);
    this.wishes.select(id);
  }

  private searched(move = true): void {
    const word = this.search.value.trim().toLowerCase();
    const matches = (id: string, box: Box): boolean => `${id} ${box.title} ${box.about}`.toLowerCase().includes(word);
    this.hits = word ? [...this.boxes.keys()].filter((id) => matches(id, this.data[id]!)) : [];
    for (const [id, group] of this.boxes) group.classList.toggle("hit", this.hits.includes(id));
    this.found.textContent = word ? `${this.hits.length} found` : "";
    const first = this.hits[0] === undefined ? undefined : this.boxes.get(this.hits[0]);
    if (move && first) this.camera.reveal(first);
  }

  private searchKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      this.search.value = "";
      this.searched();
    } else if (event.key === "Enter" && this.hits.length) {
      const next = (this.hits.indexOf(this.selected) + 1) % this.hits.length;
      this.wishes.select(this.hits[next]!);
      this.select(this.hits[next]!, true);
    }
  }
}
