import type { Slot, VehicleState } from '../../src/model/api-types.js';
import type { Snapshot } from '../../src/model/board/snapshot.js';
import { Controller, type ControllerOptions } from '../../src/model/controller.js';

/** The symbols of controller-model 14, as far as the tests look at them; slots as `32000/on/no`. */
export interface Look {
  readonly iec: number;
  readonly chg: number;
  readonly err: number;
  readonly CS: number;
  readonly CE: number;
  readonly I: number;
  readonly K: 0 | 1;
  readonly D: number;
  readonly L: number;
  readonly R: number;
  readonly slots: string;
  readonly pressed: boolean;
  readonly charging_time: number;
  readonly indication: number;
  readonly duration: number;
  /** dc_fault_current_state, dc_fault_pins and dc_fault_sensor_type, where there are any. */
  readonly dc: number | undefined;
  readonly pins: number | undefined;
  readonly sensor: number | undefined;
  /** phases_current/phases_requested/phases_state/phases_info. */
  readonly ph: string;
  readonly gpio: readonly boolean[];
  /** ms since the last test of the sensor. */
  readonly tested: number | undefined;
  /** external_control and phases_wanted. */
  readonly EC: number;
  readonly wanted: number;
}

export const NO_VEHICLE: VehicleState = {
  connected: false,
  requesting: false,
  ventilation: false,
  diode_fault: false,
  phases: 3,
  max_current: 16_000,
  energy_wanted: null,
  cable_current: 32_000,
  cp_resistance: null,
  s2_delay: null,
  needs_wakeup: 0,
  ignores_stop: false,
  preset: 'three_phase_11kw',
};

export const OPEN = 65_535;

/** kWh that the meter shows. */
export function energyOf(controller: Controller): number {
  return controller.meter.values().energy_abs ?? Number.NaN;
}

/** W that the meter shows. */
export function powerOf(controller: Controller): number {
  return controller.meter.values().power ?? Number.NaN;
}

/** One slot as controller-model 1.1 writes it. */
export function slotText({ max_current, active, clear_on_disconnect }: Slot): string {
  return `${max_current}/${active ? 'on' : 'off'}/${clear_on_disconnect ? 'yes' : 'no'}`;
}

/** A controller with a stop watch; seconds count from the start of the events. */
export class TimedController {
  readonly controller: Controller;
  #origin: number;
  #now: number;

  /** Powered on at `start` ms. */
  constructor(
    options: ControllerOptions = {},
    start = 0,
    prepare: (controller: Controller) => void = () => {},
  ) {
    this.controller = new Controller({ noise: false, ...options });
    this.#origin = start;
    this.#now = start;
    prepare(this.controller);
    this.controller.tick(start);
  }

  /** Seconds since the start of the events. */
  get seconds(): number {
    return (this.#now - this.#origin) / 1000;
  }

  /** Lets the events start now. */
  restartWatch(): void {
    this.#origin = this.#now;
  }

  get snapshot(): Snapshot {
    return this.controller.live();
  }

  get look(): Look {
    const snapshot = this.snapshot;
    const low = snapshot.lowLevel();
    return {
      iec: snapshot.iec61851State,
      chg: snapshot.chargerState,
      err: snapshot.error,
      CS: snapshot.contactorState,
      CE: snapshot.contactorError,
      I: snapshot.allowed,
      K: snapshot.contactorClosed ? 1 : 0,
      D: snapshot.duty,
      L: snapshot.ledState,
      R: low.resistances[0] ?? Number.NaN,
      slots: snapshot.slots.map(slotText).join(' '),
      pressed: snapshot.button.button_pressed,
      charging_time: low.charging_time,
      indication: snapshot.led.indication,
      duration: snapshot.led.duration,
      dc: snapshot.dcFaultState,
      pins: low.dc_fault_pins,
      sensor: low.dc_fault_sensor_type,
      ph: [low.phases_current, low.phases_requested, low.phases_state, low.phases_info].join('/'),
      gpio: low.gpio,
      tested: low.time_since_dc_fault_check,
      EC: this.controller.later.powerManagerState().external_control,
      wanted: this.controller.later.phasesWanted(),
    };
  }

  slot(index: number): string {
    const slot = this.snapshot.slots[index];
    if (slot === undefined) throw new RangeError(`no slot ${index}`);
    return slotText(slot);
  }

  /** Goes on event by event until `done` says so, at most to `seconds`; true if it did. */
  advance(seconds: number, done: () => boolean = () => false): boolean {
    const end = this.#origin + seconds * 1000;
    if (done()) return true;
    while (this.controller.dueAt <= end) {
      this.#now = Math.max(this.#now, this.controller.dueAt);
      this.controller.tick(this.#now);
      if (done()) return true;
    }
    this.#now = Math.max(this.#now, end);
    this.controller.tick(this.#now);
    return done();
  }

  /** The vehicle as a bare load in ohms. */
  car(load: number): void {
    this.vehicle({ cp_resistance: load });
  }

  vehicle(change: Partial<VehicleState>): void {
    this.controller.world.setVehicle({ ...this.controller.world.vehicle(), ...change });
  }

  button(pressed: boolean): void {
    this.controller.world.setButton({ pressed });
  }
}

/** The starting point of most scenarios: no vehicle, 20 s after power-on; `phase` ms later to move the samples. */
export function ready(options: ControllerOptions = {}, phase = 0): TimedController {
  const rig = new TimedController(options);
  rig.advance(20 + phase / 1000);
  rig.restartWatch();
  return rig;
}

/** A vehicle charging with 32 A for ten seconds. */
export function charging(options: ControllerOptions = {}, phase = 0): TimedController {
  const rig = ready(options);
  rig.car(880);
  rig.advance(10 + phase / 1000);
  rig.restartWatch();
  return rig;
}

/** A vehicle connected that does not ask: 1/2/0. */
export function waiting(options: ControllerOptions = {}, phase = 0): TimedController {
  const rig = ready(options);
  rig.car(2700);
  rig.advance(3 + phase / 1000);
  rig.restartWatch();
  return rig;
}
