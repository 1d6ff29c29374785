// Below the pictures: changes in words, the code of all that is chosen, the data to copy.

import { counts } from "./draw.js";
import { told } from "./levers.js";
import { ofTown } from "./panels.js";
import { letters, number, t } from "./words.js";

export class Foot {
  constructor(root, page) {
    Object.assign(this, { root, page });
    root.addEventListener("click", ({ target }) => {
      if (target.id === "copy") this.copy();
      if (target.id === "take") page.turn(() => page.take(root.querySelector("#code").value));
    });
  }

  draw() {
    const { root, page } = this, code = page.scenario.code(page.week);
    if (page.canChange && !page.isPlaying && location.hash !== `#${code}`) window.history.replaceState(null, "", `#${code}`);
    const focus = root.contains(document.activeElement) ? document.activeElement.id : "";
    if (focus === "csv") return; // it is being copied
    root.innerHTML = this.changes() + (page.canChange ? this.code(code) : "") + this.data();
    if (focus) root.querySelector(`#${focus}`)?.focus();
  }

  changes() {
    const { page } = this, list = page.changes.map((one) => `<li>${letters(t("change.at", { month: page.month(one.week), what: told(page.data, one, page.isComparing) }))}</li>`);
    const all = list.length ? `<ol>${list.join("")}</ol>` : `<p>${letters(t("changes.none"))}</p>`;
    return `<div><h2>${letters(t("changes.title"))}</h2>${all}</div>`;
  }

  code(code) {
    const { replicate } = this.page.scenario, { seed } = this.page.data;
    return `<div><h2>${letters(t("code.title"))}</h2><p><label>${letters(t("code.this"))} <input type="text" id="code" value="${code}" spellcheck="false" autocomplete="off"></label></p><p><button id="take">${letters(t("code.take"))}</button></p><p>${letters(t("seed", { run: replicate + 1, seed, replicate }))}</p></div>`;
  }

  data() {
    const title = letters(t("data.title"));
    return `<div><h2>${title}</h2><p><button id="copy">${letters(t("data.copy"))}</button></p><textarea id="csv" hidden readonly aria-label="${title}"></textarea><p>${letters(this.caveat())}</p></div>`;
  }

  caveat() {
    const { name, scale, outlines } = this.page.data.town;
    return outlines ? t("caveat.table", { name, scale: number(scale) }) : t("caveat");
  }

  // A line for each week and strategy: zones, and the town's value of each measure.
  csv() {
    const { page } = this, measures = page.data.readings.slice(1);
    const lines = [["week", "strategy", "red", "amber", "green", "blue", ...measures.map((one) => one.name)]];
    for (const k of page.shown) {
      const { name } = page.data.strategies[page.scenario.strategies[k]];
      page.arms[k].series.forEach((reading, week) => lines.push([week, name, ...counts(reading.zone), ...measures.map((one) => ofTown(page.data, one, reading[one.name]))]));
    }
    return lines.map((line) => line.join(",")).join("\n") + "\n";
  }

  copy() {
    const box = this.root.querySelector("#csv");
    box.hidden = false;
    box.value = this.csv();
    box.focus();
    box.select();
    navigator.clipboard?.writeText(box.value).then(() => this.page.say(t("data.copied")), () => {});
  }
}
