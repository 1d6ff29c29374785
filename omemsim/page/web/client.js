// The engines behind the same calls, load and step: the model in a worker, or runs that Python made.

export class Model {
  constructor(text, blocks) {
    this.blocks = blocks; // gives the text of a start
    this.worker = new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
    this.asked = new Map();
    this.worker.onmessage = ({ data: { id, answer, error } }) => {
      const { keep, refuse } = this.asked.get(id);
      this.asked.delete(id);
      if (error) refuse(new Error(error));
      else keep(answer);
    };
    this.worker.onerror = (event) => {
      for (const { refuse } of this.asked.values()) refuse(new Error(event.message));
      this.asked.clear();
    };
  }

  ask(question, given) {
    const id = (this.last = (this.last ?? 0) + 1);
    return new Promise((keep, refuse) => {
      this.asked.set(id, { keep, refuse });
      this.worker.postMessage({ id, ask: question, ...given });
    });
  }

  prepare(given) {
    return this.ask("prepare", given);
  }

  load(arm, strategy, replicate) {
    const start = this.blocks(`start-${replicate}`);
    return this.ask("load", { arm, strategy, replicate, start });
  }

  step(arm, weeks, changes) {
    return this.ask("step", { arm, weeks, changes });
  }

  read(arm, columns) {
    return this.ask("read", { arm, columns });
  }
}

export class Recorded {
  constructor(runs) {
    this.runs = runs;
    this.arms = new Map();
  }

  async load(arm, strategy, replicate) {
    const run = this.runs.find((one) => one.strategy === strategy && one.replicate === replicate);
    this.arms.set(arm, { run, week: 0 });
    return this.at(run, 0);
  }

  // What was recorded last stands until the next record; after the last one nothing comes.
  async step(arm, weeks) {
    const one = this.arms.get(arm), found = [];
    const most = (one.run.values.zone.length - 1) * one.run.every;
    for (let k = 0; k < weeks && one.week < most; k++) found.push(this.at(one.run, ++one.week));
    return found;
  }

  at(run, week) {
    const row = Math.floor(week / run.every);
    return Object.fromEntries(Object.entries(run.values).map(([name, rows]) => [name, rows[row]]));
  }
}

// One of the strategies compared: what was chosen, and what came of it week by week.
export class Arm {
  constructor(name, engine) {
    Object.assign(this, { name, engine, series: [] });
  }

  get week() {
    return this.series.length - 1;
  }

  async begin(strategy, replicate) {
    this.series = [await this.engine.load(this.name, strategy, replicate)];
  }

  async go(weeks, changes) {
    if (weeks > 0) this.series.push(...(await this.engine.step(this.name, weeks, changes)));
  }
}
