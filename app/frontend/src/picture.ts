// The SVG that Graphviz drew, as elements of the page, with nothing in it that could run or load.

// The elements that Graphviz draws with. Others, such as scripts and images, are left out.
const KEPT = new Set(["svg", "g", "title", "a", "path", "polygon", "polyline", "ellipse", "text", "tspan"]);
const NAMESPACE = "http://www.w3.org/2000/svg";

export function parsed(text: string): SVGSVGElement | null {
  const read = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (read.localName !== "svg" || read.namespaceURI !== NAMESPACE) return null;
  return copied(read) as SVGSVGElement;
}

/** A copy of the elements and attributes that pictures have; links become groups with their title. */
function copied(from: Element): SVGElement {
  const tag = from.localName === "a" ? "g" : from.localName;
  const made = document.createElementNS(NAMESPACE, tag);
  for (const attribute of Array.from(from.attributes)) {
    const name = attribute.localName;
    if (/^on/i.test(name) || name === "href" || name === "style" || name === "title") continue;
    if (attribute.name.startsWith("xmlns")) continue;
    made.setAttribute(name, attribute.value);
  }
  const linkTitle = from.localName === "a" ? from.getAttributeNS("http://www.w3.org/1999/xlink", "title") : null;
  if (linkTitle !== null) {
    const title = document.createElementNS(NAMESPACE, "title");
    title.textContent = linkTitle;
    made.append(title);
  }
  for (const child of Array.from(from.childNodes)) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.textContent ?? "");
    else if (child instanceof Element && KEPT.has(child.localName) && !isName(child, from)) made.append(copied(child));
  }
  return made;
}

/** Remove Graphviz's own titles, which are names in DOT. */
function isName(child: Element, parent: Element): boolean {
  return child.localName === "title" && parent.localName === "g";
}
