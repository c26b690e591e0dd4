// Counts the checks of a trial on real programs. The CI reads the line that `report` writes.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { mosquitto } from './rig.js';

/** What every trial needs, and what to do where it is missing. */
const NEEDED = [
  [mosquitto, 'Mosquitto is not installed: apt-get install -y mosquitto'],
  [existsSync(resolve(import.meta.dirname, '../dist/main.js')), 'dist/main.js is missing: npm run bundle'],
];

/** Ends the process where something is missing that the trial needs; `more` are further pairs of that and a text. */
export function demand(more = []) {
  const missing = [...NEEDED, ...more].filter(([there]) => !there);
  if (missing.length === 0) return;
  for (const [, text] of missing) console.error(text);
  process.exit(1);
}

/** How many checks have passed and failed, each with a line of its own. */
export class Tally {
  #passed = 0;
  #failed = 0;

  get failed() {
    return this.#failed;
  }

  /** Runs one check; a failed one does not end the others. */
  check = async (name, run) => {
    try {
      await run();
      this.#passed++;
      console.log(`ok   ${name}`);
    } catch (error) {
      this.fails(name, error);
    }
  };

  fails(name, error) {
    this.#failed++;
    console.log(`FAIL ${name}\n${error.stack}`);
  }

  /** The sum, and the exit code. */
  report(trial) {
    console.log(`${trial}: ${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed > 0 ? 1 : 0;
  }
}
