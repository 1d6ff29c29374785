// The wall: for the projector. It knows what the desk, another window of this browser, sends it;
// no secret, no control, and no answer that the instructor has not chosen to show.
"use strict";
(() => {
  const { body, made, number, t } = omemsimAnswers;
  const at = (id) => document.getElementById(id);
  const channel = new BroadcastChannel(`omemsim:wall:${location.hash.slice(1)}`);
  let last;
  function folder({ question, found, out }) {
    const head = made("h2", {}, made("span", { textContent: question.text }), made("span", { className: "many", textContent: t("many", { number: number(found.number) }) }));
    return made("section", { className: question.kind }, head, ...body(question, found, new Set(out), null));
  }
  channel.addEventListener("message", ({ data }) => {
    const text = JSON.stringify(data);
    if (data === "hello" || text === last) return;
    last = text;
    at("waits").hidden = true;
    at("room").hidden = at("now").hidden = false;
    for (const [id, name] of [["code", "code"], ["address", "address"], ["local", "local"], ["paused", "paused"], ["step-title", "title"], ["committed", "count"]]) at(id).textContent = data[name];
    if (at("qr").getAttribute("src") !== data.qr) at("qr").src = data.qr;
    at("qr").hidden = !data.qr;
    at("qr").alt = data.alt;
    at("wall").replaceChildren(...data.shown.map(folder));
  });
  channel.postMessage("hello");
})();
