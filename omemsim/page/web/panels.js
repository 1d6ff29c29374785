// What is seen of a run: pictures with a table behind each, numbers now, one neighbourhood closely.

import { SIGNS, counts, history, shape, shares, spanOf, wheel } from "./draw.js";
import { Land } from "./land.js";
import { letters, named, number, percent, t } from "./words.js";

const SHARES = ["trust", "fear", "efficacy", "capacity", "utilization"]; // written as percent

// The town's value of a measure: neighbourhoods as the measure weighs them.
export function ofTown(data, one, values) {
  if (!Array.isArray(values)) return values; // of the town itself, or recorded so
  if (one.weight === "sum") return values.reduce((sum, value) => sum + value, 0);
  const weights = data.town[one.weight] ?? values.map(() => 1);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, n) => sum + value * weights[n], 0) / whole;
}

export const written = (name, value) => (SHARES.includes(name) ? percent(value) : number(value, value < 10 ? 1 : 0));

// How wide a picture is, in letters of the size that is chosen.
export const room = (place) => Math.max(280, (16 * place.clientWidth) / parseFloat(getComputedStyle(document.documentElement).fontSize));

const SHARED = ["community_led", "grievance"]; // of details, written as percent

const zoneName = (zone) => named("zone", String(zone));
const sign = (zone) => `${SIGNS[zone]} ${zoneName(zone)}`;
export const row = (cells, tag = "td") => `<tr><th scope="row">${letters(cells[0])}</th>${cells.slice(1).map((cell) => `<${tag}>${letters(cell)}</${tag}>`).join("")}</tr>`;
export const table = (head, rows) => `<table><thead><tr>${head.map((one) => `<th scope="col">${letters(one)}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;

// One strategy's panels, made once and filled with each picture anew.
export class Panels {
  constructor(page, number) {
    Object.assign(this, { page, number });
    this.root = document.createElement("section");
    this.root.className = "arm";
    this.root.innerHTML = `<p class="head"></p>` + ["wheel", "map", "now", "shares", "history"].map((name) => `<figure class="f-${name}"><figcaption></figcaption><div class="${name}"></div><details class="table"><summary></summary><div tabindex="0" role="region"></div></details></figure>`).join("");
    this.root.querySelector(".f-now details").remove();
    this.root.addEventListener("toggle", () => this.draw(), true);
    this.root.querySelector(".map").addEventListener("click", ({ target }) => {
      const button = target.closest("[data-n]");
      if (button) page.detail(this.number, Number(button.dataset.n));
    });
    this.lay();
  }

  // A button for each neighbourhood, where it lies in the town.
  lay() {
    const { x, y, hoods, outlines } = this.page.data.town;
    if (outlines) {
      this.land = new Land(this.root.querySelector(".map"), outlines, (n) => this.page.detail(this.number, n));
      return;
    }
    const ranks = (of) => [...new Set(of)].sort((a, b) => a - b);
    const columns = ranks(x), rows = ranks(y), map = this.root.querySelector(".map");
    map.classList.toggle("many", columns.length > 5);
    map.style.gridTemplateColumns = `repeat(${columns.length}, minmax(24px, 1fr))`;
    hoods.forEach((_, n) => {
      const button = document.createElement("button");
      button.dataset.n = n;
      button.style.gridColumn = columns.indexOf(x[n]) + 1;
      button.style.gridRow = rows.length - rows.indexOf(y[n]);
      map.append(button);
    });
  }

  draw() {
    const { page } = this, { series } = page.arms[this.number];
    if (!series.length) return;
    const view = Math.min(page.view, series.length - 1), reading = series[view];
    const span = spanOf(Math.max(...page.shown.map((arm) => page.arms[arm].week)));
    const names = page.data.town.hoods, given = { span, view, names, flags: page.flags(this.number), wide: room(this.root.querySelector(".shares")), height: Math.max(150, 2 * names.length - 20) };
    const isTwo = page.isComparing;
    this.root.querySelector(".head").hidden = !isTwo;
    this.root.querySelector(".head").textContent = t("arm", { letter: "AB"[this.number], name: page.nameOf(this.number) });
    this.put(".wheel", wheel(reading));
    this.put(".shares", shares(series, given));
    this.put(".history", history(series, given));
    this.map(reading);
    if (!isTwo) this.now(series, view);
    for (const name of ["wheel", "map", "now", "shares", "history"]) {
      const figure = this.root.querySelector(`.f-${name}`), details = figure.querySelector("details");
      figure.querySelector("figcaption").textContent = t(`panel.${name}`);
      if (!details) continue;
      details.querySelector("summary").textContent = t("table");
      details.querySelector("div").setAttribute("aria-label", isTwo ? t("pair", { a: "AB"[this.number], b: t(`panel.${name}`) }) : t(`panel.${name}`));
      if (details.open) details.querySelector("div").innerHTML = this.table(name, series, view);
    }
  }

  // Fill a place anew, unless that is what stands there.
  put(place, text) {
    if (this.filled?.[place] === text) return;
    this.filled = { ...this.filled, [place]: text };
    this.root.querySelector(place).innerHTML = text;
  }

  map(reading) {
    const { hoods } = this.page.data.town;
    const labelOf = (n) => t("hood.label", { name: this.page.hood(n), zone: zoneName(reading.zone[n]) });
    if (this.land) return this.land.draw(reading.zone, t("panel.map"), labelOf);
    this.root.querySelectorAll(".map button").forEach((button, n) => {
      const zone = reading.zone[n], key = String(zone);
      if (button.dataset.zone === key && button.dataset.language === document.documentElement.lang) return;
      Object.assign(button.dataset, { zone: key, language: document.documentElement.lang });
      button.className = `zone-${zone}`;
      button.innerHTML = `${SIGNS[zone]}<small>${n + 1}</small>`;
      button.setAttribute("aria-label", labelOf(n));
      button.title = hoods[n];
    });
  }

  now(series, view) {
    const { data } = this.page, rows = data.readings.slice(1).map((one) => {
      const [first, last] = [series[0], series[view]].map((reading) => ofTown(data, one, reading[one.name]));
      return row([named("measure", one.name), written(one.name, last), t("from", { value: written(one.name, first) })]);
    });
    const moves = this.moves(series, view);
    this.put(".now", `<table class="now"><tbody>${rows.join("")}</tbody></table><h2>${letters(t("moves"))}</h2>${moves}`);
  }

  // How often a neighbourhood moved from one zone (row) to another (column) up to a week.
  moves(series, view) {
    const many = [0, 1, 2, 3].map(() => [0, 0, 0, 0]);
    for (let week = 1; week <= view; week++)
      series[week].zone.forEach((zone, n) => many[series[week - 1].zone[n]][zone]++);
    const rows = many.map((to, from) => `<tr><th scope="row">${letters(sign(from))}</th>${to.map((n, zone) => `<td class="${zone === from ? "same" : zone > from ? "up" : "down"}">${zone === from ? "–" : n}</td>`).join("")}</tr>`);
    return table([t("moves.head"), ...[0, 1, 2, 3].map(sign)], rows);
  }

  table(name, series, view) {
    const { hoods } = this.page.data.town, reading = series[view];
    if (name === "wheel") return table([t("zone"), t("hoods")], counts(reading.zone).map((n, zone) => row([sign(zone), number(n)])));
    if (name === "map") return table([t("hood"), t("zone"), named("measure", "public_calls")], hoods.map((_, n) => row([this.page.hood(n), sign(reading.zone[n]), number(reading.public_calls[n])])));
    const years = series.map((_, week) => week).filter((week) => week % 26 === 0 || week === series.length - 1);
    if (name === "shares") return table([t("month.head"), ...[0, 1, 2, 3].map(sign)], years.map((week) => row([number((week * 12) / 52), ...counts(series[week].zone).map((n) => number(n))])));
    return table([t("hood"), ...years.map((week) => number((week * 12) / 52))], hoods.map((_, n) => row([this.page.hood(n), ...years.map((week) => sign(series[week].zone[n]))])));
  }
}

export function legend() {
  return [0, 1, 2, 3].map((zone) => `<span><svg viewBox="0 0 20 20" aria-hidden="true">${shape(zone, 10, 10, 9)}</svg>${letters(t("pair", { a: zoneName(zone), b: t(`zone.title.${zone}`) }))}</span>`).join("");
}

// All that is known of one neighbourhood in the week that is seen.
export function detail(page, arm, n, more) {
  const { data } = page, series = page.arms[arm].series, view = Math.min(page.view, series.length - 1);
  const local = data.readings.filter((one) => one.level !== "town" && one.name !== "zone" && Array.isArray(series[view][one.name]));
  const rows = local.map((one) => row([named("measure", one.name), written(one.name, series[view][one.name][n]), t("from", { value: written(one.name, series[0][one.name][n]) })]));
  const closer = more.map((value, k) => row([named("detail", data.details[k]), SHARED.includes(data.details[k]) ? percent(value) : number(value), ""]));
  const fixed = row([t("people"), number(data.town.population[n]), ""]) + row([t("deprivation"), percent(data.town.deprivation[n]), ""]);
  return `<h2>${letters(t("pair", { a: page.hood(n), b: sign(series[view].zone[n]) }))}</h2><p>${letters(t("month", { month: page.month(view) }))}</p><table class="now"><tbody>${fixed}${rows.join("")}${closer.join("")}</tbody></table><p><button id="close">${letters(t("close"))}</button></p>`;
}
