import type { SimBroker } from './_broker.js';
import type { SimCharger } from './_charger.js';
import type { Network } from './_net.js';
import type { SeededRandom } from './_seeded-random.js';
import type { SimClock } from './_sim-clock.js';
import type { Users } from './_users.js';

/** What faults work on. */
export interface Stage {
  readonly clock: SimClock;
  readonly charger: SimCharger;
  readonly chargerNet: Network;
  readonly broker: SimBroker;
  readonly brokerNet: Network;
  readonly users: Users;
  /** With which the program publishes. */
  readonly qos: 0 | 1;
  readonly violated: (what: string) => void;
  /** How many faults have begun or ended; that the program is asked to end counts too. */
  readonly edges: () => number;
  /** Whether everybody hears everybody now, and the broker says that all is well. */
  readonly isCalm: () => boolean;
  readonly random: SeededRandom;
  /** The process of the program ends without a word, and is started again after `ms`. */
  readonly killProgram: (ms: number) => void;
  /** It stands still for `ms`. */
  readonly pauseProgram: (ms: number) => void;
}

/** Something that goes wrong. Returns how many ms it lasts. */
export type Fault = (stage: Stage) => number;

/** For a while something holds, then `back` is called. */
export function during(stage: Stage, ms: number, back: () => void): number {
  stage.clock.after(ms, back);
  return ms;
}
