// Finding out costs hours: sources about a few neighbourhoods have a price, and what they say is
// read from the model. Some mislead, since not all that happens is reported, recorded or told.

import { SIGNS } from "./draw.js";
import { inWords } from "./exercise_run.js";
import { ZONES, said } from "./exercise_words.js";
import { letters, named, number, t } from "./words.js";

const key = (source, place) => `${source.id}-${place}`;
const spent = (step, bought) => step.sources.reduce((sum, one) => sum + one.price * step.places.filter((place) => key(one, place) in bought).length, 0);

const zoneNames = () => ZONES.map((name, zone) => [name, `${SIGNS[zone]} ${named("zone", String(zone))}`]);

export const findOut = {
  body({ step, draft, value, page }) {
    const bought = draft.bought ?? {}, left = step.hours - spent(step, bought), isDone = value !== undefined;
    const head = `<tr><th scope="col">${letters(t("exercise.source"))}</th>${step.places.map((place) => `<th scope="col">${letters(page.hood(place - 1))}</th>`).join("")}</tr>`;
    const rows = step.sources.map((source) => {
      const cells = step.places.map((place) => {
        if (key(source, place) in bought) return `<td><strong>${letters(inWords(source.measure, bought[key(source, place)]))}</strong></td>`;
        const label = t("exercise.ask.label", { source: said(source.label), hood: page.hood(place - 1), n: source.price });
        const isDear = source.price > left || isDone;
        return `<td><button type="button" data-ask="${letters(source.id)}" data-place="${place}" id="ask-${letters(key(source, place))}" aria-label="${letters(label)}"${isDear ? " disabled" : ""}>${letters(t("exercise.ask", { n: number(source.price) }))}</button></td>`;
      });
      return `<tr><th scope="row">${letters(said(source.label))}<small>${letters(source.about ? said(source.about) : "")}</small></th>${cells.join("")}</tr>`;
    });
    const options = (place) => zoneNames().map(([name, label]) => `<option value="${name}"${((value ?? draft)[`zone-${place}`] ?? "") === name ? " selected" : ""}>${letters(label)}</option>`).join("");
    const names = step.places.map((place) => `<label>${letters(page.hood(place - 1))} <select name="zone-${place}"${isDone ? " disabled" : ""}><option value="">${letters(t("exercise.pick"))}</option>${options(place)}</select></label>`);
    return `<p id="hours-left" tabindex="-1"><strong>${letters(t("exercise.hours", { left: number(left), all: number(step.hours) }))}</strong></p><div class="scroll" tabindex="0" role="region" aria-label="${letters(t("exercise.source"))}"><table class="sources"><thead>${head}</thead><tbody>${rows.join("")}</tbody></table></div><fieldset class="choices named"><legend>${letters(t("exercise.name"))}</legend>${names.join("")}</fieldset>`;
  },

  // Ask a source; the answer is read from the town as it stands.
  async clicked({ step, draft, course, target, say, page }) {
    const source = step.sources.find(({ id }) => id === target.dataset.ask), place = Number(target.dataset.place);
    if (!source) return false;
    draft.bought = { ...draft.bought, [key(source, place)]: await course.ask(source, place) };
    const answer = inWords(source.measure, draft.bought[key(source, place)]);
    say(t("exercise.told", { source: said(source.label), hood: page.hood(place - 1), answer, left: number(step.hours - spent(step, draft.bought)) }));
    return true;
  },

  take({ step, draft }) {
    if (step.places.some((place) => !draft[`zone-${place}`])) return { problem: t("exercise.missing.zones") };
    return { value: { ...draft, hours: spent(step, draft.bought ?? {}) } };
  },

  told({ step, value }) {
    const each = step.places.map((place) => ({ question: `${step.id}.${place}`, kind: "choice", value: value[`zone-${place}`] }));
    return [...each, { question: `${step.id}.hours`, kind: "number", value: value.hours }];
  },
};

// What was named, beside what police see and what truly is; a sentence on how many agree.
export function judged({ step, value, course, page }) {
  const names = ZONES.map((_, zone) => named("zone", String(zone)));
  const { zone, true_zone: truly } = course.begun;
  const rows = step.places.map((place) => {
    const mine = ZONES.indexOf(value?.[`zone-${place}`]), cells = [mine, zone[place - 1], truly[place - 1]];
    return `<tr><th scope="row">${letters(page.hood(place - 1))}</th>${cells.map((one) => `<td>${one < 0 ? "–" : `${SIGNS[one]}\u00a0${letters(names[one])}`}</td>`).join("")}</tr>`;
  });
  const right = step.places.filter((place) => value?.[`zone-${place}`] === ZONES[truly[place - 1]]).length;
  const police = step.places.filter((place) => zone[place - 1] === truly[place - 1]).length;
  const head = ["hood", "exercise.yours", "exercise.police", "exercise.truly"].map((one) => `<th scope="col">${letters(t(one))}</th>`).join("");
  return `<table class="compared zones-named"><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table><p><strong>${letters(t("exercise.named", { right: number(right), police: number(police), all: number(step.places.length), hours: number(value?.hours ?? 0) }))}</strong></p>`;
}
