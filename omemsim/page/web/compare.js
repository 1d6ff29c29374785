// Two strategies side by side: where they differ, and whether it holds in twenty replicates.

import { SIGNS, counts, differences } from "./draw.js";
import { steps } from "./land.js";
import { ofTown, room, row, table } from "./panels.js";
import { letters, named, number, t } from "./words.js";

const ENOUGH = 20; // replicates before anything is claimed
const ASKED = ["victimization", "public_calls", "trust", "fear", "utilization", "safe"];

export class Comparison {
  constructor(root, page) {
    Object.assign(this, { root, page, measure: ASKED[0], runs: [], key: "" });
    root.innerHTML = `<div class="pair"><figure></figure><figure></figure></div>`;
    root.addEventListener("click", ({ target }) => target.id === "twenty" && this.ask());
    root.addEventListener("change", ({ target }) => {
      if (target.id !== "measure") return;
      this.measure = target.value;
      this.draw();
    });
  }

  // What the replicates were asked about: they say nothing of anything else.
  get asked() {
    const { scenario, week } = this.page;
    return JSON.stringify([scenario.strategies, scenario.changes, week]);
  }

  // isWhole: the replicates, too; while time runs only the map follows.
  draw(isWhole = true) {
    const { page } = this, isOn = page.isComparing && page.arms[1].series.length > 0;
    this.root.hidden = !isOn;
    if (!isOn) return;
    const [map, many] = this.root.querySelectorAll("figure");
    const now = page.arms.map(({ series }) => series[Math.min(page.view, series.length - 1)]);
    map.innerHTML = `<figcaption>${letters(t("difference.map"))}</figcaption>${this.map(now)}`;
    this.lay();
    if (!isWhole) return;
    const focus = many.contains(document.activeElement) ? document.activeElement.id : "";
    many.innerHTML = `<figcaption>${letters(t("twenty.title"))}</figcaption>${this.twenty()}`;
    if (focus) (many.querySelector(`#${focus}`) ?? many.querySelector("#measure"))?.focus();
  }

  // How many zones B is above A, neighbourhood by neighbourhood, as a map and as words.
  map([a, b]) {
    const { outlines } = this.page.data.town;
    const each = a.zone.map((zone, n) => {
      const up = b.zone[n] - zone, word = up > 0 ? "better" : up < 0 ? "worse" : "alike";
      const text = up > 0 ? `+${up}` : up < 0 ? `−${-up}` : "=";
      return { word, text, label: t("difference.cell", { name: this.page.hood(n), a: named("zone", String(zone)), b: named("zone", String(b.zone[n])) }) };
    });
    const cell = ({ word, text, label }, n) => `<span class="cell ${word}" role="img" aria-label="${letters(label)}">${text}<small>${SIGNS[a.zone[n]]}→${SIGNS[b.zone[n]]}</small></span>`;
    const picture = outlines ? steps(outlines, t("difference.map"), each) : `<div class="map steps">${each.map(cell).join("")}</div>`;
    return `${picture}<p>${letters(t("difference.key"))}</p>${this.behind("steps", t("difference.map"), this.rows(a, b))}`;
  }

  rows(a, b) {
    const sign = (zone) => `${SIGNS[zone]} ${named("zone", String(zone))}`;
    return table([t("hood"), "A", "B", t("difference")], a.zone.map((zone, n) => row([this.page.hood(n), sign(zone), sign(b.zone[n]), number(b.zone[n] - zone)])));
  }

  // The table behind a picture; open if it was.
  behind(name, label, text) {
    const isOpen = this.root.querySelector(`details[data-of="${name}"]`)?.open;
    return `<details class="table" data-of="${name}"${isOpen ? " open" : ""}><summary>${letters(t("table"))}</summary><div tabindex="0" role="region" aria-label="${letters(label)}">${text}</div></details>`;
  }

  lay() {
    if (this.page.data.town.outlines) return;
    const { x, y } = this.page.data.town, ranks = (of) => [...new Set(of)].sort((p, q) => p - q);
    const columns = ranks(x), rows = ranks(y), map = this.root.querySelector(".steps");
    map.classList.toggle("many", columns.length > 5);
    map.style.gridTemplateColumns = `repeat(${columns.length}, minmax(24px, 1fr))`;
    [...map.children].forEach((cell, n) => {
      cell.style.gridColumn = columns.indexOf(x[n]) + 1;
      cell.style.gridRow = rows.length - rows.indexOf(y[n]);
    });
  }

  twenty() {
    const { page } = this;
    if (!page.canChange) return `<p>${letters(t("twenty.recorded"))}</p>`;
    if (!page.week) return `<p>${letters(t("twenty.first"))}</p>`;
    const isDone = this.key === this.asked, values = isDone ? this.values() : [];
    const options = ASKED.map((name) => `<option value="${name}"${name === this.measure ? " selected" : ""}>${letters(named("measure", name))}</option>`);
    const button = isDone ? "" : `<button id="twenty">${letters(t("twenty.run", { n: page.replicates, month: page.month(page.week) }))}</button>`;
    const picture = values.length ? differences(values, { unit: named("unit", this.measure), better: this.better, wide: room(this.root.querySelectorAll("figure")[1]) }) + `<p class="unit">${letters(named("unit", this.measure))}</p>` : "";
    return `<label>${letters(t("measure"))} <select id="measure">${options.join("")}</select></label> ${button}${picture}<p role="status">${letters(this.verdict(values))}</p>${values.length ? this.behind("dots", t("twenty.title"), table([t("run.head"), t("difference")], values.map((value, k) => row([number(k + 1), number(value, 3)])))) : ""}`;
  }

  get better() {
    return this.measure === "safe" ? "higher" : this.page.data.readings.find((one) => one.name === this.measure).better;
  }

  value(reading) {
    if (this.measure === "safe") {
      const many = counts(reading.zone);
      return (many[2] + many[3]) / reading.zone.length;
    }
    const one = this.page.data.readings.find(({ name }) => name === this.measure);
    return ofTown(this.page.data, one, reading[this.measure]);
  }

  values() {
    return this.runs.map(([a, b]) => this.value(b) - this.value(a));
  }

  verdict(values) {
    const all = this.page.replicates;
    if (!values.length) return t("twenty.none");
    if (values.length < all) return t("twenty.going", { done: values.length, all });
    const wins = values.filter((value) => (this.better === "higher" ? value > 0 : value < 0)).length;
    const losses = values.filter((value) => (this.better === "higher" ? value < 0 : value > 0)).length;
    const sorted = [...values].sort((p, q) => p - q), half = values.length / 2;
    const middle = (sorted[Math.floor(half)] + sorted[Math.ceil(half) - 1]) / 2;
    const isShare = Math.abs(middle) < 1 && ["trust", "fear", "utilization", "safe"].includes(this.measure);
    const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${number(Math.abs(value), 1)}`;
    const size = isShare ? t("points", { n: Math.abs(100 * middle), value: signed(100 * middle) }) : `${signed(middle)} (${named("unit", this.measure)})`;
    const key = all < ENOUGH ? "few" : wins >= 0.9 * all ? "better" : losses >= 0.9 * all ? "worse" : "unclear";
    return t(`verdict.${key}`, { wins, losses, all, size });
  }

  // Both strategies in every replicate that the page carries, up to the week that is reached.
  async ask() {
    const { page } = this, { scenario } = page, key = this.asked, week = page.week;
    this.key = key;
    this.runs = [];
    const model = await page.second();
    for (let replicate = 0; replicate < page.replicates && this.key === this.asked; replicate++) {
      const pair = [];
      for (const arm of [0, 1]) {
        await model.load("many", page.data.strategies[scenario.strategies[arm]].name, replicate);
        pair.push((await model.step("many", week, scenario.told(arm))).at(-1));
      }
      if (this.key !== key) return;
      this.runs.push(pair);
      this.draw();
    }
  }
}

export function sentence(page, view) {
  const [a, b] = page.arms.map(({ series }) => counts(series[Math.min(view, series.length - 1)].zone));
  const many = (one) => one[2] + one[3], gap = many(b) - many(a);
  const key = gap > 0 ? "more" : gap < 0 ? "fewer" : "same";
  return t(`compare.${key}`, { n: Math.abs(gap), month: page.month(view), a: many(a), b: many(b) });
}
