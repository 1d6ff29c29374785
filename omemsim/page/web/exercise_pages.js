// What stands in place of a step: the lessons to choose from, and why something is closed; and the
// instructor's script below one.

import { paragraphs, said } from "./exercise_words.js";
import { letters, number, t } from "./words.js";

const PARTS = ["say", "ask", "wrong"]; // parts of the instructor's script

export const waiting = () => `<p>${letters(t(document.body.dataset.engine ? "exercise.needs" : "engine.waiting"))}</p>`;

// In a class only the lesson opens Explore and Compare; who is alone may look, and knows what is lost.
export function shut(exercise) {
  const { isClass } = exercise.page, mode = t(`mode.${exercise.wanted}`);
  const why = exercise.lesson ? t("exercise.shut", { mode, n: exercise.openEstimates }) : t("exercise.shut.before", { mode });
  const anyway = isClass ? "" : `<button type="button" id="exercise-anyway">${letters(t("exercise.shut.open", { mode }))}</button>`;
  return `<h2 tabindex="-1">${letters(t("exercise.shut.title", { mode }))}</h2><p>${letters(why)}</p><div class="go"><button type="button" id="exercise-return" class="strong">${letters(t("exercise.shut.return"))}</button>${anyway}</div>`;
}

export function menu(exercise) {
  const cards = exercise.lessons.map((one, k) => `<li><h3>${letters(said(one.title))}</h3><p>${letters(t("exercise.minutes", { n: number(one.minutes) }))}</p>${paragraphs(one.about)}<button type="button" data-lesson="${k}" class="strong">${letters(t("exercise.begin", { title: said(one.title) }))}</button></li>`);
  return `<h2 tabindex="-1">${letters(t("exercise.menu"))}</h2><p>${letters(t("exercise.how"))} ${letters(t(exercise.page.isClass ? "exercise.how.class" : "exercise.how.file"))}</p><ul class="lessons">${cards.join("")}</ul>`;
}

export function script(exercise) {
  const notes = exercise.step.notes ?? {}, parts = PARTS.filter((one) => notes[one]).map((one) => `<h4>${letters(t(`exercise.notes.${one}`))}</h4>${paragraphs(notes[one])}`);
  return `<section class="script" aria-label="${letters(t("exercise.notes"))}"><h3>${letters(t("exercise.notes"))}</h3>${parts.join("")}</section>`;
}
