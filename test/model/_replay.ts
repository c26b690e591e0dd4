import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { calibrate } from '../../src/model/board/flash.js';
import { isIndication, NO_COLOUR } from '../../src/model/board/led.js';
import { Snapshot } from '../../src/model/board/snapshot.js';
import { ChargerHardware } from '../../src/model/hardware.js';

/** What a field of a trace holds: a number, or a slot as `[max_current, active, clear_on_disconnect]`. */
export type Value = number | readonly number[];
type Fields = Readonly<Record<string, Value>>;

/** Answer to a write: code 0 or an error, and for the LED what it showed when it refused. */
export type Reply = readonly [time: number, command: string, code: number, extra: number];

/** A script and what the firmware of a real board did; data/firmware-traces/README.md has the format. */
export interface Trace {
  readonly name: string;
  readonly jumper: number;
  readonly held: 0 | 1;
  readonly uptime: number;
  readonly events: readonly (readonly [time: number, command: string, ...args: (number | string)[]])[];
  readonly replies?: readonly Reply[];
  readonly calibration?: readonly (readonly number[])[];
  readonly restarts?: readonly number[];
  readonly trace: readonly (readonly [time: number, changes: Fields])[];
}

export function traces(file: string): Trace[] {
  const path = resolve(import.meta.dirname, '../../../test/data/firmware-traces', file);
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Trace);
}

/** The firmware's code for a parameter that it does not take. */
const INVALID = 3;

/** From then on a trace tells what it sees; ms. */
const FIRST_MS = 100;

/** Plays the script on the model's board; gives what each field of the trace did, and the replies.
 * With `hasProcessor` a network processor talks to the board all the time. */
export function play(trace: Trace, hasProcessor: boolean) {
  const hardware = new ChargerHardware({
    jumper: trace.jumper,
    uptime: trace.uptime,
    quirks: 'all',
    noise: false,
    chargingTime: 'flag',
  });
  const courses: Record<string, { at: number; value: Value }[]> = {};
  const replies: Reply[] = [];
  const restarts: number[] = [];
  const calibration: number[][] = [];
  const snapshot = new Snapshot();
  let boot = hardware.board.boot;
  let firstLook = boot + FIRST_MS;
  let looked = false;
  const look = (time: number) => {
    if (hardware.board.boot !== boot) {
      boot = hardware.board.boot;
      firstLook = boot + FIRST_MS;
      looked = false;
      restarts.push(boot);
    }
    if (time < firstLook) return;
    looked = true;
    for (const [field, value] of Object.entries(fieldsOf(hardware, snapshot, time))) {
      const course = courses[field] ?? [];
      courses[field] = course;
      if (JSON.stringify(course.at(-1)?.value) !== JSON.stringify(value)) course.push({ at: time, value });
    }
  };
  const advance = (isDue: (time: number) => boolean) => {
    for (let due = hardware.dueAt; isDue(due); due = hardware.dueAt) {
      if (!looked && due > firstLook) look(firstLook);
      if (hasProcessor) hardware.board.heard(due);
      hardware.run(due);
      look(due);
    }
  };
  if (trace.held) hardware.setButton(true, 0);
  // Events of one script may stand in any order. The firmware sees an input before the timers of the same ms.
  for (const [time, command, ...args] of trace.events.toSorted((a, b) => a[0] - b[0])) {
    advance((due) => due < time);
    if (!looked && time > firstLook) look(firstLook);
    hardware.board.heard(time);
    const reply = act(hardware, time, command, args);
    if (reply) replies.push([time, command, ...reply]);
    hardware.show(time);
    advance((due) => due <= time);
    look(time);
    if (command === 'ucal') calibration.push(calibrationAt(hardware, snapshot, time));
  }
  return { courses, replies, restarts, calibration };
}

/** Does what one event of a script says. */
function act(
  hardware: ChargerHardware,
  time: number,
  command: string,
  args: readonly (number | string)[],
): readonly [code: number, extra: number] | undefined {
  const { board, supply, vehicle } = hardware;
  const n = args.map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = n;
  switch (command) {
    case 'car':
      hardware.setVehicle({ ...vehicle.state, cp_resistance: a, diode_fault: n.length > 1 && b === 0 }, time);
      return;
    case 'pp':
      hardware.setVehicle({ ...vehicle.state, cable_current: cableFor(a) }, time);
      return;
    case 'mains':
      hardware.setSupply({ ...supply.state, live: a === 1 }, time);
      return;
    case 'contactor': {
      const contactor = ({ ok: 'ok', stuck: 'stuck_open', welded: 'welded' } as const)[`${args[0]}`];
      if (!contactor) throw new Error(`unknown contactor ${args[0]}`);
      hardware.setSupply({ ...supply.state, contactor }, time);
      return;
    }
    case 'mdelay':
      hardware.setSupply({ ...supply.state, contact_time: a }, time);
      return;
    case 'btn':
      hardware.setButton(a === 1, time);
      return;
    case 'slot':
      return refusal(
        board.writeSlot(a, { max_current: b, active: c === 1, clear_on_disconnect: d === 1 }, time),
      );
    case 'slotcur':
      return refusal(board.writeSlot(a, { max_current: b }, time));
    case 'slotact':
      return refusal(board.writeSlot(a, { active: b === 1 }, time));
    case 'slotcod':
      return refusal(board.writeSlot(a, { clear_on_disconnect: b === 1 }, time));
    case 'slotdef':
      return refusal(
        board.writeSlotDefault(a, { max_current: b, active: c === 1, clear_on_disconnect: d === 1 }),
      );
    case 'boost':
      board.setBoost(a === 1, time);
      return;
    case 'led':
      if (!isIndication(a)) return [INVALID, -1];
      return board.indicate(a, b, NO_COLOUR, time) ? [0, 0] : [0, board.led.state];
    case 'ucal':
      if (a === 1 && d === 0) return [INVALID, 0];
      calibrate(hardware.flash, {
        user_calibration_active: a === 1,
        voltage_diff: b,
        voltage_mul: c,
        voltage_div: d,
        resistance_2700: n[4] ?? 0,
        resistance_880: Array.from({ length: 14 }, () => n[5] ?? 0),
      });
      return;
    case 'factory':
      hardware.factoryReset(time);
      return;
    case 'power':
      hardware.powerCycle(time);
      return;
    case 'touch':
    case 'end':
      return;
    default:
      throw new Error(`unknown event ${command}`);
  }
}

function calibrationAt({ board }: ChargerHardware, snapshot: Snapshot, time: number): number[] {
  snapshot.capture(board, time);
  const read = snapshot.calibration();
  return [
    time,
    read.user_calibration_active ? 1 : 0,
    ...[read.voltage_diff, read.voltage_mul, read.voltage_div],
    ...[read.resistance_2700, read.resistance_880[0] ?? Number.NaN],
  ];
}

function refusal(taken: boolean): readonly [number, number] | undefined {
  return taken ? undefined : [INVALID, 0];
}

/** A cable that carries what the resistor in ohms stands for, -1 for none. */
function cableFor(ohms: number): number {
  const carries: Readonly<Record<number, number>> = {
    [-1]: 0,
    100: 63_000,
    220: 32_000,
    680: 20_000,
    1500: 13_000,
  };
  const current = carries[ohms];
  if (current === undefined) throw new Error(`no cable has ${ohms} ohms`);
  return current;
}

function fieldsOf({ board }: ChargerHardware, snapshot: Snapshot, time: number): Fields {
  snapshot.capture(board, time);
  const { button, led } = snapshot;
  const low = snapshot.lowLevel();
  const bit = (value: boolean) => (value ? 1 : 0);
  const slots = snapshot.slots.map((slot, index) => [
    `s${index}`,
    [slot.max_current, bit(slot.active), bit(slot.clear_on_disconnect)],
  ]);
  return {
    iec: snapshot.iec61851State,
    chg: snapshot.chargerState,
    err: snapshot.error,
    cs: snapshot.contactorState,
    ce: snapshot.contactorError,
    i: snapshot.allowed,
    k: bit(snapshot.contactorClosed),
    d: snapshot.duty,
    phys: board.pilot.physicalDuty,
    l: snapshot.ledState,
    stop: low.charging_time,
    pressed: bit(button.button_pressed),
    ind: led.indication,
    boost: bit(snapshot.boost),
    pt: button.button_press_time,
    rt: button.button_release_time,
    since: (snapshot.uptime - low.time_since_state_change) >>> 0,
    iend: snapshot.ledState === 5 ? snapshot.uptime + led.duration : 0,
    r: low.resistances[0] ?? Number.NaN,
    ppr: low.resistances[1] ?? Number.NaN,
    ...Object.fromEntries(slots),
  };
}
