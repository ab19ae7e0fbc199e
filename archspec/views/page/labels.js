// The texts of boxes and connections, and the details of a box that its tooltip shows. The same as in labels.py.

const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];

function formatCount(number, unit) {
  for (const [size, prefix] of PREFIXES) {
    const value = number / size, digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    if (value >= 1) return `${value.toFixed(digits)} ${prefix}${unit}`;
  }
  return `${number} ${unit.trim()}`;
}

function formatBytes(bytes) {
  for (const [power, name] of [[40, "TiB"], [30, "GiB"], [20, "MiB"], [10, "KiB"]]) {
    const value = bytes / 2 ** power, digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    if (value >= 1) return `${value.toFixed(digits).replace(/^(\d)(\d{3})$/, "$1,$2")} ${name}`;
  }
  return `${bytes} B`;
}

const FIGURES = {
  params: (box) => (box.params === undefined ? "" : formatCount(box.params, " params")),
  macs: (box) => (box.macs === undefined ? "" : formatCount(box.macs, " MACs")),
  memory: (box) => (box.memory === undefined ? "" : formatBytes(box.memory)),
  "receptive-field": (box) => (box.sees ? `sees ${box.sees}` : ""),
};

function linesOf({box}, state) {
  if (box.end) return [box.title, box.about];
  const about = box.about.split("\n");
  if (box.count > 1) about[about.length - 1] += `  ×${box.count}`;
  const lines = box.title === box.about ? about : [box.title, ...about];
  const figure = state.colour ? FIGURES[state.colour](box) : "";
  if (figure) lines.push(figure);
  if (box.state === "failed") lines.push(["fails:", ...box.codes].join(" "));
  if (box.state === "failed" && box.given.length > 1) lines.push(box.given.join(" and "));
  return lines;
}

function headingOf({box}) {
  const about = box.about.split("\n")[0];
  const count = box.count > 1 ? ` ×${box.count}` : "";
  return box.title === about ? box.title : `${box.title}: ${about}${count}`;
}

function skipLines(kind, badge) {
  return badge ? [kind, ...`⊕ ${badge}`.split(", ")] : [kind];
}

function edgeLines(edge, target) {
  if (edge.kind === "chain") return edge.shape.split(", ");
  return edge.kind === "long-range" ? ["skip", ...edge.shape.split(", ")] : skipLines(edge.kind, edge.badge);
}

// The lines of a tooltip, with all figures in full.
function detailsOf({box, path}) {
  const details = [path, box.about.replace("\n", ", ") + (box.count > 1 ? ` ×${box.count}` : "")];
  if (box.shape) details.push(`output ${box.shape}`);
  if (box.params !== undefined) {
    details.push(`${box.params.toLocaleString("en")} params, ${box.macs.toLocaleString("en")} MACs`);
    details.push(`${formatBytes(box.memory)} of outputs`);
  }
  if (box.sees) details.push(`sees ${box.sees}`);
  for (const [kind, badge] of box.skips ?? []) details.push(`shortcut: ${kind}${badge ? ` (${badge})` : ""}`);
  if (box.state === "failed") details.push(`fails: ${box.codes.join(" ")}`);
  if (box.state === "unknown") details.push("behind a failure: unknown");
  if (box.origin) details.push(box.origin);
  return details;
}
