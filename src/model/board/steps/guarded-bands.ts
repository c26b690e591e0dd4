import type { Alarm } from '../alarm.js';
import { NO_PWM_PERMILLE } from '../circuit.js';
import type { Contactor } from '../contactor.js';
import { A, B, C, D, EF, type Iec61851 } from '../iec61851.js';
import type { Led } from '../led.js';
import type { MeanPilot } from '../mean-pilot.js';
import type { Slots } from '../slots.js';

// Upper ends of the bands of controller-model 2.1.
export const A_ABOVE_OHM = 10_000;
const GUARD_ABOVE_OHM = 30_000;
export const B_ABOVE_OHM = 1790;
const C_ABOVE_OHM = 300;
const D_ABOVE_OHM = 150;

/** controller-model 2.2, row 4. */
const GUARD_MS = 2500;
/** Blink count and error_state of a vehicle that can't be served (controller-model 4). */
const COMMUNICATION_ERROR = 5;

/** The wait before a vehicle counts as unplugged: some open the control pilot for a moment. */
export class PilotGuard {
  endsAt: number | undefined;
  /** Q3: the timer keeps running when the resistance recovers. */
  readonly sticky: boolean;

  constructor(sticky: boolean) {
    this.sticky = sticky;
  }
}

interface BandParts {
  readonly pilot: MeanPilot;
  readonly contactor: Contactor;
  readonly slots: Slots;
  readonly led: Led;
  readonly iec61851: Iec61851;
  readonly alarm: Alarm;
  readonly guard: PilotGuard;
  /** Q4: the mean of the last readings counts even while it only passes through a band. */
  readonly passingBands: boolean;
}

/** From the mean resistance to the wanted state (controller-model 2.2). */
export function guardedBands(parts: BandParts, time: number): 'outputs' {
  const { pilot, contactor, slots, iec61851, alarm, guard } = parts;
  const resistance = pilot.resistance;
  // Guard mode ("ID.3").
  const guarded = !contactor.closed && pilot.duty !== NO_PWM_PERMILLE;
  if (!guarded) guard.endsAt = undefined;
  if (guarded && resistance > GUARD_ABOVE_OHM) {
    guard.endsAt ??= time + GUARD_MS;
    if (time >= guard.endsAt) iec61851.want(A, time);
    else alarm.wakeAt(guard.endsAt);
    return 'outputs';
  }
  if (!guard.sticky) guard.endsAt = undefined;
  if (resistance > A_ABOVE_OHM && !guarded && !contactor.closed) iec61851.want(A, time);
  else if (resistance > B_ABOVE_OHM) iec61851.want(B, time);
  // The mean only passes through this band: the newest reading is in another one.
  else if (!parts.passingBands && band(pilot.newest) !== band(resistance)) return 'outputs';
  else if (resistance > C_ABOVE_OHM) iec61851.want(slots.allowed > 0 ? C : B, time);
  else refuse(parts, resistance > D_ABOVE_OHM ? D : EF, time);
  return 'outputs';
}

/** A vehicle that can't be served: ventilation, or a fault on its side. */
function refuse({ led, iec61851 }: BandParts, state: number, time: number): void {
  led.blink(COMMUNICATION_ERROR, time);
  iec61851.want(state, time);
}

function band(resistance: number): number {
  if (resistance > B_ABOVE_OHM) return B;
  if (resistance > C_ABOVE_OHM) return C;
  return resistance > D_ABOVE_OHM ? D : EF;
}
