// Build elements from data. Text is always text: nothing from a bundle is ever read as markup.

import { utf8 } from "./bytes.mjs";

// el("p.quiet", {id: "x"}, "text", child, …); functions among the attributes are listeners.
export function el(kind, ...parts) {
  const [tag, ...classes] = kind.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const part of parts.flat(4)) {
    if (part === null || part === undefined || part === false) continue;
    if (typeof part !== "object" || part instanceof Node) node.append(part);
    else for (const [name, value] of Object.entries(part)) set(node, name, value);
  }
  return node;
}

function set(node, name, value) {
  if (typeof value === "function") node.addEventListener(name, value);
  else if (value === true) node.setAttribute(name, "");
  else if (value !== false) node.setAttribute(name, value);
}

const PATHS = {
  good: "M6 17l7 7L27 9",
  warn: "M16 7v12M16 23.5v2",
  bad: "M8 8l16 16M24 8L8 24",
};

// The sign of a verdict; its shape says the same as its colour.
export function icon(kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const shape = (name, attributes) => {
    const node = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    svg.append(node);
  };
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  if (kind === "warn") shape("path", { d: "M16 1l15 29H1z", fill: "currentColor" });
  else if (kind === "bad") shape("path", { d: "M10 1h12l9 9v12l-9 9H10l-9-9V10z", fill: "currentColor" });
  else shape("circle", { cx: 16, cy: 16, r: 15.5, fill: "currentColor" });
  const small = kind === "warn" ? { transform: "translate(0 1.5)" } : {};
  shape("path", { d: PATHS[kind], fill: "none", stroke: "#fff", "stroke-width": 3.4, ...small });
  return svg;
}

// Control characters and direction marks as visible escapes: statements are written by people, some of them hostile.
export function printable(text) {
  return text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0).toString(16)}}`);
}

export function save(content, name, type) {
  const url = URL.createObjectURL(new Blob([typeof content === "string" ? utf8(content) : content], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
