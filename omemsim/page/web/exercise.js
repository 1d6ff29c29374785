// Exercise: a lesson step by step. A student answers and commits before anything is seen; an answer
// that is committed stays. A page from a file keeps nothing: reset, or close it, and the next group
// begins anew. In a class, whoever serves the page keeps answers over a reload (`omemsim:kept`).

import { Course } from "./exercise_run.js";
import { menu, script, shut, waiting } from "./exercise_pages.js";
import { lay, notice, quoted } from "./exercise_see.js";
import { STEP } from "./exercise_steps.js";
import { paragraphs, said } from "./exercise_words.js";
import { wheel } from "./draw.js";
import { letters, named, number, t } from "./words.js";

export class Exercise {
  constructor(root, page, lessons) {
    Object.assign(this, { root, page, lessons, lesson: null, hasNotes: false, isPaused: false, wanted: null, isThrough: false, kept: new Map() });
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("input", () => this.typed());
    root.addEventListener("change", () => this.typed());
    root.addEventListener("submit", (event) => (event.preventDefault(), this.forward()));
    document.addEventListener("omemsim:control", ({ detail }) => this.heed(detail));
    root.innerHTML = `<p id="exercise-said" role="status" aria-live="polite"></p><div id="exercise-paused" role="alert"></div><div id="exercise-body"></div><dialog id="exercise-sure" aria-labelledby="exercise-sure-text"><p id="exercise-sure-text"></p><p class="go"><button type="button" id="exercise-yes" class="strong"></button><button type="button" id="exercise-no"></button></p></dialog>`;
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
    const { page, course, answers, firsts, root, steps } = this;
    if (!this.drafts.has(step.id)) this.drafts.set(step.id, {});
    const asked = (one) => (one.repeats ? steps.find(({ id }) => id === one.repeats).options : one.options);
    return { step, page, course, answers, firsts, root, steps, asked, draft: this.drafts.get(step.id), value: answers.get(step.id), say: (text) => this.say(text) };
  }

  // A text, or what makes it: that one is said again when the language changes.
  say(text) {
    this.saying = text;
    this.root.querySelector("#exercise-said").textContent = typeof text === "function" ? text() : text;
  }

  // What is missing stands beside the button, where whoever pressed it looks.
  lack(text) {
    this.root.querySelector("#exercise-problem").textContent = text;
  }

  // Ask before something is lost; whoever presses Enter or Escape loses nothing.
  sure(key, work) {
    const find = (id) => this.root.querySelector(`#exercise-${id}`);
    find("sure-text").textContent = t(`exercise.${key}.sure`);
    find("yes").textContent = t(`exercise.${key}.yes`);
    find("no").textContent = t("cancel");
    this.agreed = work;
    find("sure").showModal();
    find("no").focus();
  }

  // Explore and Compare show what is still to be estimated.
  get isShutting() {
    if (!this.page.canChange || !this.lessons.length) return false;
    if (this.isFree) return false;
    if (!this.lesson) return this.page.opensLesson && !this.isThrough;
    return this.openEstimates > 0;
  }

  get openEstimates() {
    return this.steps.filter((one, k) => one.kind === "estimate" && k >= this.most && !this.answers.has(one.id)).length;
  }

  // --- Which lesson ---------------------------------------------------------------------------

  open(lesson) {
    return this.page.turn(() => this.anew(lesson, this.kept.get(lesson.name)));
  }

  // Begin a lesson; one that is kept goes on where it was, with its answers.
  async anew(lesson = this.lesson, { at = 0, answers = [], firsts = [] } = {}) {
    const course = new Course(this.page, lesson), ids = lesson.steps.map(({ id }) => id);
    await course.start();
    const given = new Map(answers.filter(([id]) => ids.includes(id)));
    Object.assign(this, { lesson, course, at: 0, most: 0, answers: given, firsts: new Map(firsts), drafts: new Map(), acted: new Set(), retried: new Set(), isRunning: false });
    await this.through(at);
    await this.go(at);
  }

  reset() {
    this.kept.clear();
    this.isThrough = this.isFree = false;
    return this.page.turn(() => this.anew()).then(() => this.say(() => t(this.page.isClass ? "exercise.reset.class" : "exercise.reset.done")));
  }

  // Where the page is, and what is committed, for whoever keeps it.
  keep() {
    if (!this.page.isClass) return;
    if (this.lesson) this.kept.set(this.lesson.name, { at: this.at, answers: [...this.answers], firsts: [...this.firsts] });
    document.dispatchEvent(new CustomEvent("omemsim:kept", { detail: { lesson: this.lesson?.name ?? null, all: [...this.kept] } }));
  }

  restore({ lesson, all }) {
    this.kept = new Map(all);
    const one = this.lessons.find(({ name }) => name === lesson);
    return one && this.open(one);
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
    if (problem) return this.lack(problem);
    this.answers.set(this.step.id, value);
    this.outdate(this.step);
    this.act(this.step);
    this.keep();
    for (const one of this.retried.has(this.step.id) ? [] : kind.told({ ...given, value }))
      document.dispatchEvent(new CustomEvent("omemsim:answer", { detail: { lesson: this.lesson.name, ...one } }));
    this.draw();
    this.say(() => t("exercise.committed"));
    this.root.querySelector("#exercise-next")?.focus();
  }

  // Whoever was brought past the choice of hours, and makes it afterwards, has a run without it.
  outdate({ kind }) {
    const later = this.steps.slice(this.at).find((one) => one.kind === "run");
    if (kind === "choose" && later?.anew) this.course.runs.delete(later.id);
  }

  // What an answer does to the course, once.
  act(step) {
    if (!this.answers.has(step.id) || this.acted.has(step.id)) return;
    this.acted.add(step.id);
    STEP[step.kind].done?.({ ...this.given(step), value: this.answers.get(step.id) });
  }

  run(step) {
    return this.page.turn(async () => {
      this.isRunning = true;
      this.buttons();
      await this.course.run(step, (reading, week, done) => this.seen(reading, week, done)).finally(() => (this.isRunning = false));
      this.draw();
      this.say(() => t("exercise.ran", { month: number(Math.round((this.course.runs.get(step.id).week * 12) / 52)) }));
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
    this.most = Math.max(this.most, at);
    this.isThrough ||= !this.openEstimates;
    this.draw(true);
  }

  // Go to a step, and let the weeks of all runs before it pass.
  jump(at) {
    return this.page.turn(async () => {
      const to = Math.max(0, Math.min(at, this.steps.length - 1));
      await this.through(to);
      await this.go(to);
    });
  }

  // Let what was committed act, and weeks pass, up to a step.
  async through(to) {
    for (const step of this.steps.slice(0, to)) {
      this.act(step);
      if (step.kind === "run" && !this.course.runs.has(step.id)) await this.course.run(step, () => {});
    }
  }

  // What the server's script tells all pages of a class: one thing after the other, but a pause at once.
  heed(told) {
    if (!this.page.canChange || !this.lessons.length) return;
    if (told.action === "pause" || told.action === "go") this.pause(told.action === "pause");
    else this.heeding = (this.heeding ?? Promise.resolve()).then(() => this.controlled(told));
  }

  async controlled({ action, step, lesson, kept }) {
    this.page.show("exercise");
    if (action === "restore") await this.restore(kept);
    if (action === "reset" && !this.lesson) return this.kept.clear();
    if ((action === "open" || action === "restore") && this.lessons.length > 1) return;
    const wanted = this.lessons.find(({ name }) => name === lesson) ?? this.lesson ?? this.lessons[0];
    if (this.lesson !== wanted) await this.open(wanted);
    if (action === "reset") await this.reset();
    if (action === "step") await this.jump(step ?? this.at + 1);
  }

  pause(isPaused) {
    this.isPaused = isPaused;
    this.body.inert = isPaused;
    this.root.querySelector("#exercise-sure").close();
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
    this.body.innerHTML = !this.page.canChange ? waiting() : this.wanted ? shut(this) : this.lesson ? this.stepPage() : menu(this);
    if (this.lesson) lay(this.body);
    if (!isNew) return this.say(this.saying ?? "");
    if (this.page.canChange) this.keep();
    document.dispatchEvent(new CustomEvent("omemsim:step", { detail: this.lesson ? { lesson: this.lesson.name, step: this.at } : { lesson: null, step: null } }));
    this.body.querySelector("h2")?.focus();
    scrollTo(0, 0);
    this.say(() => (this.lesson && !this.wanted ? t("exercise.step", { k: number(this.at + 1), n: number(this.steps.length), title: said(this.step.title) }) : ""));
  }

  stepPage() {
    const { step } = this, kind = STEP[step.kind];
    const bar = `<div class="lesson-bar"><strong>${letters(said(this.lesson.title))}</strong><label>${letters(t("exercise.progress", { k: number(this.at + 1), n: number(this.steps.length) }))} <progress max="${this.steps.length}" value="${this.at + 1}"></progress></label><span><button type="button" id="exercise-notes" aria-pressed="${this.hasNotes}">${letters(t("exercise.notes"))}</button><button type="button" id="exercise-reset">${letters(t("exercise.reset"))}</button><button type="button" id="exercise-leave">${letters(t("exercise.leave"))}</button></span></div>`;
    const isTold = this.isDone && !(step.kind === "question" && !step.repeats), after = isTold ? notice(step) + (step.kind === "read" ? "" : quoted(step)) : "";
    return `${bar}<form class="step" novalidate><p class="kind">${letters(t(`exercise.kind.${step.kind}`))} · ${letters(t("exercise.minutes", { n: number(step.minutes) }))}</p><h2 tabindex="-1">${letters(said(step.title))}</h2>${paragraphs(step.text)}${step.kind === "read" ? quoted(step) : ""}${this.unmixed()}${kind.body(this.given())}${after}<div class="go"><span id="exercise-go">${this.next()}</span><p id="exercise-problem" role="alert"></p></div></form>${this.hasNotes ? script(this) : ""}`;
  }

  // What came without a mix is no result of one.
  unmixed() {
    const mix = this.mixOf(this.step), other = this.course.runs.get(this.step.run)?.against;
    return mix && other && !this.answers.has(mix.id) ? `<p class="answer"><strong>${letters(t("exercise.unmixed", { other: named("strategy", other) }))}</strong></p>` : "";
  }

  next() {
    const { step } = this, isLast = this.at + 1 === this.steps.length;
    const text = !this.isDone ? (STEP[step.kind].action?.(this.given()) ?? t("exercise.commit")) : isLast ? t("exercise.end") : t("exercise.next");
    const onward = this.isDone && isLast ? `<strong id="exercise-next" tabindex="-1">${letters(text)}</strong>` : `<button id="exercise-next" class="strong"${this.isRunning ? " disabled" : ""}>${letters(text)}</button>`;
    return `<button type="button" id="exercise-back"${this.at && !this.isRunning ? "" : " disabled"}>${letters(t("exercise.back"))}</button>${onward}${this.mixOf(step) ? `<button type="button" id="exercise-again">${letters(t("exercise.again"))}</button>` : ""}`;
  }

  buttons() {
    this.root.querySelector("#exercise-go").innerHTML = this.next();
  }

  // --- What listens ---------------------------------------------------------------------------

  typed() {
    if (!this.lesson || this.wanted) return;
    const given = this.given(), kind = STEP[this.step.kind];
    this.lack("");
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
    const closed = (work) => (this.root.querySelector("#exercise-sure").close(), work?.());
    const work = {
      "exercise-back": () => this.go(this.at - 1),
      "exercise-reset": () => this.sure("reset", () => this.reset()),
      "exercise-leave": () => this.leave(),
      "exercise-notes": () => this.notes(),
      "exercise-again": () => this.again(),
      "exercise-yes": () => closed(this.agreed),
      "exercise-no": () => closed(),
      "exercise-return": () => this.page.show("exercise"),
      "exercise-anyway": () => this.anyway(),
    }[button.id];
    return work?.();
  }

  // Which choice of hours a picture of a run came from: it can be made again, by itself.
  mixOf({ kind, run }) {
    const { steps } = this, at = kind === "see" && run ? steps.findIndex(({ id }) => id === run) : -1;
    return at > 0 && steps[at].anew ? steps.slice(0, at).findLast((one) => one.kind === "choose") : undefined;
  }

  // Another mix for the same run. Estimates were for the first one, and are held against what that
  // one brought (`firsts`); the class has the first mix, too.
  again() {
    const mix = this.mixOf(this.step), { run } = this.step;
    for (const one of this.steps)
      if (one.kind === "estimate" && one.run === run && this.answers.has(one.id) && !this.firsts.has(one.id)) this.firsts.set(one.id, this.course.truth(one));
    this.drafts.set(mix.id, { ...this.answers.get(mix.id) });
    this.answers.delete(mix.id);
    this.acted.delete(mix.id);
    this.course.runs.delete(run);
    this.retried.add(mix.id);
    return this.go(this.steps.indexOf(mix));
  }

  anyway() {
    const mode = this.wanted;
    this.wanted = null;
    this.isFree = true;
    return this.page.show(mode);
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
