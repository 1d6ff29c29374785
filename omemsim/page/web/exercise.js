// Exercise: a lesson step by step. A student answers and commits before anything is seen; an answer
// that is committed stays. A page keeps nothing: reset, or close it, and the next group begins anew.

import { Course } from "./exercise_run.js";
import { lay, notice, quoted } from "./exercise_see.js";
import { STEP } from "./exercise_steps.js";
import { paragraphs, said } from "./exercise_words.js";
import { wheel } from "./draw.js";
import { letters, number, t } from "./words.js";

const PARTS = ["say", "ask", "wrong"]; // parts of the instructor's script

export class Exercise {
  constructor(root, page, lessons) {
    Object.assign(this, { root, page, lessons, lesson: null, hasNotes: false, isPaused: false });
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("input", () => this.typed());
    root.addEventListener("change", () => this.typed());
    root.addEventListener("submit", (event) => (event.preventDefault(), this.forward()));
    document.addEventListener("omemsim:control", ({ detail }) => this.heed(detail));
    root.innerHTML = `<p id="exercise-said" role="status" aria-live="polite"></p><div id="exercise-paused" role="alert"></div><div id="exercise-body"></div>`;
    this.body = root.querySelector("#exercise-body");
  }

  get steps() {
    return this.lesson.steps;
  }

  get step() {
    return this.lesson?.steps[this.at];
  }

  // What a kind of step is given to draw itself and to read its answer.
  given(step = this.step) {
    const { page, course, answers, root, steps } = this;
    if (!this.drafts.has(step.id)) this.drafts.set(step.id, {});
    const asked = (one) => (one.repeats ? steps.find(({ id }) => id === one.repeats).options : one.options);
    return { step, page, course, answers, root, steps, asked, draft: this.drafts.get(step.id), value: answers.get(step.id), say: (text) => this.say(text) };
  }

  say(text) {
    this.root.querySelector("#exercise-said").textContent = text;
  }

  // --- Which lesson ---------------------------------------------------------------------------

  open(lesson) {
    return this.page.turn(() => this.anew(lesson));
  }

  async anew(lesson = this.lesson) {
    const course = new Course(this.page, lesson);
    await course.start();
    Object.assign(this, { lesson, course, at: 0, answers: new Map(), drafts: new Map(), isRunning: false });
    this.draw(true);
  }

  reset() {
    return this.page.turn(() => this.anew()).then(() => this.say(t("exercise.reset.done")));
  }

  leave() {
    this.lesson = null;
    this.draw(true);
  }

  // --- From step to step ----------------------------------------------------------------------

  get isDone() {
    const { step } = this, kind = STEP[step.kind];
    if (step.kind === "run") return this.course.runs.has(step.id);
    return !kind.take || this.answers.has(step.id);
  }

  // One button: it commits an answer, lets weeks pass, or goes on.
  forward() {
    if (this.isPaused || this.isRunning || !this.lesson) return;
    if (this.isDone) return this.at + 1 < this.steps.length && this.go(this.at + 1);
    return this.step.kind === "run" ? this.run(this.step) : this.commit();
  }

  commit() {
    const given = this.given(), kind = STEP[this.step.kind], { value, problem } = kind.take(given);
    if (problem) return this.say(problem);
    this.answers.set(this.step.id, value);
    kind.done?.({ ...given, value });
    for (const one of kind.told({ ...given, value }))
      document.dispatchEvent(new CustomEvent("omemsim:answer", { detail: { lesson: this.lesson.name, ...one } }));
    this.draw();
    this.say(t("exercise.committed"));
    this.root.querySelector("#exercise-next")?.focus();
  }

  run(step) {
    return this.page.turn(async () => {
      this.isRunning = true;
      this.buttons();
      await this.course.run(step, (reading, week, done) => this.seen(reading, week, done)).finally(() => (this.isRunning = false));
      this.draw();
      this.say(t("exercise.ran", { month: number(Math.round((this.course.runs.get(step.id).week * 12) / 52)) }));
      this.root.querySelector("#exercise-next")?.focus();
    });
  }

  // The wheel while weeks pass; then how many towns are done.
  seen(reading, week, done) {
    const month = this.root.querySelector("#exercise-month"), picture = this.root.querySelector(".wheel.small");
    if (!month) return;
    month.textContent = done ? t("exercise.towns.done", { done, n: this.page.replicates }) : t("month", { month: this.page.month(week) });
    if (reading) picture.innerHTML = wheel(reading);
  }

  async go(at) {
    this.at = at;
    this.draw(true);
  }

  // Go to a step, and let the weeks of all runs before it pass.
  jump(at) {
    return this.page.turn(async () => {
      const to = Math.max(0, Math.min(at, this.steps.length - 1));
      for (const step of this.steps.slice(0, to))
        if (step.kind === "run" && !this.course.runs.has(step.id)) await this.course.run(step, () => {});
      await this.go(to);
    });
  }

  // What the server's script tells all pages of a class: one thing after the other, but a pause at once.
  heed(told) {
    if (!this.page.canChange || !this.lessons.length) return;
    if (told.action === "pause" || told.action === "go") this.pause(told.action === "pause");
    else this.heeding = (this.heeding ?? Promise.resolve()).then(() => this.controlled(told));
  }

  async controlled({ action, step }) {
    this.page.show("exercise");
    if (action === "open" && this.lessons.length > 1) return;
    if (!this.lesson) await this.open(this.lessons[0]);
    if (action === "reset") await this.reset();
    if (action === "step") await this.jump(step ?? this.at + 1);
  }

  pause(isPaused) {
    this.isPaused = isPaused;
    this.body.inert = isPaused;
    this.root.querySelector("#exercise-paused").textContent = isPaused ? t("exercise.paused") : "";
  }

  // --- What is seen ---------------------------------------------------------------------------

  // Pictures are as wide as their place, which has changed; what is being answered is left alone.
  redraw() {
    const wide = this.root.clientWidth, focus = document.activeElement?.id;
    if (!wide || wide === this.wide || this.step?.kind !== "see") return;
    this.draw();
    if (focus) document.getElementById(focus)?.focus();
  }

  draw(isNew = false) {
    this.wide = this.root.clientWidth;
    this.body.innerHTML = !this.page.canChange ? `<p>${letters(t("exercise.needs"))}</p>` : this.lesson ? this.page_() : this.menu();
    if (this.lesson) lay(this.body);
    if (!isNew) return;
    document.dispatchEvent(new CustomEvent("omemsim:step", { detail: this.lesson ? { lesson: this.lesson.name, step: this.at } : { lesson: null, step: null } }));
    this.body.querySelector("h2")?.focus();
    scrollTo(0, 0);
    if (this.lesson) this.say(t("exercise.step", { k: number(this.at + 1), n: number(this.steps.length), title: said(this.step.title) }));
  }

  menu() {
    const cards = this.lessons.map((one, k) => `<li><h3>${letters(said(one.title))}</h3><p>${letters(t("exercise.minutes", { n: number(one.minutes) }))}</p>${paragraphs(one.about)}<button type="button" data-lesson="${k}" class="strong">${letters(t("exercise.begin", { title: said(one.title) }))}</button></li>`);
    return `<h2 tabindex="-1">${letters(t("exercise.menu"))}</h2><p>${letters(t("exercise.how"))}</p><ul class="lessons">${cards.join("")}</ul>`;
  }

  page_() {
    const { step } = this, kind = STEP[step.kind];
    const bar = `<div class="lesson-bar"><strong>${letters(said(this.lesson.title))}</strong><label>${letters(t("exercise.progress", { k: number(this.at + 1), n: number(this.steps.length) }))} <progress max="${this.steps.length}" value="${this.at + 1}"></progress></label><span><button type="button" id="exercise-notes" aria-pressed="${this.hasNotes}">${letters(t("exercise.notes"))}</button><button type="button" id="exercise-reset">${letters(t("exercise.reset"))}</button><button type="button" id="exercise-leave">${letters(t("exercise.leave"))}</button></span></div>`;
    const isTold = this.isDone && !(step.kind === "question" && !step.repeats), after = isTold ? notice(step) + (step.kind === "read" ? "" : quoted(step)) : "";
    return `${bar}<form class="step" novalidate><p class="kind">${letters(t(`exercise.kind.${step.kind}`))} · ${letters(t("exercise.minutes", { n: number(step.minutes) }))}</p><h2 tabindex="-1">${letters(said(step.title))}</h2>${paragraphs(step.text)}${step.kind === "read" ? quoted(step) : ""}${kind.body(this.given())}${after}<div class="go" id="exercise-go">${this.next()}</div></form>${this.hasNotes ? this.script() : ""}`;
  }

  next() {
    const { step } = this, isLast = this.at + 1 === this.steps.length;
    const text = !this.isDone ? (STEP[step.kind].action?.(this.given()) ?? t("exercise.commit")) : isLast ? t("exercise.end") : t("exercise.next");
    const isOff = this.isRunning || (this.isDone && isLast);
    return `<button type="button" id="exercise-back"${this.at && !this.isRunning ? "" : " disabled"}>${letters(t("exercise.back"))}</button><button id="exercise-next" class="strong"${isOff ? " disabled" : ""}>${letters(text)}</button>`;
  }

  buttons() {
    this.root.querySelector("#exercise-go").innerHTML = this.next();
  }

  script() {
    const notes = this.step.notes ?? {}, parts = PARTS.filter((one) => notes[one]).map((one) => `<h4>${letters(t(`exercise.notes.${one}`))}</h4>${paragraphs(notes[one])}`);
    return `<section class="script" aria-label="${letters(t("exercise.notes"))}"><h3>${letters(t("exercise.notes"))}</h3>${parts.join("")}</section>`;
  }

  // --- What listens ---------------------------------------------------------------------------

  typed() {
    if (!this.lesson) return;
    const given = this.given(), kind = STEP[this.step.kind];
    if (!kind.take || given.value !== undefined) return;
    const form = this.root.querySelector("form");
    Object.assign(given.draft, Object.fromEntries(new FormData(form)));
    kind.typed?.(given);
  }

  async clicked({ target }) {
    const button = target.closest("button");
    if (!button || this.isRunning) return;
    if (button.dataset.lesson) return this.open(this.lessons[Number(button.dataset.lesson)]);
    if (button.dataset.ask) return this.ask(button);
    const work = { "exercise-back": () => this.go(this.at - 1), "exercise-reset": () => this.reset(), "exercise-leave": () => this.leave(), "exercise-notes": () => this.notes() }[button.id];
    return work?.();
  }

  notes() {
    this.hasNotes = !this.hasNotes;
    this.draw();
    this.root.querySelector("#exercise-notes").focus();
  }

  ask(target) {
    return this.page.turn(async () => {
      if (!(await STEP[this.step.kind].clicked({ ...this.given(), target }))) return;
      this.draw();
      this.root.querySelector("#hours-left").focus();
    });
  }
}
