// What the page says, in the language that is chosen.

export const speech = { words: {}, language: "en" };

export function speak(words, language) {
  Object.assign(speech, { words, language });
  document.documentElement.lang = language;
}

// The text of a key, with {names} filled in; for a count, the form that the language asks for.
export function t(key, values = {}) {
  const of = speech.words[speech.language];
  const form = "n" in values ? new Intl.PluralRules(speech.language).select(values.n) : "";
  const text = of[`${key}.${form}`] ?? of[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => (name in values ? values[name] : `{${name}}`));
}

// The name of something of the model; one without a text of its own is its key, in plain letters.
export function named(group, key) {
  return speech.words[speech.language][`${group}.${key}`] ?? key.replaceAll("_", " ");
}

export const number = (value, digits = 0) => format("decimal", digits).format(value);

export const percent = (share, digits = 0) => format("percent", digits).format(share);

const formats = new Map(); // kept, since making one takes longer than drawing a picture

function format(style, digits) {
  const key = `${speech.language} ${style} ${digits}`;
  const form = { style, minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(speech.language, form));
  return formats.get(key);
}

export const letters = (text) =>
  String(text).replace(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one]);
