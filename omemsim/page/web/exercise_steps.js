// The steps of a lesson, one object for each kind: what it shows, what a student answers, and what
// of that is told to whoever gathers answers.

import { SIGNS, wheel } from "./draw.js";
import { findOut } from "./exercise_find.js";
import { inWords, isPercent } from "./exercise_run.js";
import { debrief, see } from "./exercise_see.js";
import { WAYS, ZONES, fieldset, labelOf, paragraphs, radios, said, unitOf, wayOf } from "./exercise_words.js";
import { letters, named, number, percent, t } from "./words.js";

const detailOf = (step, kind, value, part = "") => ({ question: step.id + (part && `.${part}`), kind, value });

// An answer that is not there yet, or that is not possible, cannot be committed: say what is missing.
const missing = (key, values) => ({ problem: t(key, values) });

const read = {
  body: ({ step, page }) => (step.wheel ? tactics(page) : ""),
};

// The wheel as words: each zone, its shape, and the tactics that it names.
function tactics({ data }) {
  const each = ZONES.map((_, zone) => `<li class="zone-${zone}"><h3>${SIGNS[zone]} ${letters(t("pair", { a: named("zone", String(zone)), b: t(`zone.title.${zone}`) }))}</h3><ul>${data.tactics.filter((one) => one.zone === zone).map((one) => `<li>${letters(named("tactic", one.name))}</li>`).join("")}</ul></li>`);
  return `<ul class="quarters">${each.join("")}</ul>`;
}

const question = {
  body({ step, draft, value, answers, asked }) {
    const isDone = value !== undefined, first = step.repeats && answers.get(step.repeats);
    const options = asked(step).map(({ id, label }) => [id, said(label)]);
    let after = "";
    if (step.repeats && isDone) {
      const right = labelOf(asked(step), step.answer);
      after = `<div class="answer"><p>${letters(t("exercise.before", { answer: first ? labelOf(asked(step), first) : t("exercise.none") }))}</p><p>${letters(t("exercise.now", { answer: labelOf(asked(step), value) }))}</p><p><strong>${letters(t("exercise.right", { answer: right }))}</strong></p>${paragraphs(step.because)}</div>`;
    }
    return fieldset(t("exercise.choose"), radios("answer", options, isDone ? value : draft.answer, isDone)) + after;
  },
  take: ({ draft }) => (draft.answer ? { value: draft.answer } : missing("exercise.missing.choice")),
  told: ({ step, value }) => [detailOf(step, "choice", value)],
};

const estimate = {
  body({ step, draft, value, firsts }) {
    const isDone = value !== undefined, first = firsts.has(step.id) ? `<p class="answer"><strong>${letters(t("exercise.first"))}</strong></p>` : "";
    if (step.as === "direction") {
      const options = WAYS.map((way) => [way, wayOf(way)]);
      return first + fieldset(t("exercise.estimate"), radios("answer", options, isDone ? value : draft.answer, isDone));
    }
    const unit = isPercent(step.of.measure) ? t("percent.of", { name: unitOf(step.of) }) : unitOf(step.of);
    const [label, most] = step.most ? [t("exercise.number.most", { unit, most: number(step.most) }), ` max="${step.most}"`] : [t("exercise.number", { unit }), ""];
    return `${first}<p><label>${letters(label)} <input type="number" name="answer" inputmode="decimal" step="any" min="0"${most} value="${letters(isDone ? value : draft.answer ?? "")}"${isDone ? " disabled" : ""}></label></p>`;
  },
  take({ step, draft }) {
    if (step.as === "direction") return draft.answer ? { value: draft.answer } : missing("exercise.missing.choice");
    const value = Number(draft.answer);
    const isPossible = (draft.answer ?? "") !== "" && value >= 0 && value <= (step.most ?? Infinity);
    if (isPossible) return { value };
    return step.most ? missing("exercise.missing.bounds", { most: number(step.most) }) : missing("exercise.missing.number");
  },
  told: ({ step, value }) => [detailOf(step, step.as === "direction" ? "choice" : "number", value)],
};

// Hours that calls leave, in percent, for each group of zones; the rest goes to routine patrol.
const choose = {
  body({ step, draft, value, page }) {
    const now = value ?? draft, names = page.data.tactics;
    const groups = step.groups.map(({ zones, tactics: mine }, g) => {
      const used = mine.reduce((sum, name) => sum + Number(now[`${g}.${name}`] ?? 0), 0);
      const where = zones.map((zone) => named("zone", String(ZONES.indexOf(zone)))).reduce((all, one) => t("or", { a: all, b: one }));
      const rows = mine.map((name) => {
        const key = `${g}.${name}`, zone = names.find((one) => one.name === name).zone, label = named("tactic", name);
        const sign = zone === null ? "" : `<span aria-hidden="true" class="ink-${zone}">${SIGNS[zone]}</span> `;
        return `<div class="lever"><label for="mix-${key}">${sign}${letters(label)}</label><input type="number" id="mix-${key}" name="${key}" min="0" max="100" step="5" value="${letters(now[key] ?? 0)}"${value ? " disabled" : ""}></div>`;
      });
      return `<fieldset class="choices mix"><legend>${letters(t("exercise.mix", { zones: where }))}</legend>${rows.join("")}<p class="left" data-group="${g}">${letters(left(used))}</p></fieldset>`;
    });
    return `<div class="columns">${groups.join("")}</div>`;
  },
  typed({ step, draft, root }) {
    step.groups.forEach((group, g) => (root.querySelector(`[data-group="${g}"]`).textContent = left(used(step, draft, g))));
  },
  take({ step, draft }) {
    for (let g = 0; g < step.groups.length; g++) {
      const shares = step.groups[g].tactics.map((name) => Number(draft[`${g}.${name}`] ?? 0));
      if (shares.some((one) => !(one >= 0))) return missing("exercise.missing.shares");
      if (used(step, draft, g) > 100) return missing("exercise.missing.budget");
    }
    return { value: { ...draft } };
  },
  done({ step, value, page, course }) {
    const many = page.data.tactics.length, set = [];
    const place = (name) => page.data.tactics.findIndex((one) => one.name === name);
    step.groups.forEach(({ zones, tactics: mine }, g) => zones.forEach((zone) => {
      const shares = new Array(many).fill(0);
      mine.forEach((name) => (shares[place(name)] = Number(value[`${g}.${name}`] ?? 0) / 100));
      shares[place("patrol")] += Math.max(1 - shares.reduce((sum, one) => sum + one, 0), 0);
      shares.forEach((share, k) => set.push(["mix", ZONES.indexOf(zone) * many + k, share]));
    }));
    course.choose({ set });
  },
  told({ step, value }) {
    return step.groups.map(({ zones, tactics: mine }, g) => {
      const shares = mine.map((name) => [name, Number(value[`${g}.${name}`] ?? 0)]).filter(([, share]) => share);
      return detailOf(step, "mix", Object.fromEntries(shares), zones.join("-"));
    });
  },
};

const used = (step, draft, g) => step.groups[g].tactics.reduce((sum, name) => sum + Number(draft[`${g}.${name}`] ?? 0), 0);
const left = (many) => (many > 100 ? t("exercise.over", { over: percent((many - 100) / 100) }) : t("exercise.left", { left: percent((100 - many) / 100) }));

// Let weeks pass: the button does it, and the wheel moves meanwhile.
const run = {
  body({ step, course }) {
    const found = course.runs.get(step.id), month = (week) => Math.round((week * 12) / 52);
    const many = step.replicates ? `<p>${letters(t("exercise.run.many", { n: course.page.replicates }))}</p>` : "";
    const picture = wheel(found ? found.after : course.arm.series.at(-1));
    const status = found ? t("exercise.ran", { month: number(month(found.week)) }) : t("exercise.run.first", { n: number(month(step.weeks)) });
    return `${many}<p id="exercise-month">${letters(status)}</p><div class="wheel small">${picture}</div>`;
  },
  action: ({ step }) => t("exercise.run", { n: number(Math.round((step.weeks * 12) / 52)) }),
};

const explain = {
  body: ({ draft, value, page }) => `<p><label>${letters(t(page.isClass ? "exercise.write.class" : "exercise.write"))}<textarea name="answer" rows="4" maxlength="600"${value !== undefined ? " readonly" : ""}>${letters(value ?? draft.answer ?? "")}</textarea></label></p>`,
  take: ({ draft }) => (draft.answer?.trim() ? { value: draft.answer.trim() } : missing("exercise.missing.text")),
  told: ({ step, value }) => [detailOf(step, "text", value)],
};

// The council: a card for each role, with the number that it watches, and its vote.
const vote = {
  body({ step, draft, value, course, page }) {
    const { roles } = course.lesson, ran = [...course.runs.values()].at(-1);
    const now = ran?.after ?? course.begun, before = ran?.before;
    const options = step.options.map(({ id, label }) => [id, said(label)]);
    const cards = roles.map((role) => {
      const of = { measure: role.measure }, last = course.value(of, now);
      const from = before ? ` (${t("from", { value: inWords(role.measure, course.value(of, before)) })})` : "";
      const better = page.data.readings.find((one) => one.name === role.measure).better;
      const about = `${paragraphs(role.brief)}<p class="watch">${letters(t("exercise.watches", { measure: named("measure", role.measure), value: inWords(role.measure, last) + from }))} ${letters(t(`exercise.wants.${better}`))}</p>`;
      return fieldset(said(role.label), radios(role.id, options, (value?.votes ?? draft)[role.id], value !== undefined), about);
    });
    const after = value ? `<p class="answer"><strong>${letters(t(value.isTied ? "exercise.tied" : "exercise.decided", { option: labelOf(step.options, value.winner), role: said(roles.find((one) => one.id === step.casting).label) }))}</strong></p>` : "";
    return `<div class="columns">${cards.join("")}</div>${after}`;
  },
  take({ step, draft, course }) {
    const { roles } = course.lesson;
    if (roles.some(({ id }) => !draft[id])) return missing("exercise.missing.vote");
    const many = step.options.map(({ id }) => roles.filter((role) => draft[role.id] === id).length);
    const most = Math.max(...many), first = step.options.filter((_, k) => many[k] === most).map(({ id }) => id);
    const winner = first.includes(draft[step.casting]) ? draft[step.casting] : first[0];
    return { value: { votes: { ...draft }, winner, isTied: first.length > 1 } };
  },
  done: ({ step, value, course }) => course.choose({ use: step.options.find(({ id }) => id === value.winner).strategy }),
  told: ({ step, value }) => [...Object.entries(value.votes).map(([role, option]) => detailOf(step, "choice", option, role)), detailOf(step, "choice", value.winner)],
};

export const STEP = { read, question, estimate, find_out: findOut, choose, run, see, explain, vote, debrief };
