// The left panel: which strategy, which mix of tactics under a budget that is fixed, what happens.

import { COLOURS, SIGNS, shape } from "./draw.js";
import { ALL, BOTH } from "./scenario.js";
import { letters, named, percent, t } from "./words.js";

const GROUPS = [null, 0, 1, 2, 3]; // the zone whose tactics they are; null: what any service does

export class Levers {
  // page: knows the scenario and what stands now, and is told of changes.
  constructor(root, page) {
    Object.assign(this, { root, page, arm: 0, zone: ALL, open: new Set(["null"]) });
    root.addEventListener("input", (event) => this.typed(event, false));
    root.addEventListener("change", (event) => this.typed(event, true));
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("toggle", (event) => this.toggled(event), true);
  }

  // Draw the panel anew: another language, mode, arm or strategy.
  draw() {
    const { data, scenario, isComparing, canChange } = this.page;
    const options = (items, at) => items.map(([value, text]) => `<option value="${value}"${value === at ? " selected" : ""}>${letters(text)}</option>`).join("");
    const strategies = data.strategies.map(({ name }, k) => [k, named("strategy", name)]);
    const runs = Array.from({ length: this.page.replicates }, (_, k) => [k, t("run.number", { k: k + 1 })]);
    const focus = this.root.contains(document.activeElement) ? document.activeElement.id : "";
    this.root.innerHTML = `
      ${isComparing ? this.choice("arm", t("edit"), [[0, "A"], [1, "B"]], this.arm) : ""}
      <label class="row">${letters(t("strategy"))}<select id="strategy">${options(strategies, scenario.strategies[this.arm])}</select></label>
      <p>${letters(t(`about.${data.strategies[scenario.strategies[this.arm]].name}`).replace(/^about\..*/, data.strategies[scenario.strategies[this.arm]].description))}</p>
      <label class="row">${letters(t("run"))}<select id="replicate">${options(runs, scenario.replicate)}</select></label>
      ${canChange ? this.changing() : `<p>${letters(t("recorded.levers"))}</p>`}`;
    this.update();
    if (focus) this.root.querySelector(`#${focus}`)?.focus();
  }

  choice(name, text, items, at) {
    const each = items.map(([value, word, label]) => `<label title="${letters(label ?? word)}"><input type="radio" id="${name}-${value}" name="${name}" value="${value}"${value === at ? " checked" : ""} aria-label="${letters(label ?? word)}">${letters(word)}</label>`);
    return `<fieldset class="zones"><legend>${letters(text)}</legend>${each.join("")}</fieldset>`;
  }

  changing() {
    const { data } = this.page;
    const zones = [[ALL, t("zones.all")], ...SIGNS.map((sign, zone) => [zone, sign, named("zone", String(zone))])];
    const groups = GROUPS.map((zone) => this.group(zone)).join("");
    const shocks = data.shocks.map(({ name }, k) => `<option value="${k}">${letters(named("shock", name))}</option>`).join("");
    const choices = data.map.levers.allocation.choices.map((one, k) => `<option value="${k}">${letters(named("allocation", one))}</option>`).join("");
    return `
      <div class="budget"><h2>${letters(t("mix"))}</h2>${this.choice("zone", t("mix.where"), zones, this.zone)}
        <div class="bar" id="bar"></div><p id="left"></p></div>
      ${groups}
      <label class="row">${letters(t("allocation"))}<select id="allocation">${choices}</select></label>
      <details class="group" id="money"${this.open.has("money") ? " open" : ""}><summary>${letters(t("money"))}</summary>
        ${data.map.levers.spend.funds.map((fund, k) => (k ? this.lever("spend", k, named("fund", fund)) : "")).join("")}<p id="money-left"></p></details>
      <label class="row">${letters(t("shock"))}<select id="shock">${shocks}</select></label><button id="happen">${letters(t("shock.now"))}</button>`;
  }

  group(zone) {
    const { data } = this.page, key = String(zone);
    const mine = data.tactics.map((one, k) => [one, k]).filter(([one]) => one.zone === zone);
    const sign = zone === null ? "" : `<svg viewBox="0 0 20 20" width="14" height="14" aria-hidden="true">${shape(zone, 10, 10, 8)}</svg> `;
    const title = zone === null ? t("tactics.ordinary") : t("tactics.zone", { zone: named("zone", key) });
    return `<details class="group" data-group="${key}"${this.open.has(key) ? " open" : ""}><summary>${sign}${letters(title)} <b></b></summary>${mine.map(([one, k]) => this.lever("mix", k, named("tactic", one.name))).join("")}</details>`;
  }

  lever(kind, place, name) {
    const id = `${kind}-${place}`, label = letters(name);
    return `<div class="lever" data-kind="${kind}" data-place="${place}"><label for="${id}">${label}</label><input type="range" id="${id}" min="0" max="100" step="1"><input type="number" id="${id}-typed" min="0" max="100" step="1" aria-label="${letters(t("percent.of", { name }))}"></div>`;
  }

  // The levers as they stand now, without drawing the panel anew.
  update() {
    if (!this.page.canChange) return;
    const now = this.page.levers(this.arm), many = this.page.data.tactics.length;
    const rows = (this.zone === ALL ? [0, 1, 2, 3] : [this.zone]).map((zone) => now.mix.slice(zone * many, (zone + 1) * many));
    const sum = (values) => values.reduce((whole, one) => whole + one, 0);
    const each = (of) => now.mix.slice(0, many).map((_, tactic) => of(rows.map((row) => row[tactic]), tactic));
    const mine = sum(now.spend.slice(1)); // what is left over goes to the first
    this.values = { mix: each((values) => sum(values) / rows.length), spend: now.spend };
    this.most = { // what each could have at most: the hours and the money are fixed
      mix: each((_, tactic) => Math.min(...rows.map((row) => row[tactic] + Math.max(1 - sum(row), 0)))),
      spend: now.spend.map((one) => one + Math.max(1 - mine, 0)),
    };
    this.alike = { mix: each((values) => values.every((one) => one === values[0])), spend: now.spend.map(() => true) };
    this.left = { mix: Math.max(1 - sum(rows.map(sum)) / rows.length, 0), spend: Math.max(1 - mine, 0) };
    for (const row of this.root.querySelectorAll(".lever")) this.show(row, this.values[row.dataset.kind][row.dataset.place]);
    for (const zone of GROUPS) {
      const sum = this.sum(zone), group = this.root.querySelector(`[data-group="${zone}"]`);
      group.querySelector("b").textContent = percent(sum);
    }
    this.root.querySelector("#allocation").value = now.allocation[0];
    this.bar();
  }

  sum(zone) {
    return this.page.data.tactics.reduce((sum, one, k) => sum + (one.zone === zone ? this.values.mix[k] : 0), 0);
  }

  bar() {
    const bar = this.root.querySelector("#bar");
    bar.replaceChildren(...GROUPS.map((zone) => {
      const part = document.createElement("i");
      part.style.width = `${100 * this.sum(zone)}%`;
      if (zone === null) part.className = "other";
      else part.style.background = COLOURS[zone];
      return part;
    }));
    const note = this.alike.mix.every((one) => one) ? "" : ` ${t("zones.differ")}`;
    this.root.querySelector("#left").textContent = t("budget", { used: percent(1 - this.left.mix), left: percent(this.left.mix) }) + note;
    this.root.querySelector("#money-left").textContent = t("money.left", { left: percent(this.left.spend) });
  }

  show(row, share) {
    const [range, typed] = row.querySelectorAll("input"), value = Math.round(100 * share);
    if (range !== document.activeElement || Number(range.value) !== value) range.value = value;
    if (typed !== document.activeElement) typed.value = value;
    range.setAttribute("aria-valuetext", t("lever.value", { value: percent(share), left: percent(this.left[row.dataset.kind]) }));
  }

  // A lever is moved or typed at; what it cannot have, since the budget is fixed, it does not get.
  typed({ target }, isDone) {
    const row = target.closest(".lever");
    if (!row) return isDone && this.chosen(target);
    const { kind } = row.dataset, place = Number(row.dataset.place);
    const before = this.values[kind][place], most = Math.floor(100 * this.most[kind][place] + 1e-9);
    const asked = Number(target.value || 0), value = Math.max(0, Math.min(Math.round(asked), most));
    if (asked > most) this.page.say(t(kind === "mix" ? "budget.none" : "money.none"));
    if (target.type === "range" || isDone) target.value = value;
    row.querySelectorAll("input").forEach((one) => one !== target && (one.value = value));
    if (!isDone || (this.alike[kind][place] && value === Math.round(100 * before))) return;
    const many = this.page.data.tactics.length;
    this.page.change({ arm: this.arm, kind, place: kind === "mix" ? this.zone * many + place : place, value });
  }

  chosen({ id, name, value }) {
    if (id === "strategy") this.page.choose({ arm: this.arm, strategy: Number(value) });
    if (id === "replicate") this.page.choose({ replicate: Number(value) });
    if (id === "allocation") this.page.change({ arm: this.arm, kind: "allocation", place: 0, value: Number(value) });
    if (name === "zone") this.zone = Number(value);
    if (name === "arm") this.arm = Number(value);
    if (name === "zone") this.update();
    if (name === "arm") this.draw();
  }

  clicked({ target }) {
    if (target.id !== "happen") return;
    this.page.change({ arm: BOTH, kind: "shock", place: Number(this.root.querySelector("#shock").value), value: 0 });
  }

  toggled({ target }) {
    const key = target.dataset?.group ?? target.id;
    if (key) this.open[target.open ? "add" : "delete"](key);
  }
}

export const told = (data, { kind, place, value, arm }, isComparing) => {
  const pair = (a, b) => t("pair", { a, b });
  const mine = (text) => (isComparing && arm !== BOTH ? pair("AB"[arm], text) : text);
  if (kind === "shock") return named("shock", data.shocks[place].name);
  if (kind === "allocation") return mine(pair(t("allocation"), named("allocation", data.map.levers.allocation.choices[value])));
  if (kind === "spend") return mine(pair(named("fund", data.map.levers.spend.funds[place]), percent(value / 100)));
  const many = data.tactics.length, zone = Math.floor(place / many);
  const where = zone === ALL ? t("zones.everywhere") : named("zone", String(zone));
  return mine(pair(`${named("tactic", data.tactics[place % many].name)}, ${where}`, percent(value / 100)));
};
