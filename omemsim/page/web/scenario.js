// What a class has chosen, as data: which run, which strategies, and every change with its week.
// A run is made again from it, so that undoing is leaving a change out. A code carries all of it.

export const ALL = 4; // in place of a zone: all four
export const KINDS = ["mix", "spend", "allocation", "shock"];
export const BOTH = 2; // in place of a strategy's number: what happens to both
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // without I, L, O, U, which are misread
const VERSION = 1;

export class Scenario {
  constructor(data) {
    this.data = data;
    this.replicate = 0;
    this.strategies = [0, data.strategies.length - 1]; // numbers in the page's list
    this.changes = []; // {arm, week, kind, place, value}, in the order in which they were made
    this.undone = [];
  }

  // Make a change; one of the same week and lever takes the place of the last.
  add(change) {
    const last = this.changes.at(-1);
    const isSame = last && last.kind !== "shock" && ["arm", "week", "kind", "place"].every((key) => last[key] === change[key]);
    if (isSame) this.changes.pop();
    this.changes.push(change);
    this.undone = [];
  }

  // Leave out the last change of the strategies that are shown.
  undo(shown) {
    const last = this.seen(shown).at(-1);
    if (!last) return;
    this.changes = this.changes.filter((one) => one !== last);
    this.undone.push(last);
  }

  redo() {
    if (this.undone.length) this.changes.push(this.undone.pop());
  }

  of(arm) {
    return this.seen([arm]);
  }

  seen(shown) {
    return this.changes.filter((one) => one.arm === BOTH || shown.includes(one.arm));
  }

  // Changes as the engine takes them, those of one week in the order in which they were made.
  told(arm) {
    return this.of(arm).map((change) => ({ week: change.week, ...this.done(change) }));
  }

  done({ kind, place, value }) {
    if (kind === "shock") {
      const { what, size, weeks } = this.data.shocks[place];
      return { shock: { what, size, weeks } };
    }
    if (kind === "allocation") return { set: [["allocation", 0, value]] };
    if (kind === "spend") return { set: [["spend", place, value / 100]] };
    const many = this.data.tactics.length, zone = Math.floor(place / many), tactic = place % many;
    const zones = zone === ALL ? [0, 1, 2, 3] : [zone];
    return { set: zones.map((z) => ["mix", z * many + tactic, value / 100]) };
  }

  // What levers stand at after all changes up to a week: [lever, place] -> value.
  levers(arm, base) {
    const now = { mix: [...base.mix], spend: [...base.spend], allocation: [base.allocation] };
    for (const change of this.of(arm))
      this.done(change).set?.forEach(([lever, place, value]) => (now[lever][place] = value));
    return now;
  }

  code(week) {
    const bytes = [VERSION, this.mark(), this.replicate, ...this.strategies, ...many(week)];
    for (const { arm, week: when, kind, place, value } of this.changes)
      bytes.push(arm * 8 + KINDS.indexOf(kind), ...many(when), place, value ?? 0);
    bytes.push(bytes.reduce((sum, byte) => (sum * 31 + byte) % 251, 7));
    let bits = "", text = "";
    for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
    for (let k = 0; k < bits.length; k += 5) text += LETTERS[parseInt(bits.slice(k, k + 5).padEnd(5, "0"), 2)];
    return text.match(/.{1,4}/g).join("-");
  }

  // Take what a code says; return the week it was made in, or why it says nothing here.
  take(code, replicates = Infinity) {
    const plain = code.toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1").replace(/[^0-9A-Z]/g, "");
    const numbers = [...plain].map((letter) => LETTERS.indexOf(letter));
    if (numbers.some((one) => one < 0) || plain.length < 10) return { problem: "code.wrong" };
    const bits = numbers.map((one) => one.toString(2).padStart(5, "0")).join("");
    const bytes = bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)), sum = bytes.pop();
    if (bytes.reduce((so, byte) => (so * 31 + byte) % 251, 7) !== sum) return { problem: "code.wrong" };
    if (bytes[0] !== VERSION || bytes[1] !== this.mark()) return { problem: "code.other" };
    let at = 5;
    const next = () => {
      let value = bytes[at] & 127;
      if (bytes[at++] > 127) value = value * 128 + bytes[at++];
      return value;
    };
    const week = next(), changes = [];
    while (at < bytes.length) {
      const first = bytes[at++], when = next();
      changes.push({ arm: first >> 3, week: when, kind: KINDS[first & 7], place: bytes[at++], value: bytes[at++] });
    }
    const replicate = bytes[2], strategies = [bytes[3], bytes[4]];
    const isOurs = replicate < replicates && strategies.every((one) => one < this.data.strategies.length) && changes.every((one) => this.isPossible(one));
    if (!isOurs) return { problem: "code.wrong" };
    Object.assign(this, { replicate, strategies, changes, undone: [] });
    return { week };
  }

  // A code comes from anybody's link, and a checksum that fits says nothing of what it names.
  isPossible({ arm, kind, place, value }) {
    const { tactics, shocks, map: { levers } } = this.data;
    if (arm > BOTH || value === undefined) return false;
    if (kind === "mix") return place < (ALL + 1) * tactics.length && value <= 100;
    if (kind === "spend") return place < levers.spend.funds.length && value <= 100;
    if (kind === "allocation") return place === 0 && value < levers.allocation.choices.length;
    return kind === "shock" && place < shocks.length;
  }

  // A number of this page's town and strategies: a code of another page means something else.
  mark() {
    const text = this.data.town.name + this.data.strategies.map((one) => one.name);
    return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 256, 7);
  }
}

// A whole number under 16,384 as one byte or two.
function many(value) {
  return value < 128 ? [value] : [128 + Math.floor(value / 128), value % 128];
}
