import type { Alarm } from '../alarm.js';
import type { BoardContext } from '../assembly.js';
import type { BlockPilot } from '../block-pilot.js';
import type { ChargingTime } from '../charging-time.js';
import type { ContactorDrive } from '../contactor-drive.js';
import type { EvWakeup } from '../ev-wakeup.js';
import { countsFor, isPwm, STATE_F_COUNTS, STEADY_COUNTS } from '../fractional-duty.js';
import { A, B, C, type Iec61851 } from '../iec61851.js';
import type { Led } from '../led.js';
import type { PilotRelay } from '../pilot-relay.js';
import type { Slots } from '../slots.js';
import { unloadedAbove } from './hysteresis-bands.js';

interface OutputParts {
  readonly pilot: BlockPilot;
  readonly drive: ContactorDrive;
  readonly led: Led;
  readonly chargingTime: ChargingTime;
  readonly iec61851: Iec61851;
  readonly slots: Slots;
  readonly wakeup: EvWakeup;
  readonly relay: PilotRelay;
  readonly alarm: Alarm;
  readonly context: BoardContext;
}

/** The vehicle counts as having stopped after that long in B, longer where state F may be used (controller-model-2 2.7). */
const STOPPED_AFTER_MS = 180_000;
const STOPPED_AFTER_STATE_F_MS = 300_000;

/** Signal and contactor of each state, after the rows of an evaluation (controller-model-2 2.2). */
export function outputLater(parts: OutputParts, time: number): void {
  const { pilot, drive, led, chargingTime, iec61851, slots, wakeup, alarm } = parts;
  switch (iec61851.state) {
    case A:
      pilot.signal(STEADY_COUNTS, time);
      drive.open(unloadedAbove(A), time);
      chargingTime.notConnected();
      wakeup.reset(time);
      break;
    case B: {
      const limit = wakeup.mayUseStateF(time) ? STOPPED_AFTER_STATE_F_MS : STOPPED_AFTER_MS;
      chargingTime.waiting(slots.allowed > 0, time, limit);
      signalInB(parts, time);
      drive.open(unloadedAbove(B), time);
      break;
    }
    case C:
      pilot.signal(countsFor(slots.allowed), time);
      drive.close(time);
      led.breathe(time);
      chargingTime.charging(time);
      wakeup.reset(time);
      wakeup.charged(time);
      break;
    default:
      pilot.signal(STEADY_COUNTS, time);
      drive.open(unloadedAbove(iec61851.state), time);
      chargingTime.faulty();
      wakeup.reset(time);
  }
  alarm.wakeAt(chargingTime.dueAt);
}

function signalInB({ pilot, slots, wakeup, relay, context }: OutputParts, time: number): void {
  const counts = countsFor(slots.allowed);
  if (!isPwm(counts) || relay.isOpenFor('api')) {
    wakeup.reset(time);
    pilot.signal(counts, time);
    return;
  }
  if (pilot.counts === STEADY_COUNTS) wakeup.pwmOn(time);
  wakeup.step(context.around.flash.image.ev_wakeup, time);
  pilot.signal(wakeup.forcesStateF ? STATE_F_COUNTS : counts, time);
}
