import type { BlockPilot } from '../block-pilot.js';
import { A, B, C, D, EF, type Iec61851 } from '../iec61851.js';
import type { Led } from '../led.js';
import type { Slots } from '../slots.js';

/** Blink count and error_state of a vehicle that can't be served (controller-model 4). */
export const COMMUNICATION_ERROR = 5;

/** A charging vehicle stops asking above the first, and wants ventilation up to the second (controller-model-2 2.1). */
export const C_LEAVES_ABOVE_OHM = 1969;
export const C_STAYS_ABOVE_OHM = 270;

interface Thresholds {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** By the present state, ohms: above `a` it is A, above `b` B, above `c` C, above `d` D (controller-model-2 2.1). */
const THRESHOLDS: Readonly<Record<number, Thresholds>> = {
  [A]: { a: 9000, b: 1790, c: 300, d: 150 },
  [B]: { a: 11_000, b: 1611, c: 300, d: 150 },
  [C]: { a: 10_000, b: C_LEAVES_ABOVE_OHM, c: C_STAYS_ABOVE_OHM, d: 150 },
  [D]: { a: 10_000, b: 1790, c: 330, d: 135 },
  [EF]: { a: 10_000, b: 1790, c: 300, d: 165 },
};

/** Ohms above which a vehicle draws no current any more, in this state (controller-model-2 2.6). */
export function unloadedAbove(state: number): number {
  return thresholds(state).b;
}

interface BandParts {
  readonly pilot: BlockPilot;
  readonly slots: Slots;
  readonly led: Led;
  readonly iec61851: Iec61851;
}

/** From the last reading to the wanted state (controller-model-2 2.1 and 2.2). */
export function hysteresisBands({ pilot, slots, led, iec61851 }: BandParts, time: number): 'outputs' {
  const { resistance } = pilot;
  const { a, b, c, d } = thresholds(iec61851.state);
  if (resistance > a) iec61851.want(A, time);
  else if (resistance > b) iec61851.want(B, time);
  else if (resistance > c) iec61851.want(slots.allowed > 0 ? C : B, time);
  else {
    led.blink(COMMUNICATION_ERROR, time);
    iec61851.want(resistance > d ? D : EF, time);
  }
  return 'outputs';
}

function thresholds(state: number): Thresholds {
  const found = THRESHOLDS[state];
  if (!found) throw new RangeError(`no state ${state}`);
  return found;
}
