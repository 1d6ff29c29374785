// The words of a lesson, and of answers: what both those who ask and those who show need.

import { ZONE_NAMES, inWords, isPercent } from "./exercise_run.js";
import { letters, named, number, percent, speech, t } from "./words.js";

export const ZONES = ZONE_NAMES;
export const WAYS = ["lower", "same", "higher"];

export const said = (text) => text?.[speech.language] ?? "";

// Paragraphs of a text; lines that begin with "- " are a list.
export function paragraphs(text) {
  const parts = said(text).trim().split(/\n\s*\n/).filter((part) => part);
  return parts.map((part) => {
    if (!part.startsWith("- ")) return `<p>${letters(part)}</p>`;
    return `<ul>${part.split(/^- /m).slice(1).map((item) => `<li>${letters(item.trim())}</li>`).join("")}</ul>`;
  }).join("");
}

export const radios = (name, options, at, isDone) => options.map(([value, label]) => `<label class="choice"><input type="radio" name="${letters(name)}" value="${letters(value)}"${value === at ? " checked" : ""}${isDone ? " disabled" : ""}><span>${letters(label)}</span></label>`).join("");

export const fieldset = (legend, body, about = "") => `<fieldset class="choices"><legend>${letters(legend)}</legend>${about}${body}</fieldset>`;

export const labelOf = (options, id) => said(options.find((one) => one.id === id)?.label);
export const wayOf = (way) => t(`exercise.way.${way}`);

// Measures of the page, and columns of neighbourhoods, by their names.
export const nameOf = (measure) => (["true_zone", "call_zone", "participants", "leaders", "community_led", "grievance"].includes(measure) ? named("detail", measure) : named("measure", measure));

export const unitOf = ({ measure, zone }) => (zone ? t("hoods") : nameOf(measure));

// Whole percents where the model counts from 0 to 1.
export const scaled = ({ measure }, value) => (isPercent(measure) ? 100 * value : value);
export const answered = ({ of, as }, value) => (as === "direction" ? wayOf(value) : isPercent(of.measure) ? percent(value / 100) : number(value));
export const came = ({ of, as }, value) => (as === "direction" ? wayOf(value) : inWords(of.measure, value));
