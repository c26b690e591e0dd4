import type { BlockPilot } from '../block-pilot.js';
import type { DcFaultMonitor } from '../dc-fault-monitor.js';
import type { DiodeCheck } from '../diode-check.js';
import type { EvWakeup } from '../ev-wakeup.js';
import { B, C, type Iec61851 } from '../iec61851.js';
import type { Led } from '../led.js';
import type { Monitor } from '../monitor.js';
import type { Phases } from '../phases.js';
import type { PilotRelay } from '../pilot-relay.js';
import type { Slots } from '../slots.js';
import { fail } from './faults.js';
import { COMMUNICATION_ERROR } from './hysteresis-bands.js';

// Blink counts of the LED, which are also the codes of error_state (controller-model-2 5.1).
const DC_ERROR = 3;
const EARTH_ERROR = 4;

interface LineParts {
  readonly pilot: BlockPilot;
  readonly relay: PilotRelay;
  readonly diode: DiodeCheck;
  readonly dc: DcFaultMonitor;
  readonly wakeup: EvWakeup;
  readonly phases: Phases;
  readonly monitor: Monitor;
  readonly iec61851: Iec61851;
  readonly slots: Slots;
  readonly led: Led;
}

// The rows of controller-model-2 2.2, in their order.

/** Row 0b: while the sensor for residual currents is tested nothing is evaluated. */
export function dcTest({ dc }: LineParts): 'next' | 'frozen' {
  return dc.testing ? 'frozen' : 'next';
}

/** Row 1. */
export function earthFault(parts: LineParts, time: number): 'next' | 'outputs' {
  return parts.monitor.earthBroken ? fail(parts, EARTH_ERROR, time) : 'next';
}

/** Row 2. */
export function residualCurrent(parts: LineParts, time: number): 'next' | 'outputs' {
  return parts.dc.state === 0 ? 'next' : fail(parts, DC_ERROR, time);
}

/** Row 5: a vehicle without a diode stays in B with an error, while the PWM goes on. */
export function diodeFault(parts: LineParts, time: number): 'next' | 'outputs' {
  const { pilot, relay, diode, wakeup, phases, iec61851, slots, led } = parts;
  const plugged = iec61851.state === B || iec61851.state === C;
  const visible = plugged && slots.allowed > 0 && !relay.open && phases.state === 0 && !wakeup.forcesStateF;
  if (!visible || pilot.isBlanked(time)) return 'next';
  if (!diode.look(iec61851.state === C, time)) return 'next';
  iec61851.force(B, time);
  led.blink(COMMUNICATION_ERROR, time);
  return 'outputs';
}

/** Row 6. */
export function ignoredReadings({ pilot, relay }: LineParts, time: number): 'next' | 'frozen' {
  return pilot.isBlanked(time) && !relay.open ? 'frozen' : 'next';
}

/** Row 7: a diode fault that is gone is counted down. */
export function fadingDiodeFault({ diode, led }: LineParts, time: number): 'next' | 'frozen' {
  if (!diode.failed) return 'next';
  if (diode.isFading(time)) return 'frozen';
  led.on(time);
  return 'next';
}

/** Row 8. */
export function phaseSequence({ phases }: LineParts, time: number): 'next' | 'frozen' {
  return phases.step(time) ? 'frozen' : 'next';
}

/** Row 9: while the vehicle can't be seen, or the readings are too old, the state stays. */
export function cutPilot({ pilot, relay, wakeup }: LineParts, time: number): 'next' | 'outputs' {
  const unseen = relay.open || relay.isReconnecting(time) || wakeup.forcesStateF;
  return unseen || !pilot.isFresh(time) ? 'outputs' : 'next';
}
