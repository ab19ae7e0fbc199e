// The picture as SVG elements. Every text is set by textContent, never parsed as markup, since names come from the spec.

function element(name, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function drawText(lines, x, y, attributes) {
  const group = element("g", attributes);
  lines.forEach((line, number) => group.append(element("text", {x, y: y + number * LINE}, line)));
  return group;
}

function drawBody(layout, x, y, state) {
  const group = element("g", {transform: `translate(${x},${y})`});
  const lines = element("g"), boxes = element("g"), labels = element("g");
  for (const box of layout.boxes) boxes.append(drawBox(box, state, lines, labels));
  for (const placed of layout.edges) drawEdge(placed, state, lines, labels);
  group.append(lines, boxes, labels);
  return group;
}

function drawEdge(placed, state, lines, labels) {
  const {edge, target} = placed, failing = target && !target.inner && target.box.state === "failed";
  const colour = failing ? state.red : edge.shape === "?" ? state.grey : state.colours[edge.kind];
  const kind = state.dashed.includes(edge.kind) ? "edge dashed" : "edge";
  const arrow = target && !target.inner ? {"marker-end": `url(#${arrowFor(colour, state)})`} : {};
  lines.append(element("path", {d: placed.d, class: kind, stroke: colour, ...arrow}));
  if (placed.label) labels.append(drawText(placed.lines, placed.label.x, placed.label.y, {class: "label", fill: colour}));
}

function drawBox(placed, state, lines, labels) {
  const {box, x, y, width, height} = placed;
  const opens = box.inside !== undefined;
  const group = element("g", {
    class: ["box", placed.inner ? "opened" : "", opens ? "opens" : "", box.state ?? ""].join(" "),
    tabindex: "0",
    role: opens ? "button" : "img",
    "aria-label": detailsOf(placed).join(", "),
    "data-path": placed.path,
    "data-key": placed.key,
  });
  if (opens) group.setAttribute("aria-expanded", String(Boolean(placed.inner)));
  state.placed.set(placed.key, {placed, group});
  if (placed.inner) {
    group.append(element("rect", {x, y, width, height, rx: 10, class: "frame"}));
    group.append(element("rect", {x, y, width, height: HEADER, rx: 10, class: "heading"}));
    group.append(drawText([`− ${placed.lines[0]}`], x + 10, y + 16, {class: "title"}));
    const wrapper = element("g");
    wrapper.append(group, drawBody(placed.inner, x + FRAME, y + HEADER, state));
    return wrapper;
  }
  if (box.count > 1) group.append(element("rect", {x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: 12, class: "more"}));
  group.append(element("rect", {x, y, width, height, rx: 9, class: "face", ...fillOf(box, state)}));
  group.append(drawText(placed.lines, x + width / 2, y + PADDING / 2 + 12, {class: "words"}));
  if (opens) group.append(element("text", {x: x + width - 9, y: y + 13, class: "plus"}, "+"));
  if (placed.skipLabels.length) {
    const [kind] = box.skips[0], colour = box.state ? state.grey : state.colours[kind];
    lines.append(element("path", {d: aroundBox(placed), class: state.dashed.includes(kind) ? "edge dashed" : "edge", stroke: colour}));
    const from = y + height / 2 - ((placed.skipLabels.length - 1) * LINE) / 2 + 4;
    labels.append(drawText(placed.skipLabels, x + width + 16, from, {class: "label", fill: colour}));
  }
  return group;
}

// The colour by the root of the share of the largest box, as in colours.py.
function fillOf(box, state) {
  const figure = state.colour && !box.state ? box[state.colour] : undefined;
  if (figure === undefined) return {};
  const share = Math.sqrt(figure / Math.max(1, state.most));
  const mixed = state.light.map((light, place) => Math.round(light + (state.dark[place] - light) * share));
  return {style: `fill:rgb(${mixed.join(",")})`};
}

function arrowFor(colour, state) {
  const id = `arrow-${colour.slice(1)}`;
  if (!state.arrows.has(id)) {
    const marker = element("marker", {id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto"});
    marker.append(element("path", {d: "M0,0L8,4L0,8z", fill: colour}));
    state.definitions.append(marker);
    state.arrows.add(id);
  }
  return id;
}
