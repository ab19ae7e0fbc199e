// The data that Python sends to the workbench, and the messages that the workbench sends back.

export interface Edit {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  text: string;
}

export interface Finding {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  severity: "error" | "warning" | "info";
  code: string;
  message: string;
  hint: string;
  causes: string[];
  here: boolean; // whether the span is in this text
  place: string;
  fix: Edit[];
  safe: boolean;
}

/** A box of the picture. `lines`: where it is written, first and last; `opens`: what is opened to see inside. */
export interface Box {
  title: string;
  about: string;
  stage: string;
  lines: [number, number] | null;
  facts: [string, string][];
  opens: string;
  frames: string[];
  state: "fine" | "failed" | "unknown";
  origin: string;
}

export interface Cell {
  text: string;
  share: number | null; // of the largest in its column
}

export interface Row {
  stage: string;
  kind: string;
  lines: [number, number] | null;
  cells: Cell[];
}

export interface Data {
  document: { id: string; text: string };
  answers: number; // the number of the edit that this is computed from
  findings: Finding[];
  picture: { svg: string; key: string; note: string; stale: boolean };
  boxes: Record<string, Box>;
  columns: string[];
  rows: Row[];
  selected: string;
  empty: string; // what is shown where there is no picture at all
}

export interface Component {
  data: Data;
  parentElement: ShadowRoot | HTMLElement;
  setStateValue: (name: string, value: unknown) => void;
}

/** The language's words, from its JSON Schema. */
export interface Words {
  keys: Record<string, string>;
  layers: Record<string, string>;
  reserved: Record<string, string>;
  arguments: Record<string, Record<string, { about: string; values: string[] }>>;
}
