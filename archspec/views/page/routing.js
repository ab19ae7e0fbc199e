// Routes of the connections: down the chain, down a free column, or through a lane on the right. They turn sideways only in
// the gaps between ranks, so that no route crosses a box.

const LANE = 16;

// Give every edge its path and the place of its label; return the width with the lanes. Short connections get the inner
// lanes, as in interval colouring: each takes the first lane in which nothing overlaps with it.
function route(edges, frame, width) {
  const labelled = new Set(), lanes = [];
  for (const placed of edges) {
    Object.assign(placed, endsOf(placed, frame));
    if (placed.last - placed.first > 1 && !passesFree(placed, frame)) lanes.push(placed);
    else direct(placed, frame, labelled);
  }
  lanes.sort((a, b) => a.last - a.first - (b.last - b.first) || a.first - b.first);
  const rows = [];
  for (const placed of lanes) {
    placed.lane = rows.findIndex((row) => row.every((other) => placed.last <= other.first || other.last <= placed.first));
    if (placed.lane < 0) placed.lane = rows.push([]) - 1;
    rows[placed.lane].push(placed);
  }
  let x = width + LANE;
  for (const row of rows) {
    for (const placed of row) throughLane(placed, frame, x);
    x += LANE + Math.max(...row.map((placed) => widest(placed.lines)));
  }
  return rows.length ? x : width;
}

// The ends of a connection as x, y and rank; inputs of a body are at rank -1, outputs below the last.
function endsOf({edge, source, target}, frame) {
  const {rows, anchor} = frame, ranks = frame.grid.ranks;
  const from = source
    ? {x: source.x + source.anchor, y: source.y + source.height, first: source.rank}
    : {x: anchor + PORT * (-1 - edge.from), y: 0, first: -1};
  const shift = target && !target.inner ? Math.min(PORT * edge.port, Math.max(0, target.width / 2 - 8)) : PORT * edge.port;
  const to = target
    ? {tx: target.x + target.anchor + shift, ty: target.y - (target.box.count > 1 && !target.inner ? 4 : 0), last: target.rank}
    : {tx: anchor + PORT * (edge.to - frame.count), ty: rows.height, last: ranks};
  const bottom = source ? rows.bottoms[source.rank] : 0;
  return {...from, ...to, bottom, lines: edgeLines(edge, target)};
}

// Whether the column of the source, or the one reserved for the box that follows it, is free all the way.
function passesFree(placed, frame) {
  if (placed.target && placed.target.follows === placed.edge.from) return true;
  const column = placed.source ? placed.source.column : 0;
  if (!frame.grid.free(column, placed.first + 1, placed.last - 1)) return false;
  for (let rank = placed.first + 1; rank < placed.last; rank++) frame.grid.taken[rank].add(column);
  return true;
}

function direct(placed, frame, labelled) {
  const {x, y, ty, first, last, target, edge} = placed;
  const tx = target && !target.inner ? target.x + target.anchor : placed.tx;
  const follows = target && target.follows === edge.from;
  const labelSpace = placed.source && Math.abs(x - tx) > PORT ? 26 : 0;  // the label is next to the straight beginning
  const start = (follows || last === 0 ? placed.bottom : Math.max(frame.rows.bottoms[last - 1], placed.bottom)) + labelSpace;
  const end = (follows ? frame.rows.tops[first + 1] : ty) - 9, middle = (start + end) / 2;
  placed.d = x === tx ? `M${x},${y}V${ty}` : `M${x},${y}V${start}C${x},${middle} ${tx},${middle} ${tx},${end}V${ty}`;
  if (placed.beside) {
    placed.d = `M${x},${y}V${start}C${x - 28},${middle} ${tx - 28},${middle} ${tx},${end}V${ty}`;
    placed.label = {x: x + 18 + textWidth(edge.shape), y: placed.bottom + 26};
    return;
  }
  const key = `${edge.from}:${placed.lines.join("|")}`;
  const known = labelled.has(key) || (edge.kind === "chain" && edge.from < 0);
  labelled.add(key);
  if (!target || target.box.end || (known && edge.kind === "chain")) placed.label = null;
  else if (entersAside(edge, placed.source, target)) {
    placed.label = {x: tx + 6, y: ty - 16 - (placed.lines.length - 1) * LINE};
  } else placed.label = {x: x + 6, y: placed.bottom + (labelSpace ? 22 : 26)};
}

function throughLane(placed, frame, lane) {
  const {x, y, tx, ty, bottom} = placed, r = 7;
  const out = bottom + 33, into = ty - 11;
  placed.d =
    `M${x},${y}V${out - r}q0,${r} ${r},${r}H${lane - r}q${r},0 ${r},${r}V${into - r}` +
    `q0,${r} ${-r},${r}H${tx + r}q${-r},0 ${-r},${Math.min(r, ty - into)}V${ty}`;
  placed.label = {x: lane + 6, y: (out + into) / 2 - ((placed.lines.length - 1) * LINE) / 2 + 4};
}

// The path of a folded block's own shortcut, around the box.
function aroundBox({x, y, width, height, anchor}) {
  const r = 6, right = x + width + 10, top = y - 9, bottom = y + height + 8, middle = x + anchor;
  return (
    `M${middle},${top}H${right - r}q${r},0 ${r},${r}V${bottom - r}q0,${r} ${-r},${r}H${middle}`
  );
}
