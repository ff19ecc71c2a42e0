// Find the one proof bundle in a PDF report, and refuse a PDF in which a second one could be read. Its pages are
// never looked at.

import { latin1 } from "./bytes.mjs";
import { FILE_NAME, FORMAT, MAX_BUNDLE } from "./bundle.mjs";
import { Found, Malformed, require } from "./errors.mjs";
import { isType, objectsOf, occurrences, streamData, textOf } from "./pdf_objects.mjs";

// What may follow the key /EF: a dictionary, a reference, a comment. Without it, chance would find "/EF" in pictures.
const VALUE = "(?=[ \\t\\r\\n\\f\\0]*(?:<<|%|[0-9]+[ \\t\\r\\n\\f\\0]+[0-9]+[ \\t\\r\\n\\f\\0]+R))";
const UTF16_NAME = `\xfe\xff${[...FILE_NAME].map((letter) => `\0${letter}`).join("")}`;

export const isPdf = (bytes) => latin1(bytes.subarray(0, 5)) === "%PDF-";

// The bytes of the bundle. Throws Found if there is not exactly one that can be read.
export function embeddedBundle(pdf) {
  let found;
  try {
    found = bundlesIn(pdf);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Found("pdf-bundle-damaged", { d: error.message });
  }
  if (!found.length) throw new Found("pdf-bundle-missing");
  if (found.length > 1) throw new Found("pdf-bundle-several", { n: found.length });
  return found[0];
}

function bundlesIn(pdf) {
  const text = textOf(pdf);
  const found = objectsOf(text);
  checkNothingHides(text, found);
  const named = new Set();
  const pointedAt = new Set();
  for (const { dictionary } of found) {
    const isName = [dictionary.get("F"), dictionary.get("UF")].some((value) => value?.string === FILE_NAME || value?.string === UTF16_NAME);
    for (const target of targetsOf(dictionary)) {
      pointedAt.add(target);
      if (isName) named.add(target);
    }
  }
  const bundles = [];
  for (const one of found) {
    if (!isType(one, "EmbeddedFile") && !pointedAt.has(one.reference)) continue;
    const data = streamData(pdf, one, MAX_BUNDLE);
    if (named.has(one.reference) || latin1(data).includes(FORMAT)) bundles.push(data);
  }
  const here = new Set(found.map((one) => one.reference));
  // Not only for the name of a bundle: what cannot be found cannot be seen not to be one.
  require([...pointedAt].every((reference) => here.has(reference)), "The PDF names an embedded file that cannot be found in it.");
  return bundles;
}

// Compare what was read with a plain search, which no odd but legal spelling of a PDF escapes.
function checkNothingHides(text, found) {
  require(!occurrences(text, "ObjStm"), "The PDF has object streams, in which a second bundle could hide.");
  const files = found.filter((one) => isType(one, "EmbeddedFile")).length;
  const pointers = found.filter(({ dictionary }) => dictionary.get("EF") instanceof Map).length;
  const right = occurrences(text, "EmbeddedFile") === files && occurrences(text, "EF", VALUE) === pointers;
  require(right, "The PDF has embedded files in places where a second bundle could hide.");
}

// What a file specification points at, wherever in the dictionary it stands.
function targetsOf(dictionary) {
  const embedded = dictionary.get("EF");
  return embedded instanceof Map ? [...embedded.values()].filter((value) => value?.ref).map((value) => value.ref) : [];
}
