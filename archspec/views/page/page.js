// The state of the page (what is open, where the view is), and the actions that mouse, keyboard and search take on it.

const data = JSON.parse(document.getElementById("data").textContent);
const canvas = document.getElementById("canvas"), scene = element("g"), tip = document.getElementById("tip");
const state = {
  ...data, open: new Set(), placed: new Map(), arrows: new Set(), definitions: element("defs"), most: 1,
};
const view = {x: 0, y: 0, scale: 1};
let root = null, found = [], at = -1;

// The network's inputs and outputs are boxes of its body like the others.
function withEnds({bodies, inputs, outputs}) {
  const {boxes, edges} = bodies.at(-1), count = inputs.length;
  const end = ([title, about]) => ({title, about, end: true, state: about === "?" ? "unknown" : undefined});
  const moved = edges.map((edge) => {
    return {...edge, from: edge.from < 0 ? -1 - edge.from : edge.from + count, to: edge.to + count};
  });
  return {boxes: [...inputs.map(end), ...boxes, ...outputs.map(end)], edges: moved};
}

// Walk over the boxes of the network with the keys of those around each; `enter` decides whether to descend into one.
function* walkBoxes(number, key, prefix, around, enter) {
  for (const [index, box] of state.bodies[number].boxes.entries()) {
    const own = `${key}/${index}`, path = [prefix, box.path ?? box.title].filter(Boolean).join(".");
    yield {box, key: own, path, around};
    const below = box.path === undefined ? prefix : path;
    if (box.inside !== undefined && enter(box, path)) yield* walkBoxes(box.inside, own, below, [...around, own], enter);
  }
}

const all = (enter = () => true) => walkBoxes(state.bodies.length - 1, "", "", [], enter);

function openPath(path) {
  const leads = (box, own) => box.path === undefined || `${path}.`.startsWith(`${own}.`);
  for (const {box, key, path: own, around} of all(leads)) {
    if (own !== path) continue;
    around.forEach((outer) => state.open.add(outer));
    if (box.inside !== undefined) state.open.add(key);
    if (box.path !== undefined) return;
  }
}

function openLevel(level) {
  state.open.clear();
  if (level === "stage") return;
  const enter = (box) => level === "op" || box.path === undefined;
  for (const {box, key} of all(enter)) {
    if (box.inside !== undefined && (level === "op" || (box.path === undefined && !box.count))) state.open.add(key);
  }
}

function draw(keep) {
  const before = keep && state.placed.get(keep) ? state.placed.get(keep).group.getBoundingClientRect() : null;
  const focused = document.activeElement?.dataset?.key;
  state.placed.clear();
  root = layOut(state.bodies.length - 1, "", "", state);
  state.most = largestFigure(root);
  scene.replaceChildren(drawBody(root, 0, 0, state));
  const after = state.placed.get(keep)?.group.getBoundingClientRect();
  if (before && after) move(view.x + before.left - after.left, view.y + before.top - after.top, view.scale);
  if (focused) state.placed.get(focused)?.group.focus({preventScroll: true});
}

function largestFigure(layout) {
  return layout.boxes.reduce(
    (most, box) => Math.max(most, box.inner ? largestFigure(box.inner) : (box.box[state.colour] ?? 0)), 1,
  );
}

function move(x, y, scale) {
  Object.assign(view, {x, y, scale: Math.min(4, Math.max(0.02, scale))});
  scene.setAttribute("transform", `translate(${view.x},${view.y}) scale(${view.scale})`);
}

function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const scale = Math.min(4, Math.max(0.02, view.scale * factor)), by = scale / view.scale;
  move(x - (x - view.x) * by, y - (y - view.y) * by, scale);
}

// Fit the whole picture if it stays readable, else its width, from the top.
function fit() {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const whole = Math.min(1.2, (width - 40) / root.width, (height - 40) / root.height);
  const scale = whole > 0.5 ? whole : Math.min(1, (width - 40) / root.width);
  move((width - root.width * scale) / 2, whole > 0.5 ? (height - root.height * scale) / 2 : 10, scale);
}

function toggle(key) {
  const {placed} = state.placed.get(key);
  if (placed.box.inside === undefined) return;
  if (!state.open.delete(key)) state.open.add(key);
  draw(key);
}

function centre(key) {
  const box = state.placed.get(key).group.getBoundingClientRect(), window = canvas.getBoundingClientRect();
  const dx = window.left + window.width / 2 - (box.left + box.width / 2);
  const dy = window.top + window.height / 2 - (box.top + Math.min(box.height, window.height) / 2);
  move(view.x + dx, view.y + dy, view.scale);
}

function showTip(key, x, y) {
  const {placed} = state.placed.get(key);
  tip.replaceChildren(...detailsOf(placed).map((line) => Object.assign(document.createElement("div"), {textContent: line})));
  tip.hidden = false;
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.max(4, Math.min(y + 14, innerHeight - tip.offsetHeight - 8))}px`;
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  found = [];
  at = -1;
  if (wanted) {
    for (const item of all()) {
      if (`${item.path} ${item.box.about}`.toLowerCase().includes(wanted)) found.push(item);
    }
  }
  mark();
}

function mark() {
  for (const {group} of state.placed.values()) group.classList.remove("found");
  if (at >= 0) state.placed.get(found[at].key)?.group.classList.add("found");
  const count = at >= 0 ? `${at + 1} of ${found.length}: ${found[at].path}` : `${found.length} found`;
  document.getElementById("count").textContent = document.getElementById("search").value.trim() ? count : "";
}

function showFound(step) {
  if (!found.length) return;
  at = (at + step + found.length) % found.length;
  found[at].around.forEach((key) => state.open.add(key));
  if (view.scale < 0.6) move(view.x, view.y, 1);
  draw();
  centre(found[at].key);
  mark();
}
