// The page: what is chosen, what is reached, what is seen, and everything that listens.

import { Arm, Model, Recorded } from "./client.js";
import { Comparison, sentence } from "./compare.js";
import { counts, inZones } from "./draw.js";
import { Exercise } from "./exercise.js";
import { Foot } from "./foot.js";
import { Levers, told } from "./levers.js";
import { Panels, detail, legend, ofTown } from "./panels.js";
import { BOTH, Scenario } from "./scenario.js";
import { unpacked } from "./start.js";
import { named, number, percent, speak, speech, t } from "./words.js";

const MOST_WEEKS = 520, MONTH = 4; // weeks that a step takes
const SLOWEST = 20; // weeks a second, below which recorded runs are better to look at
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const at = (id) => document.getElementById(id);
const block = (id) => at(id)?.textContent;

// The code in the page's address, "" for none: a link within the page puts an element's id there.
function codeInAddress() {
  const text = location.hash.slice(1);
  if (at(text)) return "";
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // it is told that this is no code
  }
}

class Page {
  constructor() {
    this.data = JSON.parse(block("data"));
    speak(JSON.parse(block("words")), this.data.language);
    this.scenario = new Scenario(this.data);
    Object.assign(this, { view: 0, isComparing: false, isPlaying: false, canChange: false, isClass: false });
    this.opensLesson = this.data.opens === "exercise";
    this.replicates = document.querySelectorAll('[id^="start-"]').length;
  }

  // First what Python recorded is seen; then the model is made ready, and takes its place.
  async begin() {
    const runs = JSON.parse(new TextDecoder().decode(await unpacked(block("recorded"))));
    this.bases = await this.readBases();
    this.arms = [0, 1].map((k) => new Arm("AB"[k], new Recorded(runs)));
    this.panels = this.arms.map((_, k) => new Panels(this, k));
    this.leverPanel = new Levers(at("levers"), this);
    this.comparison = new Comparison(at("difference"), this);
    this.foot = new Foot(at("more"), this);
    this.exercise = new Exercise(at("exercise"), this, JSON.parse(new TextDecoder().decode(await unpacked(block("lessons")))));
    at("to-exercise").hidden = !this.exercise.lessons.length;
    if (this.opensLesson) this.enter();
    at("arms").append(...this.panels.map((one) => one.root));
    await this.restart(0);
    this.sayEngine("engine.waiting");
    this.draw();
    try {
      this.model = await this.ready();
      const began = performance.now();
      await this.model.load("A", this.data.strategies[0].name, 0);
      const speed = -this.data.map.born / ((performance.now() - began) / 1000);
      if (speed < SLOWEST) throw new Error(`${speed} weeks a second`);
      this.arms.forEach((arm) => (arm.engine = this.model));
      this.canChange = true;
      this.sayEngine("engine.model");
    } catch (error) {
      this.replicates = Math.max(...runs.map((run) => run.replicate)) + 1;
      this.sayEngine("engine.recorded");
      console.warn(error);
    }
    const code = codeInAddress();
    await (code && this.canChange ? this.take(code) : this.restart(0));
    document.body.dataset.engine = this.canChange ? "model" : "recorded";
    if (document.body.dataset.mode === "exercise") this.exercise.draw(true);
  }

  async ready() {
    if (typeof WebAssembly !== "object") throw new Error("no WebAssembly");
    const model = new Model(block("worker"), block);
    const { map, readings } = this.data;
    const records = JSON.parse(block("records"));
    await model.prepare({ map, readings, records, wasm: block("wasm"), first: block("start-0") });
    return model;
  }

  async second() {
    return (this.other ??= await this.ready());
  }

  // What the levers of each strategy stand at, as its records have it.
  async readBases() {
    const { names, text } = JSON.parse(block("records")), bytes = await unpacked(text);
    const { mix, spend, allocation } = this.data.map.levers, many = mix.zones.length * mix.tactics.length;
    return this.data.strategies.map(({ name }) => {
      const from = names.find(([one]) => one === name)[1], view = new DataView(bytes.buffer);
      const numbers = (start, n) => Array.from({ length: n }, (_, k) => view.getFloat64(from + start + 8 * k, true));
      return { mix: numbers(mix.at, many), spend: numbers(spend.at, spend.funds.length), allocation: view.getInt32(from + allocation.at, true) };
    });
  }

  get shown() {
    return this.isComparing ? [0, 1] : [0];
  }

  get week() {
    return this.arms[0].week;
  }

  levers(arm) {
    return this.scenario.levers(arm, this.bases[this.scenario.strategies[arm]]);
  }

  nameOf = (arm) => named("strategy", this.data.strategies[this.scenario.strategies[arm]].name);
  hood = (n) => this.data.town.hoods[n].replace(/^Neighbourhood (?=\d)/, `${t("hood")} `);
  month = (week) => number(Math.floor((week * 12) / 52));

  get changes() {
    return this.scenario.seen(this.shown);
  }

  // A flag for each week in which something was changed, with the numbers of those changes.
  flags(arm) {
    const weeks = new Map();
    this.changes.forEach((one, k) => {
      if (one.arm === arm || one.arm === BOTH) weeks.set(one.week, [...(weeks.get(one.week) ?? []), k + 1]);
    });
    return [...weeks].map(([week, numbers]) => ({ week, sign: numbers.length > 2 ? `${numbers[0]}…${numbers.at(-1)}` : numbers.join(",") }));
  }

  // Runs are made again from what is chosen, up to a week.
  async restart(week) {
    const { scenario } = this;
    for (const k of this.shown) {
      await this.arms[k].begin(this.data.strategies[scenario.strategies[k]].name, scenario.replicate);
      await this.arms[k].go(week, scenario.told(k));
    }
    this.view = this.week;
    this.draw(true);
  }

  async go(weeks) {
    const more = Math.min(weeks, MOST_WEEKS - this.week);
    const isAtEnd = this.view === this.week, before = this.week;
    for (const k of this.shown) await this.arms[k].go(more, this.scenario.told(k));
    if (isAtEnd) this.view = this.week;
    if (this.week >= MOST_WEEKS || this.week === before) this.isPlaying = false;
    this.draw();
  }

  // One thing at a time: whatever is asked meanwhile waits for its turn.
  turn(work) {
    this.waiting = (this.waiting ?? Promise.resolve()).then(work).catch((error) => this.failed(error));
    return this.waiting;
  }

  failed(error) {
    this.isPlaying = false;
    console.error(error);
    const text = t(String(error).includes("room:") ? "failed.room" : "failed");
    this.say(text);
    this.exercise?.say(text);
    this.draw();
  }

  change(change) {
    return this.turn(() => {
      this.view = this.week;
      this.scenario.add({ week: this.week, ...change });
      this.leverPanel.update();
      this.draw();
      this.say(t("changed", { what: told(this.data, this.scenario.changes.at(-1), this.isComparing) }));
    });
  }

  choose({ arm, strategy, replicate }) {
    return this.turn(() => {
      if (strategy !== undefined) {
        this.scenario.strategies[arm] = strategy;
        this.scenario.changes = this.scenario.changes.filter((one) => one.arm !== arm);
      }
      if (replicate !== undefined) this.scenario.replicate = replicate;
      this.scenario.undone = [];
      return this.restart(this.week);
    });
  }

  back(how) {
    return this.turn(async () => {
      this.scenario[how](this.shown);
      await this.restart(this.week);
      this.say(t(`${how}.done`));
    });
  }

  // Go back to the week of the last change, and play from there.
  replay() {
    return this.turn(async () => {
      const last = this.changes.at(-1), until = this.week;
      await this.restart(last.week);
      this.until = Math.max(until, last.week + 26);
      this.play(true);
    });
  }

  compare(isComparing) {
    return this.turn(async () => {
      this.isComparing = isComparing;
      if (!isComparing) this.leverPanel.arm = 0;
      await this.restart(this.week);
    });
  }

  // A page for a lesson opens on it, before anything else is seen: the town's numbers are answers.
  enter() {
    this.opensLesson = !this.exercise || this.exercise.lessons.length > 0;
    if (!this.opensLesson) return this.show("explore");
    if (this.exercise) return this.show("exercise");
    document.body.dataset.mode = "exercise";
    for (const id of ["levers", "stage"]) at(id).hidden = true;
  }

  // Explore and compare share the town that is chosen; an exercise has its own.
  async show(asked) {
    this.isPlaying = false;
    this.exercise.wanted = asked !== "exercise" && this.exercise.isShutting ? asked : null;
    const mode = this.exercise.wanted ? "exercise" : asked;
    document.body.dataset.mode = mode;
    at("exercise").hidden = mode !== "exercise";
    for (const id of ["levers", "stage"]) at(id).hidden = mode === "exercise";
    if (mode === "exercise") {
      this.bar();
      return this.exercise.draw(true);
    }
    return this.compare(mode === "compare");
  }

  async take(code) {
    const { week, problem } = this.scenario.take(code, this.replicates);
    if (problem) {
      await this.restart(0);
      return this.say(t(problem));
    }
    this.isComparing = this.scenario.changes.some((one) => one.arm === 1);
    return this.restart(Math.min(week, MOST_WEEKS));
  }

  play(isPlaying = !this.isPlaying) {
    this.isPlaying = isPlaying;
    this.draw();
    if (isPlaying) this.tick(performance.now(), 0);
  }

  // As many weeks in a frame as the speed asks for: time that is lost is made up for. Whoever wants
  // little motion sees a picture a second.
  tick(since, done) {
    requestAnimationFrame((now) => {
      if (!this.isPlaying) return;
      const speed = Number(at("speed").value), due = Math.floor(((now - since) / 1000) * speed) - done;
      if (due < (STILL.matches ? speed : 1)) return this.tick(since, done);
      const weeks = Math.min(due, speed, (this.until ?? MOST_WEEKS) - this.week);
      this.turn(async () => {
        await this.go(weeks);
        if (this.until !== undefined && this.week >= this.until) {
          this.until = undefined;
          this.play(false);
        } else if (this.isPlaying) this.tick(due > speed ? now : since, due > speed ? 0 : done + due);
      });
    });
  }

  say(text) {
    this.said = text;
    at("sentence").textContent = text;
  }

  sayEngine(key) {
    at("engine").textContent = t(key);
    this.engineKey = key;
  }

  // One sentence on the state: not in every frame, or nobody could follow it.
  tell() {
    const now = performance.now();
    if (this.isPlaying && now - (this.toldAt ?? 0) < 2500) return;
    this.toldAt = now;
    if (this.isComparing && this.arms[1].series.length) return this.say(sentence(this, this.view));
    const { series } = this.arms[0], { zone } = series[this.view], first = series[0].zone;
    const up = zone.filter((one, n) => one > first[n]).length, down = zone.filter((one, n) => one < first[n]).length;
    const calls = this.data.readings.find((one) => one.name === "utilization");
    this.say(t("state", { month: this.month(this.view), zones: inZones(counts(zone)), up: number(up), down: number(down), calls: percent(ofTown(this.data, calls, series[this.view].utilization)) }));
  }

  draw(isNew = false) {
    at("arms").classList.toggle("two", this.isComparing);
    this.panels.forEach((one, k) => {
      one.root.hidden = !this.shown.includes(k);
      if (!one.root.hidden) one.draw();
    });
    if (isNew) {
      this.texts();
      this.leverPanel.draw();
    }
    this.comparison.draw(isNew || !this.isPlaying);
    this.tell();
    this.bar();
    if (isNew || !this.isPlaying) this.foot.draw();
  }

  // Pictures are as wide as their place, which has changed.
  redraw() {
    if (this.arms?.[0].series.length) this.draw();
    this.exercise?.redraw();
  }

  bar() {
    const { scenario } = this, view = at("view");
    at("month").textContent = t("month", { month: this.month(this.view) });
    at("play").textContent = t(this.isPlaying ? "pause" : "play");
    at("undo").disabled = !this.changes.length;
    at("redo").disabled = !scenario.undone.length;
    at("replay").disabled = !this.changes.length || this.isPlaying;
    view.max = Math.max(this.week, 0);
    view.value = this.view;
    view.setAttribute("aria-valuetext", t("month", { month: this.month(this.view) }));
    const mode = document.body.dataset.mode === "exercise" ? "exercise" : this.isComparing ? "compare" : "explore";
    for (const [id, isOn] of ["explore", "compare", "exercise"].map((one) => [`to-${one}`, one === mode]))
      at(id).setAttribute("aria-pressed", String(isOn));
  }

  texts() {
    for (const one of document.querySelectorAll("[data-t]")) one.textContent = t(one.dataset.t);
    for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", t(`label.${one.dataset.label}`));
    document.title = t("title");
    at("legend").innerHTML = legend();
    at("language").textContent = t("language.other");
    at("language").lang = speech.language === "en" ? "fr" : "en";
    at("speed").setAttribute("aria-label", t("speed"));
    for (const one of at("speed").options) one.textContent = t("speed.of", { weeks: one.value });
    this.sayEngine(this.engineKey ?? "engine.waiting");
  }

  // One neighbourhood closely; of the week that is reached, what only the model's columns say, too.
  async detail(arm, n) {
    const isNow = this.canChange && this.view === this.week, columns = this.data.details.map((name) => `neighbourhoods.${name}`);
    const more = isNow ? await this.model.read(this.arms[arm].name, columns) : {};
    at("detail").innerHTML = detail(this, arm, n, Object.values(more).map((values) => Number(values[n])));
    at("close").addEventListener("click", () => at("detail").close());
    at("detail").showModal();
  }

  listen() {
    const on = (id, work) => at(id).addEventListener("click", work);
    on("play", () => this.play());
    on("step", () => this.turn(() => this.go(MONTH)));
    on("reset", () => this.turn(() => ((this.isPlaying = false), (this.until = undefined), (this.scenario.changes = []), (this.scenario.undone = []), this.restart(0))));
    on("undo", () => this.back("undo"));
    on("redo", () => this.back("redo"));
    on("replay", () => this.replay());
    on("to-explore", () => this.show("explore"));
    on("to-compare", () => this.show("compare"));
    on("to-exercise", () => this.show("exercise"));
    on("larger", () => (at("larger").setAttribute("aria-pressed", String(document.documentElement.classList.toggle("larger"))), this.redraw()));
    on("language", () => (speak(speech.words, speech.language === "en" ? "fr" : "en"), this.draw(true), this.exercise?.draw()));
    at("view").addEventListener("input", ({ target }) => ((this.view = Number(target.value)), this.draw()));
    addEventListener("resize", () => this.redraw());
    document.addEventListener("omemsim:control", ({ detail }) => detail.action === "pause" && this.isPlaying && this.play(false));
    document.addEventListener("omemsim:class", ({ detail }) => ((this.isClass = this.opensLesson = detail.is), detail.is && this.enter()));
    addEventListener("hashchange", () => {
      const code = codeInAddress();
      if (code && this.canChange) this.turn(() => this.take(code));
    });
  }
}

const page = new Page();
page.texts();
page.listen();
page.begin().catch((error) => page.say(`${t("failed")} (${error.message})`));
