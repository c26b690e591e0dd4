import { EF, type Iec61851 } from '../iec61851.js';
import type { Led } from '../led.js';
import type { Monitor } from '../monitor.js';

// Blink counts of the LED, which are also the codes of error_state (controller-model 4).
const SWITCH_ERROR = 2;
const CONTACTOR_ERROR = 4;

/** This jumper setting and the next make charging impossible (controller-model 1.2). */
const SOFTWARE_JUMPER = 7;

interface FaultParts {
  readonly led: Led;
  readonly iec61851: Iec61851;
}

/** An error of `blinks`, and state E/F. */
export function fail({ led, iec61851 }: FaultParts, blinks: number, time: number): 'outputs' {
  led.blink(blinks, time);
  iec61851.want(EF, time);
  return 'outputs';
}

export function contactorFault(
  parts: FaultParts & { readonly monitor: Monitor },
  time: number,
): 'next' | 'outputs' {
  return parts.monitor.error === 0 ? 'next' : fail(parts, CONTACTOR_ERROR, time);
}

export function jumperFault(
  parts: FaultParts & { readonly jumper: number },
  time: number,
): 'next' | 'outputs' {
  return parts.jumper < SOFTWARE_JUMPER ? 'next' : fail(parts, SWITCH_ERROR, time);
}
