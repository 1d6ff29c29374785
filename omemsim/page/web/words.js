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
  const text = of[`${key}.${form}`] ?? of[`${key}.other`] ?? of[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => (name in values ? values[name] : `{${name}}`));
}

// The name of something of the model; one without a text of its own is its key, in plain letters.
export function named(group, key) {
  return speech.words[speech.language][`${group}.${key}`] ?? key.replaceAll("_", " ");
}

export function number(value, digits = 0) {
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(speech.language, form).format(value);
}

export function percent(share, digits = 0) {
  const form = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(speech.language, form).format(share);
}

export const letters = (text) =>
  String(text).replace(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one]);
