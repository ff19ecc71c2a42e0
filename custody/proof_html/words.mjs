// Sentences from templates: {x} is the parameter x; {n|entry|entries} a number of things; {t? …} is there only
// if t is true; {m} an item, case or key in words. A dictionary is one of words_en.mjs and words_es.mjs.

const SLOT = /\{(\w+)(?:\|([^|}]*)\|([^}]*)|\?([^}]*))?\}/g;

export function fill(dictionary, template, params) {
  const filled = template.replace(SLOT, (_, name, one, several, extra) => {
    const value = params[name];
    if (one !== undefined) return `${value} ${String(value) === "1" ? one : several}`;
    if (extra !== undefined) return value ? extra : "";
    if (name === "m") return nameOf(dictionary, value);
    return value ?? "";
  });
  return template.startsWith("{m}") ? capital(filled) : filled;
}

export const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

export function nameOf(dictionary, mapId) {
  const [ns, id] = mapId.split(" ");
  if (ns === "policy") return dictionary.nouns.policy;
  return `${dictionary.nouns[ns] || dictionary.nouns.key} ${id}`;
}

// The sentence of a finding.
export function say(dictionary, { words, params }) {
  const filled = params.reasons ? { ...params, d: params.reasons.map((one) => say(dictionary, one)).join(" ") } : params;
  return fill(dictionary, dictionary.sentences[words], filled);
}
