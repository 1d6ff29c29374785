// The lobby: a room code in, a token out, and on to the page.
"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const words = JSON.parse(at("words").textContent);
  const code = at("code");

  // The address of a QR code has the code behind its '#'; a link within the page, an element's id.
  const filled = () => {
    if (/^#[a-z]+$/i.test(location.hash) && !at(location.hash.slice(1))) code.value = location.hash.slice(1).toUpperCase();
  };

  const say = (key) => (at("said").textContent = words[key] ?? words.offline);

  // Who has joined before is the same student again.
  const PLACE = "omemsim:class";
  const before = () => {
    const known = JSON.parse(localStorage.getItem(PLACE) ?? "null");
    return known ? { authorization: `Bearer ${known.token}` } : {};
  };

  // Whoever was sent here from a class is told why, once.
  const why = sessionStorage.getItem("omemsim:why");
  sessionStorage.removeItem("omemsim:why");
  if (why in words) say(why);

  async function join() {
    let answer, said;
    try {
      answer = await fetch("/api/join", {
        method: "POST",
        headers: { "content-type": "application/json", ...before() },
        body: JSON.stringify({ code: code.value.trim() }),
      });
      said = await answer.json();
    } catch {
      return say("offline");
    }
    if (!answer.ok) {
      say(answer.status === 422 ? "code" : said.error);
      code.setAttribute("aria-invalid", "true");
      return code.focus();
    }
    localStorage.setItem(PLACE, JSON.stringify({ ...said, language: document.documentElement.lang }));
    location.assign("/page");
  }

  at("join").addEventListener("submit", (event) => {
    event.preventDefault();
    at("said").textContent = "";
    code.removeAttribute("aria-invalid");
    join();
  });
  // In the other language the code is still there.
  const other = document.querySelector("nav a");
  other.addEventListener("click", () => (other.hash = code.value.trim()));
  addEventListener("hashchange", filled);
  filled();
})();
