// Mouse, wheel, touch, keyboard, and the controls at the top.

const control = (id) => document.getElementById(id);
const keyOf = (target) => target.closest?.(".box")?.dataset.key;
let grabbed = null;

canvas.addEventListener("pointerdown", (event) => {
  if (event.button === 0) grabbed = {x: event.clientX, y: event.clientY, moved: false};
});

addEventListener("pointermove", (event) => {
  if (!grabbed) return;
  const [dx, dy] = [event.clientX - grabbed.x, event.clientY - grabbed.y];
  if (!grabbed.moved && Math.hypot(dx, dy) < 4) return;
  tip.hidden = true;
  move(view.x + dx, view.y + dy, view.scale);
  grabbed = {x: event.clientX, y: event.clientY, moved: true};
});

addEventListener("pointerup", (event) => {
  const key = grabbed && !grabbed.moved && keyOf(event.target);
  grabbed = null;
  if (key) toggle(key);
});

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const {left, top} = canvas.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - left, event.clientY - top);
}, {passive: false});

canvas.addEventListener("pointerover", (event) => {
  const key = keyOf(event.target);
  if (key && !grabbed?.moved) showTip(key, event.clientX, event.clientY);
  else tip.hidden = true;
});

canvas.addEventListener("pointerleave", () => { tip.hidden = true; });

canvas.addEventListener("focusin", (event) => {
  const key = keyOf(event.target);
  if (!key || !event.target.matches(":focus-visible")) return;
  const box = event.target.getBoundingClientRect(), window = canvas.getBoundingClientRect();
  if (box.bottom < window.top || box.top > window.bottom || box.right < window.left || box.left > window.right) centre(key);
  const {right, top} = event.target.getBoundingClientRect();
  showTip(key, right, top);
});

// The next box in the order in which they are drawn.
function step(by) {
  const boxes = [...canvas.querySelectorAll(".box")], place = boxes.indexOf(document.activeElement);
  boxes[Math.min(boxes.length - 1, Math.max(0, place + by))]?.focus();
}

function outer(key) {
  const around = key.slice(0, key.lastIndexOf("/"));
  state.placed.get(around)?.group.focus();
}

const KEYS = {
  "/": () => control("search").focus(),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
  Escape: () => { tip.hidden = true; },
  ArrowDown: () => step(1), ArrowUp: () => step(-1),
};

const ON_A_BOX = {
  Enter: toggle, " ": toggle,
  ArrowRight: (key) => { if (!state.open.has(key)) toggle(key); },
  ArrowLeft: (key) => { state.open.has(key) ? toggle(key) : outer(key); },
};

addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, button") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = keyOf(event.target), act = key && ON_A_BOX[event.key] ? () => ON_A_BOX[event.key](key) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

control("search").addEventListener("input", (event) => search(event.target.value));
control("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") showFound(event.shiftKey ? -1 : 1);
  if (event.key === "Escape") {
    event.target.value = "";
    search("");
    event.target.blur();
  }
});
for (const [id, act] of [["in", () => zoom(1.25)], ["out", () => zoom(0.8)], ["fit", fit]]) {
  control(id).addEventListener("click", act);
}
control("level").addEventListener("change", (event) => {
  if (event.target.value) openLevel(event.target.value);
  draw();
  fit();
  mark();
});
control("colour").addEventListener("change", (event) => {
  state.colour = event.target.value;
  draw();
  mark();
});

state.bodies[state.bodies.length - 1] = withEnds(data);
canvas.append(state.definitions, scene);
control("colour").value = state.colour;
control("level").value = state.level;
openLevel(state.level);
state.opened.forEach(openPath);
draw();
fit();
