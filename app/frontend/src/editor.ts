// The editor: YAML with markers, messages, quick fixes and completion.

import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyField, historyKeymap, indentLess, insertTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField, Transaction, type Extension } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, type DecorationSet } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { completing } from "./completion";
import type { Edit, Finding, Words } from "./contract";
import { element } from "./dom";

export interface Heard {
  edited: (text: string) => void;
  moved: (line: number) => void;
}

const light = StateEffect.define<[number, number] | null>();
const lit = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(light)) next = lines(transaction.state, effect.value);
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function lines(state: EditorState, range: [number, number] | null): DecorationSet {
  if (range === null) return Decoration.none;
  const marks = [];
  for (let number = range[0]; number <= Math.min(range[1], state.doc.lines); number++)
    marks.push(Decoration.line({ class: "lit" }).range(state.doc.line(number).from));
  return Decoration.set(marks);
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--key)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--string)" },
  { tag: tags.comment, color: "var(--comment)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.meta, tags.labelName, tags.typeName], color: "var(--meta)" },
]);

const KEPT = { history: historyField };

/** The states of documents that were open: undo survives a visit to another page. */
const left = new Map<string, EditorState>();

export class Editor {
  readonly root = element("section", { class: "editor", "aria-label": "Spec" });
  private readonly view: EditorView;
  private readonly setup: Extension;
  private quiet = false;
  private document = "";

  constructor(words: Words, private readonly heard: Heard, root: Document | ShadowRoot) {
    this.setup = [
      lineNumbers(),
      foldGutter(),
      lintGutter(),
      history(),
      drawSelection(),
      bracketMatching(),
      highlightActiveLine(),
      highlightSelectionMatches(),
      search({ top: true }),
      yaml(),
      indentUnit.of("  "),
      syntaxHighlighting(colours),
      autocompletion({ override: [completing(words)], icons: false }),
      lit,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": "The spec, in YAML. Escape and then Tab leaves the editor.", spellcheck: "false" }),
      keymap.of([...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
      keymap.of([{ key: "Tab", run: insertTab, shift: indentLess }]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !this.quiet) this.heard.edited(update.state.doc.toString());
        // Only the user's own moves select a box: goTo() moves the cursor too.
        const byUser = update.transactions.some((one) => one.isUserEvent("select") || one.isUserEvent("input"));
        if (update.selectionSet && byUser && !this.quiet) this.heard.moved(this.line());
      }),
    ];
    this.view = new EditorView({ parent: this.root, root, state: EditorState.create({ extensions: this.setup }) });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Show a document in the state it was left in, if it was open: the last edit may not have been sent yet. */
  take(id: string, text: string): void {
    if (id === this.document) return;
    this.leave();
    this.document = id;
    const before = left.get(id);
    this.quiet = true;
    const setup = { extensions: this.setup }; // of this editor: the previous one's reports to a component that is gone
    const state = before && EditorState.fromJSON(before.toJSON(KEPT), setup, KEPT);
    this.view.setState(state ?? EditorState.create({ doc: text, ...setup }));
    this.quiet = false;
  }

  leave(): void {
    if (!this.document) return;
    // Deleted first: a Map keeps the place of a key that is set again, and the document left longest ago is dropped.
    left.delete(this.document);
    left.set(this.document, this.view.state);
    if (left.size > 8) left.delete(left.keys().next().value!);
  }

  close(): void {
    this.leave();
    this.view.destroy();
  }

  light(range: [number, number] | null, scroll: boolean): void {
    const effects: StateEffect<unknown>[] = [light.of(range)];
    if (range && scroll && range[0] <= this.view.state.doc.lines) {
      const place = this.view.state.doc.line(range[0]).from;
      effects.push(EditorView.scrollIntoView(place, { y: "center" }));
    }
    this.view.dispatch({ effects });
  }

  goTo(line: number, column = 1): void {
    const place = this.offset(line, column);
    this.view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
    this.view.focus();
  }

  mark(findings: Finding[]): void {
    const marks = findings.filter((finding) => finding.here).map((finding) => this.marked(finding));
    this.view.dispatch(setDiagnostics(this.view.state, marks));
  }

  /** Apply the edits of a fix as one step that can be undone. */
  apply(edits: Edit[]): void {
    const changes = edits.map((edit) => ({
      from: this.offset(edit.line, edit.column),
      to: this.offset(edit.endLine, edit.endColumn),
      insert: edit.text,
    }));
    this.view.dispatch({ changes, annotations: Transaction.userEvent.of("input.fix") });
    this.view.focus();
  }

  private line(): number {
    return this.view.state.doc.lineAt(this.view.state.selection.main.head).number;
  }

  /** A line and column as Python counts them, in characters; a text here is counted in halves of those beyond 16 bits. */
  private offset(line: number, column: number): number {
    const here = this.view.state.doc.line(Math.min(Math.max(1, line), this.view.state.doc.lines));
    const before = Array.from(here.text).slice(0, column - 1).join("");
    return here.from + before.length;
  }

  private marked(finding: Finding): Diagnostic {
    const from = this.offset(finding.line, finding.column);
    const to = Math.max(from, this.offset(finding.endLine, finding.endColumn));
    const lines = [`${finding.code}: ${finding.message}`, ...finding.causes, finding.hint && `What to do: ${finding.hint}`];
    const act = { name: finding.safe ? "Fix" : "Try fix", apply: () => this.apply(finding.fix) };
    return {
      from,
      to,
      severity: finding.severity,
      message: lines.filter(Boolean).join("\n"),
      actions: finding.fix.length ? [act] : [],
    };
  }
}
