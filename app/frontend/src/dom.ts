// Elements, made with text that is never taken for HTML.

type Attributes = Record<string, string>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(label: string, description: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", "aria-label": description, title: description }, label);
  made.addEventListener("click", act);
  return made;
}
