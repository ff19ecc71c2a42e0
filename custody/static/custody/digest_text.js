// Sets a digest in groups for the eye, as the server's pages do; what is copied has no gaps.

const GROUP = 8;

export function setDigest(element, value) {
  element.replaceChildren();
  for (let at = 0; at < value.length; at += GROUP) {
    const span = document.createElement("span");
    span.textContent = value.slice(at, at + GROUP);
    element.append(span, document.createElement("wbr"));
  }
  return element;
}
