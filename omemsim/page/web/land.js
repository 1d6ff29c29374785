// The map of a town from a table: the outline of each neighbourhood, coloured, with a sign on it.

import { COLOURS, INK, shape } from "./draw.js";
import { letters } from "./words.js";

const FILLS = { better: "#d9e9f7", worse: "#fbe3d3", alike: "#fff" };
const EDGE = `stroke="${INK}" stroke-width="0.8" vector-effect="non-scaling-stroke" fill-rule="evenodd"`;

const picture = ({ box: [wide, high] }, given, text) => `<svg viewBox="-6 -6 ${wide + 12} ${high + 12}" ${given}>${text}</svg>`;
const spot = ({ centres, sizes }, n) => ({ x: centres[n][0], y: centres[n][1], r: Math.min(0.26 * sizes[n], 16) });

// A map whose neighbourhoods are buttons: Tab leads to it, arrows from one to the next.
export class Land {
  constructor(place, outlines, open) {
    Object.assign(this, { place, outlines });
    const paths = outlines.paths.map((d, n) => `<path d="${d}" data-n="${n}" role="button" tabindex="${n ? -1 : 0}" ${EDGE}><title></title></path>`);
    place.classList.add("land");
    place.innerHTML = picture(outlines, `role="group"`, paths.join("") + `<g class="signs" aria-hidden="true"></g>`);
    this.paths = [...place.querySelectorAll("path")];
    place.addEventListener("keydown", (event) => this.pressed(event, open));
  }

  pressed(event, open) {
    const here = this.paths.indexOf(event.target), last = this.paths.length - 1;
    const next = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: last }[event.key];
    if (here < 0 || (next === undefined && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    if (next === undefined) return open(here);
    const to = this.paths[Math.min(Math.max(next, 0), last)];
    this.paths[here].tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  }

  draw(zones, label, labelOf) {
    this.place.firstChild.setAttribute("aria-label", label);
    let signs = "";
    this.paths.forEach((path, n) => {
      const { x, y, r } = spot(this.outlines, n);
      path.setAttribute("fill", COLOURS[zones[n]]);
      path.setAttribute("aria-label", labelOf(n));
      path.firstChild.textContent = labelOf(n);
      signs += shape(zones[n], x, y, r, "#fff");
    });
    this.place.querySelector(".signs").innerHTML = signs;
  }
}

// Where one strategy differs from another: each neighbourhood's word of `FILLS`, text and label.
export function steps(outlines, label, each) {
  const paths = each.map(({ word, text, label }, n) => {
    const { x, y } = spot(outlines, n);
    const sign = word === "alike" ? "" : `<text x="${x}" y="${y + 10}" class="land-step" text-anchor="middle">${letters(text)}</text>`;
    return [`<path d="${outlines.paths[n]}" fill="${FILLS[word]}" ${EDGE}><title>${letters(label)}</title></path>`, sign];
  });
  return picture(outlines, `role="img" aria-label="${letters(label)}"`, paths.map(([path]) => path).join("") + paths.map(([, sign]) => sign).join(""));
}
