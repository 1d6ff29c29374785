// Beside the class page when a server sends it: what students answer goes to the class, and what
// the instructor says to all comes back. The page itself knows of neither: two events tell it.
"use strict";
(() => {
  const PLACE = "omemsim:class", SOON = 500, LATE = 8000, READY = 20000; // milliseconds: before trying again, and for the page to begin
  const known = JSON.parse(localStorage.getItem(PLACE) ?? "null");
  if (!known) return location.replace("/");
  const words = JSON.parse(document.getElementById("class-words").textContent);
  const t = (key, values = {}) =>
    (words[document.documentElement.lang] ?? words.en)[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const sleep = (time) => new Promise((then) => setTimeout(then, time));
  const made = (tag, given = {}) => Object.assign(document.createElement(tag), given);
  const tell = (action, more = {}) =>
    document.dispatchEvent(new CustomEvent("omemsim:control", { detail: { action, step: null, ...more } }));

  // A class's page opens on its exercises; what is committed is kept over a reload, in this tab alone.
  const KEPT = "omemsim:kept";
  const inClass = (is) => document.dispatchEvent(new CustomEvent("omemsim:class", { detail: { is } }));
  const before = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  document.addEventListener("omemsim:kept", ({ detail }) =>
    sessionStorage.setItem(KEPT, JSON.stringify({ code: known.code, round: told.round, step: told.step, lesson: told.lesson, kept: detail })));
  inClass(true);

  // ---- what is seen of the class: a line above the page, and a dialog while all wait

  const line = made("section", { id: "class-line" });
  const room = made("strong"), news = made("span", { role: "status" }), leave = made("button", { type: "button" });
  line.append(room, news, leave);
  document.querySelector("header").before(line);
  const wait = made("dialog", { id: "class-wait" });
  const title = made("h2", { id: "class-wait-title" }), text = made("p");
  wait.setAttribute("aria-labelledby", title.id);
  wait.append(title, text);
  document.body.append(wait);
  wait.addEventListener("cancel", (event) => event.preventDefault());
  wait.addEventListener("close", () => isPaused && wait.showModal());
  // Who leaves is counted no longer; the page need not wait for the server to hear of it.
  const sure = made("dialog", { id: "class-sure" }), asks = made("p", { id: "class-sure-text" });
  const yes = made("button", { type: "button", className: "strong" }), no = made("button", { type: "button" });
  const choice = made("p", { className: "go" });
  choice.append(yes, no);
  sure.append(asks, choice);
  sure.setAttribute("aria-labelledby", asks.id);
  document.body.append(sure);
  leave.addEventListener("click", () => (sure.showModal(), no.focus()));
  no.addEventListener("click", () => sure.close());
  yes.addEventListener("click", () => {
    ask("/api/leave", { method: "POST", keepalive: true }).catch(() => {});
    left("left");
  });
  let isPaused = false, last = ["here"];

  const say = (...said) => {
    last = said;
    news.textContent = t(...said);
  };
  const texts = () => {
    room.textContent = t("room", { code: known.code });
    leave.textContent = t("leave");
    asks.textContent = t("leave.sure");
    yes.textContent = t("leave");
    no.textContent = t("stay");
    title.textContent = t("paused");
    text.textContent = t("wait");
    line.setAttribute("aria-label", room.textContent);
    say(...last);
  };
  new MutationObserver(texts).observe(document.documentElement, { attributeFilter: ["lang"] });
  texts();

  // The lobby says why, in the language that was read here.
  function left(why = "ended") {
    localStorage.removeItem(PLACE);
    sessionStorage.removeItem(KEPT);
    sessionStorage.setItem("omemsim:why", why);
    location.replace(`/${document.documentElement.lang}`);
  }

  const ask = (path, given = {}) =>
    fetch(path, { ...given, headers: { authorization: `Bearer ${known.token}`, "content-type": "application/json" } });

  // ---- answers, and the step that is open: the last of each waits here until the server has it

  const waiting = new Map();
  let isSending = false;
  const post = (key, path, said) => {
    waiting.set(key, { path, body: JSON.stringify(said) });
    send();
  };
  document.addEventListener("omemsim:answer", ({ detail: { lesson, question, kind, value } }) =>
    post(`${lesson}/${question}`, "/api/answer", { lesson, question, kind, value }));
  document.addEventListener("omemsim:step", ({ detail: { lesson, step } }) =>
    post("step", "/api/place", { lesson, step: step === null ? null : step + 1 })); // the page counts from 0

  async function send() {
    if (isSending) return;
    isSending = true;
    for (let pause = SOON; waiting.size; ) {
      const [[key, one]] = waiting;
      try {
        const answer = await ask(one.path, { method: "POST", body: one.body });
        if (answer.status === 401) return left();
        if (answer.status === 429 || answer.status === 408 || answer.status >= 500) throw new Error("later");
        if (waiting.get(key) === one) waiting.delete(key);
        if (key !== "step") say(answer.ok ? "sent" : answer.status === 409 ? "stays" : "refused");
        pause = SOON;
      } catch {
        say("offline");
        await sleep(pause);
        pause = Math.min(2 * pause, LATE);
      }
    }
    isSending = false;
  }

  // ---- what the instructor says to all

  let told = { paused: false, step: null, lesson: null, round: null };
  // Where the page begins: where it was, if that was of this round, else at the beginning.
  function begin(said) {
    const isSame = before?.code === known.code && before.round === said.round;
    if (isSame) Object.assign(told, { step: before.step, lesson: before.lesson });
    tell(isSame ? "restore" : "open", isSame ? { kept: before.kept } : {});
  }

  function heed(said) {
    if (told.round === null) begin(said);
    else if (said.round !== told.round) {
      waiting.clear();
      tell("reset");
      say("again");
    }
    const isMoved = said.step !== told.step || said.lesson !== told.lesson;
    told = { ...said, paused: told.paused }; // before the page says what is to be kept
    if (isMoved && said.step !== null) {
      tell("step", { step: said.step - 1, lesson: said.lesson }); // the page counts from 0
      say("step", { step: said.step });
    }
    if (said.paused !== told.paused) {
      isPaused = said.paused;
      tell(said.paused ? "pause" : "go");
      if (isPaused) wait.showModal();
      else wait.close();
    }
    told = said;
  }

  async function listen() {
    let version = 0, pause = SOON, isCut = false;
    for (;;) {
      try {
        const answer = await ask(`/api/state?after=${version}`);
        if (answer.status === 401) return left();
        if (!answer.ok) throw new Error("later");
        const said = await answer.json();
        if (isCut) say("here");
        heed(said);
        if (said.over) return end();
        version = said.version;
        pause = SOON;
        isCut = false;
      } catch {
        isCut = true;
        say("offline");
        await sleep(pause + Math.random() * SOON);
        pause = Math.min(2 * pause, LATE);
      }
    }
  }

  // The server is gone for good: the page works on without it.
  function end() {
    if (isPaused) heed({ ...told, paused: false });
    localStorage.removeItem(PLACE);
    sessionStorage.removeItem(KEPT);
    inClass(false);
    say("over");
  }

  // What is told before the page can heed it would be lost.
  const ready = () => document.body.dataset.engine || new Promise((then) =>
    new MutationObserver((_, watch) => (watch.disconnect(), then())).observe(document.body, { attributeFilter: ["data-engine"] }));
  Promise.race([ready(), sleep(READY)]).then(() => {
    if (document.documentElement.lang !== known.language) document.getElementById("language").click();
    listen();
  });
})();
