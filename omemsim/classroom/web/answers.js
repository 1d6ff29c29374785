// Answers as desk and wall show them: tables, bars, cards; always as text.
"use strict";
const omemsimAnswers = (() => {
  const BINS = 8;
  const words = JSON.parse(document.getElementById("words").textContent);
  const language = document.documentElement.lang;
  const number = (value) => new Intl.NumberFormat(language, { maximumFractionDigits: 3 }).format(value);
  const t = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const made = (tag, given = {}, ...inside) => {
    const one = Object.assign(document.createElement(tag), given);
    one.append(...inside);
    return one;
  };

  // Skipping leaves the address as it is: at a reload, desk and wall take what is behind its '#' for
  // a secret or a group.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });

  const SVG = "http://www.w3.org/2000/svg";
  function bar(share) {
    const svg = document.createElementNS(SVG, "svg"), rect = document.createElementNS(SVG, "rect");
    svg.setAttribute("viewBox", "0 0 100 10");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    rect.setAttribute("height", "10");
    rect.setAttribute("width", String(100 * share));
    svg.append(rect);
    return svg;
  }

  function table(head, rows) {
    const most = Math.max(...rows.map(([, many]) => many), 1);
    const line = ([name, many]) =>
      made("tr", {}, made("th", { scope: "row", textContent: name }), made("td", { className: "count", textContent: number(many) }),
        made("td", { className: "bar" }, bar(many / most)));
    const caption = made("caption", { textContent: head });
    return made("table", {}, caption, made("tbody", {}, ...rows.map(line)));
  }

  const SHOWN = {
    choice: ({ counts }, { choices }) => [table(t("answer"), choices.map(({ name, text }) => [text, counts[name]]))],
    number: ({ values }, { unit }) => {
      const low = values[0], high = values.at(-1), half = values.length / 2;
      const middle = (values[Math.floor(half)] + values[Math.ceil(half) - 1]) / 2;
      const middles = t("middle", { median: number(middle), low: number(low), high: number(high) });
      const said = unit ? t("of", { unit, said: middles }) : middles;
      return [made("p", { textContent: said }), table(t("number"), binned(values, low, high))];
    },
    // What is chosen has a name, whatever the language in which it was chosen; the desk says it in its own.
    mix: ({ halves }, { halves: asked }) => {
      const means = asked.flatMap(({ part, choices }, k) => {
        const { number: many, mixes } = halves[k];
        const mean = (name) => mixes.reduce((sum, one) => sum + (one.shares[name] ?? 0) * one.number, 0) / many;
        const rows = choices.map(({ name, text }) => [text, Math.round(mean(name))]).filter(([, share]) => share);
        const head = t("of", { unit: part, said: t("mean") });
        return many ? [made("p", { textContent: head }), table(head, rows)] : [];
      });
      const said = (choices, shares) => choices.filter(({ name }) => shares[name]).map(({ name, text }) => t("share", { tactic: text, percent: number(shares[name]) })).join(", ");
      const all = new Map(halves.flatMap(({ mixes }) => mixes.map((one) => [one.mix, one.number])));
      const items = [...all].sort(([a], [b]) => a - b).map(([mix, many]) => {
        const lines = asked.flatMap(({ part, choices }, k) => {
          const one = halves[k].mixes.find((half) => half.mix === mix);
          return one ? [made("div", { textContent: t("of", { unit: part, said: said(choices, one.shares) }) })] : [];
        });
        return made("li", {}, made("div", {}, made("strong", { textContent: t("mix", { mix: number(mix), many: number(many) }) }), ...lines));
      });
      return [...means, made("ul", {}, ...items)];
    },
    text: ({ values }, question, out, hiding) => {
      const item = (text) => {
        if (!hiding) return made("li", {}, made("span", { textContent: text }));
        const hide = made("button", { type: "button", textContent: t("hide") });
        hide.setAttribute("aria-label", t("pair", { a: t("hide"), b: text }));
        hide.addEventListener("click", () => hiding.hide(text));
        return made("li", {}, made("span", { textContent: text }), hide);
      };
      const shown = [made("ul", {}, ...values.filter((text) => !out.has(text)).map(item))];
      if (hiding && out.size) {
        const all = made("button", { type: "button", textContent: t("show") });
        all.addEventListener("click", hiding.all);
        shown.push(made("p", { className: "hidden" }, `${t("hidden", { number: number(out.size) })} `, all));
      }
      return shown;
    },
  };

  // As many rows as there are values, if there are few; else ranges of equal, round width.
  function binned(values, low, high) {
    const each = [...new Set(values)];
    if (each.length <= BINS) return each.map((value) => [number(value), values.filter((one) => one === value).length]);
    const rough = (high - low) / BINS, unit = 10 ** Math.floor(Math.log10(rough));
    const width = [1, 2, 5, 10].map((one) => one * unit).find((one) => one >= rough);
    const first = Math.floor(low / width), last = Math.floor(high / width), rows = [];
    for (let k = first; k <= last; k++) {
      const from = k * width, inside = values.filter((one) => Math.floor(one / width) === k).length;
      rows.push([t("from", { low: number(from), high: number(from + width) }), inside]);
    }
    return rows;
  }

  // A mix has a half for each group of zones: one question, whose halves are seen together.
  const isHalf = (one, first) => one.kind === "mix" && first.kind === "mix" && one.lesson === first.lesson && one.step === first.step;
  function joined(questions, titles) {
    const firsts = questions.filter((one) => questions.find((first) => first === one || isHalf(one, first)) === one);
    return firsts.map((one) => (one.kind === "mix" ? { ...one, text: titles(one), halves: questions.filter((half) => isHalf(half, one)) } : one));
  }

  // A question with what was answered; out: texts that the class need not see.
  const body = (question, found, out, hiding) => SHOWN[question.kind](found, question, out, hiding);
  return { body, joined, made, number, t, table };
})();
