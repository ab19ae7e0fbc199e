// Completion from the language's JSON Schema, by the position of the cursor.

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Words } from "./contract";

type Described = Record<string, string>;

export function completing(words: Words): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    const line = context.state.doc.lineAt(context.pos);
    const before = line.text.slice(0, context.pos - line.from);
    const typed = /[\w]*$/.exec(before)![0];
    if (before.includes("#") || (!typed && !context.explicit)) return null;
    // A function, as most positions are decided by the line of the cursor alone.
    const lines = (): string[] => context.state.doc.sliceString(0, line.from).split("\n");
    const options = proposals(words, before.slice(0, before.length - typed.length), lines);
    return options.length ? { from: context.pos - typed.length, options, validFor: /^\w*$/ } : null;
  };
}

function proposals(words: Words, before: string, lines: () => string[]): Completion[] {
  const value = /([\w]+):\s*$/.exec(before);
  if (value) {
    const callee = calleeAt(words, before.slice(0, value.index), lines);
    return values(words.arguments[callee]?.[value[1]!]?.values ?? []);
  }
  const callee = calleeAt(words, before, lines);
  if (callee) return [...named(words, callee), ...keys(words.reserved)];
  if (/^\s*$/.test(before) && before.length === 0) return keys(words.keys);
  if (/-\s*(\{\s*)?$/.test(before)) return keys(words.layers, "function");
  return /[[{,]\s*$/.test(before) ? keys(words.layers, "function") : [];
}

/** The op or block whose arguments are being written: by an open brace on the line, else by indentation. */
function calleeAt(words: Words, before: string, lines: () => string[]): string {
  let depth = 0;
  for (let place = before.length - 1; place >= 0; place--) {
    // Backwards: a closed pair of braces is an argument's value, not the call around the cursor.
    if (before[place] === "}") depth++;
    if (before[place] !== "{" || depth-- > 0) continue;
    const name = /([\w]+):\s*$/.exec(before.slice(0, place))?.[1] ?? "";
    const block = /\{\s*block:\s*([\w]+)/.exec(before.slice(place))?.[1] ?? "";
    return name in words.arguments ? name : block in words.arguments ? block : "";
  }
  const indent = before.length - before.trimStart().length;
  if (!indent || before.trim()) return "";
  for (const line of lines().reverse()) {
    if (!line.trim()) continue;
    const found = /^(\s*(?:-\s*)?)([\w]+):\s*$/.exec(line);
    if (line.length - line.trimStart().length >= indent) continue;
    return found && found[2]! in words.arguments ? found[2]! : "";
  }
  return "";
}

function named(words: Words, callee: string): Completion[] {
  const known = words.arguments[callee] ?? {};
  return Object.entries(known).map(([label, { about }]) => ({ label, apply: `${label}: `, info: about || undefined, type: "property" }));
}

function keys(known: Described, type = "keyword"): Completion[] {
  return Object.entries(known).map(([label, about]) => ({ label, apply: `${label}: `, info: about || undefined, type }));
}

function values(known: string[]): Completion[] {
  return known.map((label) => ({ label, type: "enum" }));
}
