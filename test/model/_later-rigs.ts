import type { Step } from './_script.js';
import { TimedController } from './_timed-controller.js';
export type Type = 'warp2' | 'warp3';
export type Options = ConstructorParameters<typeof TimedController>[0];
export type Prepare = ConstructorParameters<typeof TimedController>[2];

export const A = { iec: 0, chg: 0, err: 0 };
export const BLOCKED = { iec: 1, chg: 1, err: 0 };
export const B = { iec: 1, chg: 2, err: 0 };
export const C = { iec: 2, chg: 3, err: 0 };
export const DC_RESET = 3_695_376_931;

/** Lines of the board: relay in the control pilot, test of the sensor, preset of the second contactor. */
export const RELAY = { warp2: 11, warp3: 16 } as const;
export const TEST = { warp2: 4, warp3: 3 } as const;
export const ONE_PHASE = 10;

export function fresh(type: Type, options: Options = {}, prepare?: Prepare): TimedController {
  return new TimedController({ type, ...options }, 0, prepare);
}

/** No vehicle, 20 s after power-on; `phase` ms later to move the readings. */
export function ready(type: Type, phase = 0, options: Options = {}, prepare?: Prepare): TimedController {
  const rig = fresh(type, options, prepare);
  rig.advance(20 + phase / 1000);
  rig.restartWatch();
  return rig;
}

export function charging(type: Type, phase = 0, options: Options = {}): TimedController {
  const rig = ready(type, 0, options);
  rig.car(880);
  rig.advance(10 + phase / 1000);
  rig.restartWatch();
  return rig;
}

export function waiting(type: Type, phase = 0, seconds = 5): TimedController {
  const rig = ready(type);
  rig.car(2700);
  rig.advance(seconds + phase / 1000);
  rig.restartWatch();
  return rig;
}

/** A line of the board becomes so between two moments, which may count from a mark. */
export function line(
  index: number,
  level: boolean,
  first: number,
  last: number,
  mark = '',
  since?: string,
): Step {
  return (t, rig, marks) => {
    const from = since === undefined ? 0 : (marks.get(since) ?? Number.NaN);
    const came = rig.advance(from + last, () => rig.look.gpio[index] === level);
    t.true(came, `line ${index} not ${level} by ${from + last} s`);
    t.true(rig.seconds >= from + first - 1e-6, `line ${index} ${level} already at ${rig.seconds} s`);
    marks.set(mark, rig.seconds);
  };
}

export const CAR_880: Prepare = (c) => c.world.setVehicle({ ...c.world.vehicle(), cp_resistance: 880 });
export const CAR_2700: Prepare = (c) => c.world.setVehicle({ ...c.world.vehicle(), cp_resistance: 2700 });
