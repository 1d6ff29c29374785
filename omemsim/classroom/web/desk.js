// The instructor's desk: who is here, the wall of answers, and what is said to all.
"use strict";
(() => {
  const PLACE = "omemsim:desk", SOON = 300, LATE = 5000, QUIET = 5000; // milliseconds
  const BINS = 8;
  const at = (id) => document.getElementById(id);
  const words = JSON.parse(at("words").textContent), { questions, lessons } = JSON.parse(at("asked").textContent);
  const language = document.documentElement.lang;
  const number = (value) => new Intl.NumberFormat(language, { maximumFractionDigits: 3 }).format(value);
  const t = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const sleep = (time) => new Promise((then) => setTimeout(then, time));
  const made = (tag, given = {}, ...inside) => {
    const one = Object.assign(document.createElement(tag), given);
    one.append(...inside);
    return one;
  };

  // The secret leaves the address at once: the screen may be projected.
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem(PLACE, given);
    history.replaceState(null, "", location.pathname);
  }
  const secret = sessionStorage.getItem(PLACE);
  const ask = (path, more = {}) =>
    fetch(path, { ...more, headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" } });

  const problem = (key) => {
    const said = key ? t(key) : "";
    if (at("problem").textContent !== said) at("problem").textContent = said;
  };

  // ---- the wall: a part for each question that was answered

  const parts = new Map(), hidden = new Map(); // of texts that the class need not see
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
    number: ({ values }) => {
      const low = values[0], high = values.at(-1), half = values.length / 2;
      const middle = (values[Math.floor(half)] + values[Math.ceil(half) - 1]) / 2;
      const said = t("middle", { median: number(middle), low: number(low), high: number(high) });
      return [made("p", { textContent: said }), table(t("number"), binned(values, low, high))];
    },
    // What is chosen has a name, whatever the language in which it was chosen; the desk says it in its own.
    mix: ({ number: many, mixes }, { choices }) => {
      const mean = (name) => mixes.reduce((sum, one) => sum + (one.shares[name] ?? 0) * one.number, 0) / many;
      const rows = choices.map(({ name, text }) => [text, Math.round(mean(name))]).filter(([, share]) => share);
      const said = ({ shares }) => choices.filter(({ name }) => shares[name]).map(({ name, text }) => t("share", { tactic: text, percent: number(shares[name]) })).join(", ");
      const items = mixes.map((one) => made("li", { textContent: t("mix", { many: number(one.number), shares: said(one) }) }));
      return [made("p", { textContent: t("mean") }), table(t("mean"), rows), made("ul", {}, ...items)];
    },
    text: ({ values }, question) => {
      const out = hidden.get(question.key) ?? new Set();
      const item = (text) => {
        const hide = made("button", { type: "button", textContent: t("hide") });
        hide.setAttribute("aria-label", t("pair", { a: t("hide"), b: text }));
        hide.addEventListener("click", () => {
          hidden.set(question.key, out.add(text));
          show(question);
        });
        return made("li", {}, made("span", { textContent: text }), hide);
      };
      const shown = [made("ul", {}, ...values.filter((text) => !out.has(text)).map(item))];
      if (out.size) {
        const all = made("button", { type: "button", textContent: t("show") });
        all.addEventListener("click", () => (hidden.delete(question.key), show(question)));
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

  const gathered = new Map();
  function show(question) {
    const found = gathered.get(question.key), part = parts.get(question.key), body = part.lastElementChild;
    const focus = body.contains(document.activeElement);
    part.querySelector(".many").textContent = t("many", { number: number(found.number) });
    body.replaceChildren(...SHOWN[question.kind](found, question));
    if (focus) part.firstElementChild.focus();
  }

  // What the class is done with can be folded away.
  function folder({ kind, text }) {
    const head = made("summary", {}, made("h3", { textContent: text }), made("span", { className: "many" }));
    return made("details", { className: kind, open: true }, head, made("div"));
  }

  function clear() {
    for (const one of parts.values()) one.remove();
    for (const map of [parts, hidden, gathered]) map.clear();
  }

  function take(answers) {
    for (const question of questions) {
      if (!(question.key in answers)) continue;
      gathered.set(question.key, answers[question.key]);
      if (!parts.has(question.key)) parts.set(question.key, folder(question));
      show(question);
    }
    // In the order of the lesson, and nothing is moved that stands there already.
    let before = at("none");
    for (const { key } of questions) {
      const part = parts.get(key);
      if (part && part.previousElementSibling !== before) before.after(part);
      before = part ?? before;
    }
    at("none").hidden = parts.size > 0;
  }

  // ---- the room

  // How many are at which step: numbers, and nothing of who.
  function places({ places, here }) {
    const named = ({ lesson, step }) => {
      const { title, steps } = lessons[lesson], values = { step: number(step), title: steps[step - 1], lesson: title };
      return t(Object.keys(lessons).length > 1 ? "place.of" : "place", values);
    };
    const rows = places.map((one) => [named(one), one.students]), inLesson = places.reduce((sum, one) => sum + one.students, 0);
    if (here > inLesson) rows.push([t("nowhere"), here - inLesson]);
    at("where").hidden = !rows.length;
    at("places").replaceChildren(table(t("places"), rows));
  }

  let told = {}, toldAt = 0, loudly;
  const say = (text) => (at("news").textContent = text);
  function draw(said) {
    at("room").hidden = at("wall").hidden = false;
    places(said);
    for (const name of ["code", "address"]) at(name).textContent = said[name];
    if (at("qr").getAttribute("src") !== said.qr) at("qr").src = said.qr;
    at("qr").alt = t("qr", { address: said.address });
    at("joined").textContent = number(said.joined);
    at("here").textContent = number(said.here);
    at("step").textContent = said.step === null ? "–" : number(said.step);
    at("pause").textContent = t(said.paused ? "go" : "pause");
    at("pause").setAttribute("aria-pressed", String(said.paused));
    at("back").disabled = (said.step ?? 1) <= 1;
    if (said.round !== told.round || said.code !== told.code) clear();
    take(said.answers);
    told = said;
    // What was just pressed is said at once, counts now and then, or nobody could listen.
    const counts = t("counts", { here: number(said.here), answers: number([...gathered.values()].reduce((sum, one) => sum + one.number, 0)) });
    if (loudly) {
      toldAt = Date.now();
      say(loudly());
      loudly = undefined;
    } else if (Date.now() - toldAt > QUIET && at("news").dataset.counts !== counts) {
      toldAt = Date.now();
      at("news").dataset.counts = counts;
      say(counts);
    }
  }

  async function watch() {
    for (let version = 0, pause = SOON; ; ) {
      try {
        const answer = await ask(`/api/wall?after=${version}`);
        if (answer.status === 401) return problem("secret");
        if (!answer.ok) throw new Error(answer.status);
        const said = await answer.json();
        problem();
        draw(said);
        if (said.over) return over();
        ({ version } = said);
        pause = SOON;
      } catch {
        problem("offline");
        pause = Math.min(2 * pause, LATE);
      }
      await sleep(pause);
    }
  }

  function over() {
    problem("over");
    for (const one of document.querySelectorAll("#room button")) one.disabled = true;
  }

  async function control(action, step, then) {
    try {
      const answer = await ask("/api/control", { method: "POST", body: JSON.stringify({ action, step }) });
      if (answer.ok) loudly = then;
      else problem(answer.status === 401 ? "secret" : "often");
    } catch {
      problem("offline");
    }
  }

  // ---- what is pressed

  const on = (id, work) => at(id).addEventListener("click", work);
  on("pause", () => (told.paused ? control("go", null, () => t("going")) : control("pause", null, () => t("paused"))));
  const move = (by) => {
    const step = Math.max(1, (told.step ?? 0) + by);
    return control("step", step, () => t("step", { step }));
  };
  // Where students are by themselves is not known here: the first step would send them back.
  on("next", () => (told.step === null ? sure("first") : move(1)));
  on("back", () => move(-1));
  const doing = {
    again: () => control("reset", null, () => t("again")),
    others: () => control("next", null, () => t("others", { code: told.code })),
    first: () => move(1),
  };
  let asked = "again";
  const sure = (what) => {
    asked = what;
    for (const [id, key] of [["sure-title", "title"], ["sure-text", "text"], ["yes", "yes"]]) at(id).textContent = t(`${what}.${key}`);
    at("sure").showModal();
    at("no").focus();
  };
  on("again", () => sure("again"));
  on("others", () => sure("others"));
  on("no", () => at("sure").close());
  on("yes", () => {
    at("sure").close();
    doing[asked]();
  });
  on("download", async () => {
    try {
      const answer = await ask("/api/answers.csv");
      if (!answer.ok) return problem(answer.status === 401 ? "secret" : "often");
      const link = made("a", { href: URL.createObjectURL(await answer.blob()), download: `answers-${told.code}-${told.round}.csv` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), QUIET);
    } catch {
      problem("offline");
    }
  });

  if (secret) watch();
  else problem("secret");
})();
