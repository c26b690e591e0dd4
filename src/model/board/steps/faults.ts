import { EF, type Iec61851 } from '../iec61851.js';
import type { Led } from '../led.js';
import type { Monitor } from '../monitor.js';

// Blink counts of the LED, which are also the codes of error_state (controller-model 4).
const SWITCH_ERROR = 2;
const CONTACTOR_ERROR = 4;

/** From this jumper setting on (7 and 8), charging is impossible (controller-model 1.2). */
const SOFTWARE_JUMPER = 7;

interface FaultParts {
  readonly led: Led;
  readonly iec61851: Iec61851;
}

/** Shows the error with this blink count, and asks for state E/F. */
export function fail({ led, iec61851 }: FaultParts, blinks: number, time: number): 'outputs' {
  led.blink(blinks, time);
  iec61851.want(EF, time);
  return 'outputs';
}

/** The row of a contactor error. */
export function contactorFault(
  parts: FaultParts & { readonly monitor: Monitor },
  time: number,
): 'next' | 'outputs' {
  return parts.monitor.error === 0 ? 'next' : fail(parts, CONTACTOR_ERROR, time);
}

/** The row of a jumper setting that makes charging impossible. */
export function jumperFault(
  parts: FaultParts & { readonly jumper: number },
  time: number,
): 'next' | 'outputs' {
  return parts.jumper < SOFTWARE_JUMPER ? 'next' : fail(parts, SWITCH_ERROR, time);
}
