// Pictures: the wheel, shares of zones, zones of each neighbourhood, differences. All as SVG.

import { letters, named, number, percent, t } from "./words.js";

export const COLOURS = ["#8f1d1d", "#f0b429", "#3fa07a", "#173f7a"];
export const SIGNS = ["■", "▲", "●", "◆"];
export const INK = "#16202c";
const LINE = "#c9d1dc";
const STACK = [3, 2, 1, 0]; // from below

// A zone's shape around a point; amber and green have a dark edge, for those who see little colour.
export function shape(zone, x, y, r, colour = COLOURS[zone]) {
  const fill = `fill="${colour}" stroke="${INK}" stroke-width="0.8"`;
  if (zone === 0) return `<rect x="${x - r * 0.85}" y="${y - r * 0.85}" width="${r * 1.7}" height="${r * 1.7}" ${fill}/>`;
  if (zone === 1) return `<path d="M${x} ${y - r}L${x + r} ${y + r * 0.8}L${x - r} ${y + r * 0.8}Z" ${fill}/>`;
  if (zone === 2) return `<circle cx="${x}" cy="${y}" r="${r * 0.95}" ${fill}/>`;
  return `<path d="M${x} ${y - r * 1.1}L${x + r * 1.1} ${y}L${x} ${y + r * 1.1}L${x - r * 1.1} ${y}Z" ${fill}/>`;
}

export const counts = (zones) => [0, 1, 2, 3].map((zone) => zones.filter((one) => one === zone).length);

const INNER = 0.48, OUTER = 0.93;

// Where dots stand: a quarter for each zone, clockwise from red at the upper left; within it by rank
// of calls, most first, on rings so that they do not touch (figures/wheel.py draws the same).
export function dots(zones, calls) {
  const places = [];
  for (const zone of [0, 1, 2, 3]) {
    const ranked = zones.map((_, n) => n).filter((n) => zones[n] === zone).sort((a, b) => calls[b] - calls[a]);
    slots(ranked.length).forEach(([angle, radius], k) => {
      const turned = ((180 - 90 * zone - angle) * Math.PI) / 180;
      places[ranked[k]] = [Math.cos(turned) * radius, Math.sin(turned) * radius];
    });
  }
  return places;
}

function slots(count) {
  const middle = ((Math.PI / 2) * (INNER + OUTER)) / 2;
  const rings = Math.max(1, Math.round(Math.sqrt((count * (OUTER - INNER)) / middle)));
  const radii = Array.from({ length: rings }, (_, k) => INNER + ((OUTER - INNER) * (k + 0.5)) / rings);
  const whole = radii.reduce((sum, one) => sum + one, 0), found = [];
  let sum = 0, before = 0;
  for (const radius of radii) {
    sum += radius;
    const last = Math.round((count * sum) / whole), many = last - before;
    for (let k = 0; k < many; k++) found.push([5 + (80 * (k + 0.5)) / many, radius]);
    before = last;
  }
  return found.sort(([a, r], [b, s]) => a - b || r - s);
}

export function wheel(reading) {
  const { zone: zones, public_calls: calls } = reading, many = counts(zones);
  const at = dots(zones, calls), r = Math.min(7, 34 / Math.sqrt(Math.max(...many, 1)));
  const corners = [[-98, -88], [98, -88], [98, 96], [-98, 96]];
  let text = "";
  for (const zone of [0, 1, 2, 3]) {
    const [a, b] = [180 - 90 * zone, 90 - 90 * zone].map((angle) => (angle * Math.PI) / 180);
    text += `<path d="M0 0L${100 * Math.cos(a)} ${-100 * Math.sin(a)}A100 100 0 0 1 ${100 * Math.cos(b)} ${-100 * Math.sin(b)}Z" fill="${COLOURS[zone]}" fill-opacity="0.16"/>`;
  }
  text += `<path d="M-100 0H100M0 -100V100" stroke="#fff" stroke-width="3"/>`;
  zones.forEach((zone, n) => (text += shape(zone, 100 * at[n][0], -100 * at[n][1], r)));
  corners.forEach(([x, y], zone) => {
    const isLeft = x < 0;
    text += shape(zone, x, y, 6) + `<text x="${x + (isLeft ? 11 : -11)}" y="${y + 5}" class="big" text-anchor="${isLeft ? "start" : "end"}">${number(many[zone])}</text>`;
  });
  text += `<circle r="40" fill="#fff"/><text y="2" class="hub" text-anchor="middle">${percent((many[2] + many[3]) / zones.length)}</text>`;
  text += t("wheel.hub").split("|").map((line, k) => `<text y="${14 + 10 * k}" class="small" text-anchor="middle">${letters(line)}</text>`).join("");
  return svg("-110 -106 220 212", text, t("wheel.label", { summary: inZones(many) }));
}

export const inZones = (many) => many.map((n, zone) => t("zone.many", { many: number(n), zone: named("zone", String(zone)) })).join(", ");

const SPANS = [52, 104, 156, 260, 520];
export const spanOf = (week) => SPANS.find((span) => span >= week) ?? week;

const LEFT = 42, RIGHT = 104; // of pictures over time; they are as wide as their place

function overTime(span, wide) {
  const x = (week) => LEFT + ((wide - LEFT - RIGHT) * week) / span;
  const step = (span <= 104 ? 26 : span <= 260 ? 52 : 104) * (wide < 420 ? 2 : 1);
  const ticks = (y) => {
    let text = "";
    for (let week = 0; week <= span; week += step)
      text += `<path d="M${x(week)} ${y}v4" stroke="${INK}"/><text x="${x(week)}" y="${y + 16}" class="tick" text-anchor="middle">${number((week * 12) / 52)}</text>`;
    return text;
  };
  return { x, ticks };
}

// Shares of neighbourhoods by zone, stacked, with a flag where something was changed.
export function shares(series, { span, view, flags, wide, height = 150 }) {
  const { x, ticks } = overTime(span, wide), top = 20, y = (share) => top + (height - top) * (1 - share);
  const many = series.map((one) => counts(one.zone)), all = series[0].zone.length;
  const step = Math.max(1, Math.ceil(series.length / 260));
  const kept = series.map((_, k) => k).filter((k) => k % step === 0 || k === series.length - 1);
  let below = kept.map(() => 0), text = "";
  const labels = [];
  for (const zone of STACK) {
    const above = kept.map((k, i) => below[i] + many[k][zone] / all);
    const up = kept.map((k, i) => `${i ? `H${x(k)}` : `M${x(k)}`} ${i ? `V${y(above[i])}` : y(above[i])}`).join("");
    const down = kept.map((k, i) => [k, i]).reverse().map(([k, i]) => `L${x(k)} ${y(below[i])}${i ? `V${y(below[i - 1])}` : ""}`).join("");
    const isSeen = kept.some((_, i) => above[i] > below[i]);
    if (isSeen) text += `<path d="${up}${down}Z" fill="${COLOURS[zone]}" stroke="#fff" stroke-width="1.2"/>`;
    const last = above.length - 1;
    if (above[last] > below[last]) labels.push([zone, y((above[last] + below[last]) / 2), above[last] - below[last]]);
    below = above;
  }
  const end = x(series.length - 1) + 8;
  for (const [zone, at, share] of apart(labels, 14, height))
    text += shape(zone, end + 5, at, 5) + `<text x="${end + 14}" y="${at + 4}" class="tick">${letters(named("zone", String(zone)))} ${percent(share)}</text>`;
  for (const share of [0, 0.5, 1])
    text += `<text x="${LEFT - 5}" y="${y(share) + 4}" class="tick" text-anchor="end">${percent(share)}</text>`;
  flags.forEach(({ week, sign }) => {
    text += `<path d="M${x(week)} ${height}V4" stroke="${INK}" stroke-width="1.2" stroke-dasharray="3 2"/><rect x="${x(week)}" y="2" width="${9 + 7 * sign.length}" height="13" fill="${INK}"/><text x="${x(week) + 4.5 + 3.5 * sign.length}" y="12" class="flag" text-anchor="middle">${letters(sign)}</text>`;
  });
  text += seen(x(view), 0, height) + ticks(height);
  return svg(`0 0 ${wide} ${height + 20}`, text, t("shares.label", { summary: inZones(counts(series[view].zone)) }));
}

// Move labels apart, from above to below, so that none stands on another.
function apart(labels, gap, height) {
  const sorted = labels.sort((a, b) => a[1] - b[1]);
  for (let k = 1; k < sorted.length; k++) sorted[k][1] = Math.max(sorted[k][1], sorted[k - 1][1] + gap);
  for (let k = sorted.length - 1, most = height - 4; k >= 0; k--, most -= gap) sorted[k][1] = Math.min(sorted[k][1], most);
  return sorted;
}

const seen = (x, top, bottom) => `<path d="M${x} ${top}V${bottom}" stroke="${INK}" stroke-width="2"/>`;

// A row for each neighbourhood, worst at the start on top; a shape where its zone begins and ends.
export function history(series, { span, view, names, wide }) {
  const zones = series.map((one) => one.zone), many = zones[0].length;
  const row = Math.max(2, Math.min(16, 170 / many)), gap = row < 5 ? 0.3 : 1, { x, ticks } = overTime(span, wide);
  const mean = (n) => zones.reduce((sum, one) => sum + one[n], 0) / zones.length;
  const order = zones[0].map((_, n) => n).sort((a, b) => zones[0][a] - zones[0][b] || mean(a) - mean(b));
  let text = "";
  order.forEach((n, k) => {
    const top = k * row;
    for (let from = 0, week = 1; week <= zones.length; week++) {
      if (week < zones.length && zones[week][n] === zones[from][n]) continue;
      const end = Math.min(week, zones.length - 1);
      text += `<rect x="${x(from)}" y="${top}" width="${Math.max(x(end) - x(from), 0.5)}" height="${row - gap}" fill="${COLOURS[zones[from][n]]}"/>`;
      if (row >= 5 && x(end) - x(from) > 14) text += shape(zones[from][n], x(from) + 7, top + row / 2 - 0.5, Math.min(4, row / 2 - 1), "#fff");
      from = week;
    }
    if (row >= 10) text += `<text x="${LEFT - 5}" y="${top + row - 3}" class="tick" text-anchor="end">${letters(names[n].replace(/^\D+(?=\d)/, ""))}</text>`;
    if (row >= 5) text += shape(zones[zones.length - 1][n], x(zones.length - 1) + 10, top + row / 2 - 0.5, Math.min(5, row / 2 - 1));
  });
  const height = many * row;
  text += seen(x(view), 0, height) + ticks(height);
  return svg(`0 0 ${wide} ${height + 20}`, text, t("history.label", { summary: inZones(counts(zones[view])) }));
}

// A dot for each replicate: how much the second strategy differs from the first.
export function differences(values, { unit, better, wide }) {
  const most = Math.max(...values.map(Math.abs), 1e-9), middle = wide / 2;
  const x = (value) => middle + ((middle - 40) * value) / most;
  const level = [];
  let text = "";
  for (const value of [...values].sort((a, b) => a - b)) {
    const bin = Math.round(x(value) / 13), up = (level[bin] = (level[bin] ?? -1) + 1);
    const isBetter = better === "" ? null : better === "higher" ? value > 0 : value < 0;
    const colour = value === 0 || isBetter === null ? "#5b6472" : isBetter ? "#2f7fc1" : "#c65a11";
    text += isBetter === false && value !== 0
      ? `<rect x="${x(value) - 5}" y="${75 - 12 * up}" width="10" height="10" fill="${colour}" stroke="${INK}"/>`
      : `<circle cx="${x(value)}" cy="${80 - 12 * up}" r="5.2" fill="${colour}" stroke="${INK}"/>`;
  }
  // Where many are the same, the picture is as high as their pile.
  const more = Math.max(0, 12 * Math.max(...level.filter((up) => up)) - 62);
  const axes = `<path d="M20 86H${wide - 20}" stroke="${LINE}"/><path d="M${middle} ${10 - more}V92" stroke="${INK}" stroke-width="1.5"/>`;
  const ends = (values.some((value) => value) ? [-most, 0, most] : [0]).map((value) => `<text x="${x(value)}" y="106" class="tick" text-anchor="middle">${value > 0 ? "+" : ""}${number(value, value && most < 10 ? (most < 1 ? 2 : 1) : 0)}</text>`);
  return svg(`0 ${-more} ${wide} ${112 + more}`, axes + text + ends.join(""), t("dots.label", { n: values.length, unit }));
}

const svg = (box, text, label) => `<svg viewBox="${box}" role="img" aria-label="${letters(label)}">${text}</svg>`;
