// Panning and zooming: which part of the picture the panel shows.

const CLOSEST = 4;
const STEP = 1.25;

export class Camera {
  private x = 0;
  private y = 0;
  private scale = 1;
  private width = 1;
  private height = 1;
  private svg: SVGSVGElement | null = null;
  private moved = false;

  constructor(private readonly panel: HTMLElement) {
    // Not passive: the handler keeps the page from scrolling while the picture moves.
    panel.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
    panel.addEventListener("pointerdown", (event) => this.pressed(event));
    new ResizeObserver(() => (this.moved ? this.apply() : this.fitWidth())).observe(panel);
  }

  /** Show another picture; one much like the previous one keeps the position. */
  show(svg: SVGSVGElement, stay: boolean): void {
    this.svg = svg;
    const box = (svg.getAttribute("viewBox") ?? "0 0 1 1").split(/\s+/).map(Number);
    this.width = Math.max(1, box[2] ?? 1);
    this.height = Math.max(1, box[3] ?? 1);
    // The picture fills the panel; its viewBox says which part is seen.
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    if (stay && this.moved) this.apply();
    else this.fitWidth();
  }

  /** Fit the width, from the top, no larger than drawn. */
  fitWidth(): void {
    this.moved = false;
    const [wide] = this.size();
    this.scale = Math.min(1.25, wide / this.width);
    this.x = (this.width - wide / this.scale) / 2;
    this.y = 0;
    this.apply();
  }

  /** Fit the whole picture. */
  fitAll(): void {
    const [wide, high] = this.size();
    this.moved = true;
    this.scale = Math.min(1.25, wide / this.width, high / this.height);
    this.x = (this.width - wide / this.scale) / 2;
    this.y = Math.min(0, (this.height - high / this.scale) / 2);
    this.apply();
  }

  zoom(closer: boolean): void {
    const [wide, high] = this.size();
    this.zoomAt(closer ? STEP : 1 / STEP, wide / 2, high / 2);
  }

  /** Move by pixels of the panel; return whether there was anything to move to. */
  pan(right: number, down: number): boolean {
    const before = [this.x, this.y];
    this.x += right / this.scale;
    this.y += down / this.scale;
    this.moved = true;
    this.apply();
    return Math.abs(before[0]! - this.x) + Math.abs(before[1]! - this.y) > 0.01;
  }

  /** Scroll a box into view, if it is not. */
  reveal(box: SVGGraphicsElement): void {
    const panel = this.panel.getBoundingClientRect();
    const place = box.getBoundingClientRect();
    const inside = place.top >= panel.top && place.bottom <= panel.bottom;
    if (inside && place.left >= panel.left && place.right <= panel.right) return;
    this.pan(
      place.left + place.width / 2 - panel.left - panel.width / 2,
      place.top + place.height / 2 - panel.top - panel.height / 2,
    );
  }

  private size(): [number, number] {
    return [Math.max(1, this.panel.clientWidth), Math.max(1, this.panel.clientHeight)];
  }

  private zoomAt(factor: number, x: number, y: number): void {
    const [wide, high] = this.size();
    const least = Math.min(1, wide / this.width, high / this.height) / 2;
    const scale = Math.min(CLOSEST, Math.max(least, this.scale * factor));
    // The point under the cursor stays where it is.
    this.x += x / this.scale - x / scale;
    this.y += y / this.scale - y / scale;
    this.scale = scale;
    this.moved = true;
    this.apply();
  }

  private apply(): void {
    const [wide, high] = this.size();
    const [w, h] = [wide / this.scale, high / this.scale];
    this.x = clamped(this.x, this.width, w);
    this.y = clamped(this.y, this.height, h);
    this.svg?.setAttribute("viewBox", `${this.x} ${this.y} ${w} ${h}`);
  }

  private wheeled(event: WheelEvent): void {
    if (event.ctrlKey || event.metaKey) {
      const panel = this.panel.getBoundingClientRect();
      this.zoomAt(event.deltaY < 0 ? 1.1 : 1 / 1.1, event.clientX - panel.left, event.clientY - panel.top);
      event.preventDefault();
    } else if (this.pan(event.deltaX, event.deltaY)) event.preventDefault();
  }

  private pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    let [x, y, dragging] = [event.clientX, event.clientY, false];
    const move = (next: PointerEvent): void => {
      if (!dragging && Math.abs(next.clientX - x) + Math.abs(next.clientY - y) < 4) return;
      // Not before it is a drag: the panel would get the click that is meant for a box.
      if (!dragging) this.panel.setPointerCapture(event.pointerId);
      dragging = true;
      this.panel.classList.add("dragging");
      this.pan(x - next.clientX, y - next.clientY);
      [x, y] = [next.clientX, next.clientY];
    };
    const done = (): void => {
      this.panel.removeEventListener("pointermove", move);
      this.panel.classList.remove("dragging");
    };
    this.panel.addEventListener("pointermove", move);
    this.panel.addEventListener("pointerup", done, { once: true });
    this.panel.addEventListener("pointercancel", done, { once: true });
  }
}

/** Centre a picture that does not fill the panel; keep a fifth of any other in view. */
function clamped(place: number, whole: number, seen: number): number {
  if (whole <= seen) return (whole - seen) / 2 > 0 ? 0 : Math.max(whole - seen, Math.min(0, place));
  const rim = seen / 5;
  return Math.max(-rim, Math.min(whole - seen + rim, place));
}
