// What the runs of a lesson bring. Every number that a student is shown comes from here, and here
// from the engine: the same town and the same random numbers for everybody.

import { Arm } from "./client.js";
import { counts } from "./draw.js";
import { ofTown, written } from "./panels.js";
import { number, percent } from "./words.js";

export const ZONE_NAMES = ["red", "amber", "green", "blue"];
const LABELS = ["zone", "true_zone", "call_zone"];
const AS_SHARE = ["community_led", "grievance"]; // columns written as percent
const PERCENT = ["trust", "fear", "efficacy", "capacity", "utilization", ...AS_SHARE];
const SURE = 0.9; // of all towns that have to go one way before a direction is claimed
const FRAME = 4; // weeks between two pictures

export class Course {
  constructor(page, lesson) {
    Object.assign(this, { page, lesson, runs: new Map(), plan: [], next: null });
    this.replicate = Math.min(lesson.replicate ?? 0, page.replicates - 1);
    this.arm = new Arm("exercise", page.model);
    this.other = new Arm("exercise-other", page.model);
  }

  get strategy() {
    return this.lesson.strategy;
  }

  async start() {
    await this.arm.begin(this.strategy, this.replicate);
    this.begun = await this.picture(this.arm);
  }

  // The town in the week that an arm has reached.
  async picture(arm) {
    const names = this.page.data.columns.map((name) => `neighbourhoods.${name}`);
    const columns = Object.values(await this.page.model.read(arm.name, names));
    const more = this.page.data.columns.map((name, k) => [name, Array.from(columns[k], Number)]);
    return { ...arm.series.at(-1), ...Object.fromEntries(more) };
  }

  // What was chosen or voted for: it acts from the first week of the next run.
  choose(change) {
    this.next = change;
  }

  async run(step, seen) {
    if (step.anew) {
      this.plan = [];
      await this.start();
    }
    const week = this.arm.week;
    if (step.strategy) this.plan.push({ week, use: step.strategy });
    if (this.next) this.plan.push({ week, ...this.next });
    this.next = null;
    const before = await this.picture(this.arm), until = week + step.weeks;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    while (this.arm.week < until) {
      await this.arm.go(isStill ? step.weeks : Math.min(FRAME, until - this.arm.week), this.plan);
      seen(this.arm.series.at(-1), this.arm.week);
      if (!isStill) await new Promise((keep) => requestAnimationFrame(keep));
    }
    const found = { before, after: await this.picture(this.arm), series: [...this.arm.series], week: until, from: week };
    if (step.against) {
      found.against = step.against;
      await this.other.begin(this.strategy, this.replicate);
      await this.other.go(until, this.instead(step));
      found.other = await this.picture(this.other);
    }
    if (step.replicates) found.pairs = await this.pairs(step, until, (done) => seen(null, until, done));
    this.runs.set(step.id, found);
  }

  instead = ({ against }) => [{ week: 0, use: against }];

  // This course and the other in every town that the page carries.
  async pairs(step, weeks, seen) {
    const model = await this.page.second(), found = [];
    for (let replicate = 0; replicate < this.page.replicates; replicate++) {
      const pair = [];
      for (const plan of [this.plan, this.instead(step)]) {
        await model.load("many", this.strategy, replicate);
        pair.push((await model.step("many", weeks, plan)).at(-1));
      }
      found.push(pair);
      seen(replicate + 1);
    }
    return found;
  }

  end = (id) => (id ? this.runs.get(id)?.after : this.begun);

  // A number of the town: of all of it, of a neighbourhood, or how many are in a zone.
  value({ measure, place, zone }, picture) {
    const { data } = this.page, values = picture[measure];
    if (LABELS.includes(measure)) return place ? values[place - 1] : counts(values)[ZONE_NAMES.indexOf(zone)];
    if (place) return Array.isArray(values) ? values[place - 1] : values;
    const one = data.readings.find(({ name }) => name === measure);
    if (one) return ofTown(data, one, values);
    const sum = values.reduce((whole, value) => whole + value, 0);
    return AS_SHARE.includes(measure) ? sum / values.length : sum;
  }

  // What an estimate is held against: a number, or which way the run went.
  truth(estimate) {
    const run = this.runs.get(estimate.run), { of } = estimate;
    if (estimate.as === "number") return this.value(of, run ? run.after : this.begun);
    return this.direction(run, of);
  }

  // A claim needs towns: in nine of ten it has to go the same way. Where only one was run, its sign.
  direction(run, of) {
    const all = this.differences(run, of), lower = all.filter((one) => one < 0).length;
    const higher = all.filter((one) => one > 0).length;
    return lower >= SURE * all.length ? "lower" : higher >= SURE * all.length ? "higher" : "same";
  }

  // Columns of neighbourhoods are read of the town that everybody sees, not of the others.
  differences(run, of) {
    if (run.pairs && of.measure in run.pairs[0][0]) return run.pairs.map(([mine, other]) => this.value(of, mine) - this.value(of, other));
    return [this.value(of, run.after) - this.value(of, run.other ?? run.before)];
  }

  // Ask in one neighbourhood: a measure of it, or the mean of the first few residents of a kind.
  async ask({ measure, asked, first = 8 }, place) {
    if (!asked) return this.value({ measure, place }, await this.picture(this.arm));
    const names = ["residents.takes_part", `residents.${measure}`, "neighbourhoods.first_resident", "neighbourhoods.residents"];
    const read = await this.page.model.read(this.arm.name, names), [part, values, from, many] = names.map((name) => read[name]);
    const start = Number(from[place - 1]), end = start + Number(many[place - 1]), found = [];
    for (let row = start; row < end && found.length < first; row++)
      if (asked === "residents" || part[row]) found.push(values[row]);
    return found.reduce((sum, value) => sum + value, 0) / found.length;
  }
}

export const isLabel = (measure) => LABELS.includes(measure);
export const isPercent = (measure) => PERCENT.includes(measure);

// A value in words; zones are counted, except of one neighbourhood.
export function inWords(measure, value) {
  if (AS_SHARE.includes(measure)) return percent(value);
  return isLabel(measure) || Number.isInteger(value) ? number(value) : written(measure, value);
}
