// The instructor's desk: who is here, the wall of answers, and what is said to all.
"use strict";
(() => {
  const PLACE = "omemsim:desk", SOON = 300, LATE = 5000, QUIET = 5000; // milliseconds
  const at = (id) => document.getElementById(id);
  const { body: bodyOf, joined, made, number, t, table } = omemsimAnswers;
  const language = document.documentElement.lang;
  const { questions: each, lessons } = JSON.parse(at("asked").textContent);
  const questions = joined(each, ({ lesson, step }) => lessons[lesson]?.steps[step - 1] ?? "");
  const sleep = (time) => new Promise((then) => setTimeout(then, time));
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
  const onWall = new Set(); // questions whose answers the class sees
  const gathered = new Map();
  function show(question) {
    const found = gathered.get(question.key), part = parts.get(question.key), body = part.lastElementChild;
    const focus = body.contains(document.activeElement) && document.activeElement.tagName;
    part.querySelector(".many").textContent = t("many", { number: number(found.number) });
    const out = hidden.get(question.key) ?? new Set();
    const hiding = {
      hide: (text) => (hidden.set(question.key, out.add(text)), show(question)),
      all: () => (hidden.delete(question.key), show(question)),
    };
    body.replaceChildren(wallButton(question), ...bodyOf(question, found, out, hiding));
    if (focus) (body.querySelector(focus === "BUTTON" ? "button" : "none") ?? part.firstElementChild).focus();
    project();
  }

  // The class sees answers on the wall once this is pressed, not while others still think.
  function wallButton(question) {
    const isOn = onWall.has(question.key);
    const button = made("button", { type: "button", className: "to-wall", textContent: t(isOn ? "wall.hide" : "wall.show") });
    button.setAttribute("aria-pressed", String(isOn));
    button.addEventListener("click", () => {
      if (isOn) onWall.delete(question.key);
      else onWall.add(question.key);
      show(question);
    });
    return made("p", {}, button);
  }

  // The wall is another window of this browser: it has no secret, asks nothing, and shows what it is sent.
  let channel;
  function project() {
    if (!channel || !told.code) return;
    const shown = inOrder().filter(({ key }) => onWall.has(key) && gathered.has(key));
    channel.postMessage({
      code: told.code, address: told.address, qr: told.qr, alt: t("qr", { address: told.address }),
      title: stepTitle(told), paused: told.paused ? t("wall.paused") : "", local: told.qr ? "" : t("local"), count: committed(told)?.text ?? "",
      shown: shown.map((question) => ({ question, found: gathered.get(question.key), out: [...(hidden.get(question.key) ?? [])] })),
    });
  }

  // What the class is done with can be folded away.
  function folder({ kind, text }) {
    const head = made("summary", {}, made("h3", { textContent: text }), made("span", { className: "many" }));
    return made("details", { className: kind, open: true }, head, made("div"));
  }

  function clear() {
    for (const one of parts.values()) one.remove();
    for (const map of [parts, hidden, gathered, onWall]) map.clear();
  }

  function take(answers) {
    for (const question of questions) {
      if (!(question.halves ?? [question]).some(({ key }) => key in answers)) continue;
      gathered.set(question.key, question.halves ? wholeOf(question, answers) : answers[question.key]);
      if (!parts.has(question.key)) parts.set(question.key, folder(question));
      show(question);
    }
    // What was asked last stands on top, and nothing is moved that stands there already.
    let before = at("none");
    for (const { key } of inOrder()) {
      const part = parts.get(key);
      if (part && part.previousElementSibling !== before) before.after(part);
      before = part ?? before;
    }
    at("none").hidden = parts.size > 0;
  }

  // Of a mix, each half as it was told last.
  function wholeOf({ key, halves: asked }, answers) {
    const before = gathered.get(key)?.halves;
    const halves = asked.map((half, k) => answers[half.key] ?? before?.[k] ?? { number: 0, mixes: [] });
    return { number: Math.max(...halves.map((half) => half.number)), halves };
  }

  const inOrder = () => [...questions].reverse();

  // ---- the step that was sent: its title, its script, how many have answered it

  const titleOf = ({ lesson, step }) => {
    const { title, steps } = lessons[lesson], values = { step: number(step), steps: number(steps.length), title: steps[step - 1], lesson: title };
    return t("place.of", values);
  };
  const stepTitle = (said) => (said.step === null || !lessons[said.lesson] ? "" : titleOf(said));

  function committed({ lesson, step, here }) {
    const asked = questions.filter((one) => one.lesson === lesson && one.step === step);
    if (!asked.length) return null;
    const many = Math.min(...asked.map(({ key }) => gathered.get(key)?.number ?? 0));
    return { many, text: t("committed", { many: number(many), here: number(here) }) };
  }

  let scripts = {};
  function script(said) {
    const step = said.step ?? 1, lesson = said.step === null ? at("lesson").value : said.lesson;
    const notes = scripts[lesson]?.[step - 1] ?? {};
    const parts = ["say", "ask", "wrong"].filter((part) => notes[part]?.[language]);
    at("script").hidden = !parts.length;
    const isSent = said.step !== null && lesson === told.lesson;
    at("script-of").textContent = lessons[lesson] ? `${titleOf({ lesson, step })}${isSent ? "" : ` ${t("script.unsent")}`}` : "";
    const lines = parts.flatMap((part) => [made("h3", { textContent: t(`script.${part}`) }), made("p", { className: "lines", textContent: notes[part][language].trim() })]);
    at("script-text").replaceChildren(...lines);
  }

  // ---- the room

  // How many are at which step: numbers, and nothing of who.
  function places({ places, here }) {
    const rows = places.map((one) => [titleOf(one), one.students]), inLesson = places.reduce((sum, one) => sum + one.students, 0);
    if (here > inLesson) rows.push([t("nowhere"), here - inLesson]);
    at("where").hidden = !rows.length;
    at("places").replaceChildren(table(t("places"), rows));
  }

  const allowNext = () => (at("next").disabled = told.step !== null && at("lesson").value === told.lesson && told.step >= lessons[told.lesson]?.steps.length);
  let told = {}, toldAt = 0, loudly;
  const say = (text) => (at("news").textContent = text);
  function draw(said) {
    at("room").hidden = at("wall").hidden = false;
    places(said);
    for (const name of ["code", "address"]) at(name).textContent = said[name];
    if (at("qr").getAttribute("src") !== said.qr) at("qr").src = said.qr;
    at("qr").hidden = !said.qr;
    at("local").hidden = Boolean(said.qr);
    at("qr").alt = t("qr", { address: said.address });
    at("joined").textContent = number(said.joined);
    at("here").textContent = number(said.here);
    at("step").textContent = said.step === null ? "–" : number(said.step);
    at("step-title").textContent = stepTitle(said);
    at("pause").textContent = t(said.paused ? "go" : "pause");
    at("pause").setAttribute("aria-pressed", String(said.paused));
    at("back").disabled = (said.step ?? 1) <= 1;
    if (said.round !== told.round || said.code !== told.code) clear();
    const isMoved = said.step !== told.step || said.lesson !== told.lesson || !told.code;
    told = said;
    if (said.lesson && isMoved) at("lesson").value = said.lesson;
    if (isMoved) script(said);
    take(said.answers);
    at("committed").textContent = committed(said)?.text ?? "";
    allowNext();
    if (!channel) {
      at("to-wall").href = `${at("to-wall").getAttribute("href")}#${said.group}`;
      channel = new BroadcastChannel(`omemsim:wall:${said.group}`);
      channel.addEventListener("message", ({ data }) => data === "hello" && project());
    }
    project();
    // What was just pressed is said at once, counts to who listens, now and then.
    const counts = t("counts", { here: number(said.here), answers: number([...gathered.values()].reduce((sum, one) => sum + one.number, 0)) });
    if (loudly) {
      toldAt = Date.now();
      say(loudly());
      loudly = undefined;
    } else if (Date.now() - toldAt > QUIET && at("heard").textContent !== counts) {
      toldAt = Date.now();
      at("heard").textContent = counts; // who sees the page has them in the tiles, as they are now
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

  async function control(action, step, then, lesson = null) {
    try {
      const answer = await ask("/api/control", { method: "POST", body: JSON.stringify(lesson ? { action, step, lesson } : { action, step }) });
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
    const isSame = told.step !== null && at("lesson").value === told.lesson, step = isSame ? Math.max(1, told.step + by) : 1;
    return control("step", step, () => t("step", { step: number(told.step) }), at("lesson").value);
  };
  // Where students are by themselves is not known here: the first step would send them back.
  on("next", () => {
    if (told.step === null || at("lesson").value !== told.lesson) return sure("first", { lesson: lessons[at("lesson").value]?.title ?? "" });
    const found = lessons[told.lesson]?.kinds[told.step - 1] === "estimate" && committed(told);
    return found && found.many < told.here ? sure("some", { many: number(found.many), here: number(told.here) }) : move(1);
  });
  at("lesson").addEventListener("change", () => {
    allowNext();
    script({ ...told, step: told.lesson === at("lesson").value ? told.step : null });
  });
  on("back", () => move(-1));
  const doing = {
    again: () => control("reset", null, () => t("again")),
    others: () => control("next", null, () => t("others", { code: told.code })),
    first: () => move(1),
    some: () => move(1),
  };
  let asked = "again";
  const sure = (what, values = {}) => {
    asked = what;
    for (const [id, key] of [["sure-title", "title"], ["sure-text", "text"], ["yes", "yes"]]) at(id).textContent = t(`${what}.${key}`, values);
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

  // In the order of their numbers, so that the first is the one that is chosen to begin with.
  const byTitle = ([, a], [, b]) => a.title.localeCompare(b.title, language, { numeric: true });
  for (const [name, { title }] of Object.entries(lessons).sort(byTitle)) at("lesson").append(made("option", { value: name, textContent: title }));
  at("lesson-line").hidden = Object.keys(lessons).length < 2;
  async function begin() {
    try {
      const answer = await ask("/api/script");
      if (answer.ok) scripts = await answer.json();
    } catch {
      problem("offline");
    }
    watch();
  }
  if (secret) begin();
  else problem("secret");
})();
