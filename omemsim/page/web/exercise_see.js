// Seeing: what came, beside what was estimated, in sentences, pictures and a table; and the debrief.

import { SIGNS, differences, history, shape, shares, spanOf, wheel } from "./draw.js";
import { judged } from "./exercise_find.js";
import { inWords, isLabel, isPercent } from "./exercise_run.js";
import { answered, came, nameOf, paragraphs, said, scaled } from "./exercise_words.js";
import { room } from "./panels.js";
import { letters, named, number, t } from "./words.js";

const figure = (title, body, extra = "") => `<figure class="${extra}"><figcaption>${letters(title)}</figcaption>${body}</figure>`;

// As wide as their place: one has a column and the one beside it, others all columns; no text grows with them.
const COLUMN = 560, COLUMNS = 1080;
const roomHere = (most) => Math.min(most, room(document.getElementById("exercise-body")));

export const see = {
  body(given) {
    const { step, course, page, answers, steps } = given;
    const run = course.runs.get(step.run), picture = run?.after ?? course.begun;
    const lines = (step.estimates ?? []).map((id) => compared(steps.find((one) => one.id === id), given));
    const asked = step.named && steps.find((one) => one.id === step.named);
    const zones = asked ? judged({ step: asked, value: answers.get(step.named), course, page }) : "";
    const pictures = (step.pictures ?? []).map((name) => PICTURE[name]({ step, run, picture, page, course }));
    if (step.across) pictures.push(across(step.across, picture, page));
    const table = step.measures ? measured(step, run, course) : "";
    const each = pictures.length ? `<details class="table"><summary>${letters(t("table"))}</summary><div tabindex="0" role="region" aria-label="${letters(t("table"))}">${byHood(step, picture, page)}</div></details>` : "";
    return `${lines.length ? `<ul class="compared">${lines.join("")}</ul>` : ""}${zones}<div class="columns pictures">${table}${pictures.join("")}</div>${each}`;
  },
};

// An estimate beside what the model says: a sentence, with the distance where it is a number.
function compared(estimate, given) {
  const first = given.firsts.has(estimate.id) ? ` ${letters(t("exercise.first"))}` : "";
  return `<li>${letters(verdictOf(estimate, given))}${first}</li>`;
}

function verdictOf(estimate, { course, answers, firsts }) {
  const value = answers.get(estimate.id), truth = firsts.get(estimate.id) ?? course.truth(estimate), values = { what: said(estimate.title), came: came(estimate, truth) };
  if (value === undefined) return t("exercise.result.none", values);
  const yours = answered(estimate, value);
  if (estimate.as === "direction") return t(value === truth ? "exercise.result.right" : "exercise.result.other", { ...values, yours });
  const gap = value - scaled(estimate.of, truth), key = Math.abs(gap) < 0.5 ? "right" : gap > 0 ? "high" : "low";
  return t(`exercise.result.${key}`, { ...values, yours, gap: isPercent(estimate.of.measure) ? t("points", { n: Math.round(Math.abs(gap)), value: number(Math.abs(gap)) }) : number(Math.abs(gap)) });
}

const tally = (values) => ({ lower: values.filter((one) => one < 0).length, higher: values.filter((one) => one > 0).length, n: values.length });

// Which way towns went; where two plans are one, all towns are the same.
function wayOfTowns(course, run, measure) {
  const { lower, higher } = tally(course.differences(run, { measure }));
  return lower + higher ? course.direction(run, { measure }) : "equal";
}

const PICTURE = {
  wheel: ({ picture }) => figure(t("panel.wheel"), `<div class="wheel">${wheel(picture)}</div>`),
  map: ({ picture, page }) => figure(t("panel.map"), map(picture, page)),
  shares: ({ run, page }) => figure(t("panel.shares"), timeline(shares, run, page), "wide whole"),
  history: ({ run, page }) => figure(t("panel.history"), timeline(history, run, page), "wide whole"),
  dots({ step, run, course, page }) {
    const [measure] = step.measures, values = course.differences(run, { measure });
    const { better } = page.data.readings.find((one) => one.name === measure);
    const way = wayOfTowns(course, run, measure), against = t("exercise.against", { other: named("strategy", run.against) });
    const list = values.map((value, k) => t("pair", { a: k + 1, b: number(value, 3) })).join("; ");
    const many = { ...tally(values), measure: named("measure", measure) };
    return figure(t("exercise.dots", { measure: named("measure", measure) }), `${differences(values, { unit: t("exercise.difference"), better, wide: roomHere(COLUMN) })}<p>${letters(against)}</p><p><strong>${letters(t(`exercise.towns.${way}`, many))}</strong></p><details class="table"><summary>${letters(t("table"))}</summary><div>${list}</div></details>`, "wide");
  },
};

function timeline(draw, run, page) {
  if (!run) return "";
  return draw(run.series, { span: spanOf(run.week), view: run.week, flags: [], names: page.data.town.hoods, wide: roomHere(COLUMNS) });
}

function map({ zone }, page) {
  const { x, y } = page.data.town, ranks = (of) => [...new Set(of)].sort((a, b) => a - b);
  const columns = ranks(x), rows = ranks(y);
  const cells = zone.map((one, n) => `<span class="cell zone-${one}" data-x="${columns.indexOf(x[n]) + 1}" data-y="${rows.length - rows.indexOf(y[n])}" role="img" aria-label="${letters(t("pair", { a: page.hood(n), b: named("zone", String(one)) }))}">${SIGNS[one]}<small>${n + 1}</small></span>`);
  return `<div class="map tiles" data-columns="${columns.length}">${cells.join("")}</div>`;
}

// The policy of the page allows no style in the text: cells are put in their places afterwards.
export function lay(root) {
  for (const tiles of root.querySelectorAll(".tiles")) {
    tiles.style.gridTemplateColumns = `repeat(${tiles.dataset.columns}, minmax(24px, 1fr))`;
    for (const cell of tiles.children) Object.assign(cell.style, { gridColumn: cell.dataset.x, gridRow: cell.dataset.y });
  }
}

// A shape for each neighbourhood: how one measure goes with another.
function across([a, b], picture, page) {
  const [xs, ys] = [a, b].map((name) => picture[name]), most = [xs, ys].map((values) => Math.max(...values) || 1);
  const x = (value) => 50 + (250 * value) / most[0], y = (value) => 170 - (150 * value) / most[1];
  const at = xs.map((value, n) => [x(value), y(ys[n])]), labels = beside(at);
  const marks = at.map(([left, top], n) => shape(picture.zone[n], left, top, 6) + `<text x="${labels[n][0]}" y="${labels[n][1] + 4}" text-anchor="middle">${n + 1}</text>`);
  const label = t("exercise.across", { a: nameOf(a), b: nameOf(b) });
  const axes = `<path d="M50 15V170H310" fill="none" stroke="#16202c"/><text x="180" y="196" class="tick" text-anchor="middle">${letters(nameOf(a))} →</text><text x="4" y="10" class="tick">↑ ${letters(nameOf(b))}</text><text x="300" y="184" text-anchor="middle">${letters(inWords(a, most[0]))}</text><text x="46" y="182" text-anchor="end">0</text><text x="46" y="24" text-anchor="end">${letters(inWords(b, most[1]))}</text>`;
  return figure(label, `<svg class="across" viewBox="0 0 340 200" role="img" aria-label="${letters(label)}">${axes}${marks.join("")}</svg>`);
}

// Where the number of each shape stands: on the side that is freest of shapes and other numbers.
const SIDES = [[13, 0], [-13, 0], [0, -13], [0, 13], [11, -11], [-11, -11], [11, 11], [-11, 11]];
function beside(at) {
  const found = [];
  at.forEach(([x, y], n) => {
    const others = [...at.filter((_, k) => k !== n), ...found];
    const free = ([a, b]) => Math.min(14, ...others.map(([c, d]) => Math.hypot(a - c, b - d)));
    const places = SIDES.map(([right, down]) => [x + right, y + down]).filter(([, b]) => b < 168);
    found.push(places.reduce((best, one) => (free(one) > free(best) ? one : best)));
  });
  return found;
}

// The town's numbers at the beginning and now, and under the other strategy if there is one.
function measured(step, run, course) {
  const pictures = run ? [run.before, run.after, ...(run.other ? [run.other] : [])] : [course.begun];
  const heads = run ? [t("exercise.then"), t("exercise.after"), named("strategy", run.against ?? "")] : [t("exercise.after")];
  const rows = step.measures.map((measure) => `<tr><th scope="row">${letters(nameOf(measure))}</th>${pictures.map((one) => `<td>${letters(inWords(measure, course.value({ measure }, one)))}</td>`).join("")}</tr>`);
  const head = heads.slice(0, pictures.length).map((one) => `<th scope="col">${letters(one)}</th>`).join("");
  return `<div class="scroll numbers" tabindex="0" role="region" aria-label="${letters(t("exercise.numbers"))}"><table class="compared"><thead><tr><th scope="col">${letters(t("measure"))}</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function byHood(step, picture, page) {
  const columns = [...new Set([...(step.measures ?? []), ...(step.across ?? [])])].filter((name) => Array.isArray(picture[name]) && !isLabel(name));
  const head = [t("hood"), t("zone"), ...columns.map(nameOf)].map((one) => `<th scope="col">${letters(one)}</th>`).join("");
  const rows = picture.zone.map((zone, n) => `<tr><th scope="row">${letters(page.hood(n))}</th><td>${SIGNS[zone]} ${letters(named("zone", String(zone)))}</td>${columns.map((name) => `<td>${letters(inWords(name, picture[name][n]))}</td>`).join("")}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

// All answers beside what came: estimates, votes, the council's objectives; then what to talk about.
export const debrief = {
  body(given) {
    const { step, course, answers, steps } = given;
    const estimates = steps.filter((one) => one.kind === "estimate" && (!one.run || course.runs.has(one.run)));
    const lines = estimates.map((one) => compared(one, given));
    const votes = steps.filter((one) => one.kind === "vote" && answers.has(one.id)).map((one) => `<li>${letters(t("pair", { a: said(one.title), b: said(one.options.find(({ id }) => id === answers.get(one.id).winner).label) }))}</li>`);
    const run = [...course.runs.values()].filter((one) => one.pairs).at(-1);
    const goals = (run && course.lesson.objectives ? course.lesson.objectives : []).map(({ measure, label }) => {
      const many = { ...tally(course.differences(run, { measure })), measure: said(label) };
      return `<li>${letters(t(`exercise.towns.${wayOfTowns(course, run, measure)}`, many))}</li>`;
    });
    const part = (title, items, tag = "ul") => (items.length ? `<h3>${letters(t(title))}</h3><${tag} class="compared">${items.join("")}</${tag}>` : "");
    const questions = step.questions.map((one) => `<li>${letters(said(one))}</li>`);
    return part("exercise.debrief.estimates", lines) + part("exercise.debrief.votes", votes) + part("exercise.debrief.goals", goals) + part("exercise.debrief.talk", questions, "ol");
  },
};

export const notice = (step) => (step.notice ? `<div class="notice" role="note"><h3>${letters(t("exercise.notice"))}</h3>${paragraphs(step.notice)}</div>` : "");
export const quoted = ({ quote }) => (quote ? `<blockquote><p>${letters(said(quote.text))}</p><footer>${letters(said(quote.source))}</footer></blockquote>` : "");
