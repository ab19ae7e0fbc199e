// Layout: boxes below one another in ranks, parallel branches in columns, and skips in lanes on the right. It is recursive:
// an opened box is laid out first, then placed in the body around it like any other box.

const LINE = 16, PADDING = 12, FRAME = 14, HEADER = 24, GAP = 50, BETWEEN = 30, PORT = 14;

const pencil = document.createElement("canvas").getContext("2d");
pencil.font = "12px Helvetica, Arial, sans-serif";
const widths = new Map();

function textWidth(text) {
  if (!widths.has(text)) widths.set(text, pencil.measureText(text).width);
  return widths.get(text);
}

function widest(lines) {
  return lines.reduce((most, line) => Math.max(most, textWidth(line)), 0);
}

// A body with its boxes placed relative to its own corner; `anchor` is the x of its first input.
function layOut(number, key, prefix, state, first = 0) {
  const body = state.bodies[number];
  let op = first;
  const boxes = body.boxes.map((box, index) => {
    op += opsOf(box, state);
    return measureBox(box, `${key}/${index}`, prefix, state, op);
  });
  const grid = gridOf(boxes, body.edges);
  const columns = placeColumns(boxes, body.edges);
  const rows = placeRows(boxes, body.edges, grid);
  for (const box of boxes) {
    box.x = columns.anchors[box.column] - box.anchor;
    box.y = rows.tops[box.rank];
  }
  const edges = body.edges.map((edge) => {
    return {edge, source: boxes[edge.from], target: boxes[edge.to], beside: besideChain(edge, body.edges)};
  });
  const frame = {boxes, rows, grid, anchor: columns.anchors[0], count: boxes.length};
  const width = route(edges, frame, columns.width);
  return {boxes, edges, width, height: rows.height, anchor: frame.anchor};
}

const counts = new Map();

// How many ops a box has; a shared body is counted once.
function opsOf(box, state) {
  if (box.inside === undefined) return box.end ? 0 : 1;
  if (!counts.has(box.inside)) {
    counts.set(box.inside, state.bodies[box.inside].boxes.reduce((sum, inner) => sum + opsOf(inner, state), 0));
  }
  return counts.get(box.inside);
}

// A box with its size: folded with its text, or opened with its layout. Its receptive field is that of its last op, number
// `end` - 1 of the network; unlike its other figures, that depends on its place and is not part of the body's data.
function measureBox(data, key, prefix, state, end) {
  const [sees, reach] = data.end ? [] : (state.fields[state.seen[end - 1]] ?? []);
  const box = sees ? {...data, sees, "receptive-field": reach} : data;
  const joined = (segment) => [prefix, segment].filter(Boolean).join(".");
  const path = joined(box.path ?? box.title);
  const placed = {box, key, path, below: box.path === undefined ? prefix : path, inner: null};
  if (box.inside !== undefined && state.open.has(key)) {
    placed.inner = layOut(box.inside, key, placed.below, state, end - opsOf(box, state));
    placed.lines = [headingOf(placed)];
    placed.width = Math.max(placed.inner.width + 2 * FRAME, 1.15 * textWidth(placed.lines[0]) + 40);
    placed.height = placed.inner.height + HEADER;
    placed.anchor = placed.inner.anchor + FRAME;
    placed.reach = placed.width;
  } else {
    placed.lines = linesOf(placed, state);
    placed.width = Math.max(44, widest(placed.lines) + (box.inside === undefined ? 2 : 3) * PADDING);
    placed.height = placed.lines.length * LINE + PADDING;
    placed.anchor = placed.width / 2;
    placed.skipLabels = (box.skips ?? []).flatMap(([kind, badge]) => skipLines(kind + (box.count > 1 ? ", each" : ""), badge));
    placed.reach = placed.width + (placed.skipLabels.length ? 24 + widest(placed.skipLabels) : 0);
  }
  return placed;
}

// The rank of each box, one below the lowest box that it reads (the longest path, as in layered graph drawing), and its
// column: that of the first box that it reads, or the first free one.
function gridOf(boxes, edges) {
  const taken = boxes.map(() => new Set());
  const free = (column, first, last) => {
    for (let rank = first; rank <= last; rank++) if (taken[rank].has(column)) return false;
    return true;
  };
  const read = boxes.map(() => []);
  for (const edge of edges) if (edge.to < boxes.length) read[edge.to].push(edge);
  boxes.forEach((box, index) => {
    const before = read[index].filter((edge) => edge.from >= 0);
    box.rank = before.reduce((rank, edge) => Math.max(rank, boxes[edge.from].rank + 1), 0);
    const chains = before.filter((edge) => edge.kind === "chain"), column = (edge) => boxes[edge.from].column;
    const chain = (chains.length ? chains : before).reduce((a, b) => (a && column(a) <= column(b) ? a : b), undefined);
    const first = chain ? boxes[chain.from].rank + 1 : 0;
    box.column = chain ? boxes[chain.from].column : 0;
    if (!free(box.column, first, box.rank)) {
      box.column = 0;
      while (!free(box.column, first, box.rank)) box.column++;
    }
    for (let rank = first; rank <= box.rank; rank++) taken[rank].add(box.column);
    box.follows = chain ? chain.from : null;
  });
  return {taken, free, ranks: boxes.reduce((most, box) => Math.max(most, box.rank + 1), 0)};
}

// A connection from the left into another column has its label at its end, on the right of it.
const entersAside = (edge, source, target) => target && target.column !== (source ? source.column : 0) && target.column > 0;

// A shortcut next to the chain between the same two boxes has its label on the right of the chain's shape.
const besideChain = (edge, edges) =>
  edge.kind !== "chain" && edges.some((other) => other.kind === "chain" && other.from === edge.from && other.to === edge.to);

function placeColumns(boxes, edges) {
  const left = [], right = [];
  for (const box of boxes) {
    left[box.column] = Math.max(left[box.column] ?? 0, box.anchor);
    right[box.column] = Math.max(right[box.column] ?? 0, box.reach - box.anchor, textWidth(box.box.shape ?? "") + 8);
  }
  for (const edge of edges) {
    const target = boxes[edge.to];
    if (target && besideChain(edge, edges)) {
      const both = textWidth(edge.shape) + widest(edgeLines(edge, target)) + 24;
      right[target.column] = Math.max(right[target.column], both);
    }
    if (!entersAside(edge, boxes[edge.from], target)) continue;
    right[target.column] = Math.max(right[target.column], widest(edgeLines(edge, target)) + 8);
  }
  const anchors = [];
  let x = 0;
  for (let column = 0; column < left.length; column++) {
    anchors.push(x + (left[column] ?? 0));
    x += (left[column] ?? 0) + (right[column] ?? 0) + BETWEEN;
  }
  return {anchors: anchors.length ? anchors : [20], width: Math.max(40, x - BETWEEN)};
}

// The gap above a rank is high enough for the labels in it.
function placeRows(boxes, edges, grid) {
  const heights = new Array(grid.ranks).fill(0), gaps = new Array(grid.ranks).fill(GAP);
  for (const box of boxes) heights[box.rank] = Math.max(heights[box.rank], box.height);
  const plain = edges.every((edge) => edge.from >= 0 || (edge.kind === "chain" && boxes[edge.to]?.column === 0));
  const short = plain && edges.every((edge) => edge.from >= 0 || boxes[edge.to]?.rank === 0);
  
  for (const edge of edges) {
    const target = boxes[edge.to], below = edge.from < 0 ? 0 : boxes[edge.from].rank + 1;
    if (target && edge.kind === "chain") gaps[below] = Math.max(gaps[below], GAP + (edgeLines(edge, target).length - 1) * LINE);
    if (!entersAside(edge, boxes[edge.from], target)) continue;
    gaps[target.rank] = Math.max(gaps[target.rank], GAP + (edgeLines(edge, target).length - 1) * LINE);
  }
  if (short && grid.ranks) gaps[0] = 26;
  const tops = [];
  let y = 0;
  heights.forEach((height, rank) => {
    tops.push(y + gaps[rank]);
    y = tops[rank] + height;
  });
  return {tops, bottoms: tops.map((top, rank) => top + heights[rank]), height: y + 30};
}
