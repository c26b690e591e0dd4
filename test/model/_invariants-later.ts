import type { LowLevelState, Slot } from '../../src/model/api-types.js';
import { Snapshot } from '../../src/model/board/snapshot.js';
import type { Controller } from '../../src/model/controller.js';
import { rule } from './_invariants.js';

const A = 0;
const B = 1;
const C = 2;
const D = 3;
const EF = 4;
const BOOT_MS = 1200;
/** The duty cycle may show what was allowed so long ago: the readings are blanked. */
const MAY_LAG_MS = 600;
const NEVER = Number.NEGATIVE_INFINITY;
const OPEN = 4_294_967_295;
const FIRST_OF_LOW_LEVEL = 11_000;

/** Lines of the board. */
const LINES = {
  warp2: { relay: 11, k: 9 },
  warp3: { relay: 16, k: 11 },
} as const;

interface Moment {
  readonly time: number;
  readonly low: LowLevelState;
  readonly iec: number;
  readonly k: boolean;
  readonly relay: boolean;
  readonly dc: number;
  readonly error: number;
  readonly allowed: number;
  readonly duty: number;
}

/**
 * Watches a controller of a later generation, with the default quirks, for the invariants of controller-model-2 13.
 * Rules of controller-model 13 that hold as well have 100 added to their number.
 */
export class LaterWatch {
  readonly #controller: Controller;
  readonly #jumper: number;
  readonly #type: 'warp2' | 'warp3';
  #now = new Snapshot();
  #boot = -1;
  #before: Moment | undefined;
  #leftC = NEVER;
  #enteredC = NEVER;
  /** When E/F ended last, or D came first since the last C: the board remembers that until the next C. */
  #errorSeen = NEVER;
  /** The board may remember an earlier D that nobody saw here; then a later one counts for nothing. */
  #mayRememberD = false;
  #outsideC = Number.NaN;
  #closedInA = Number.NaN;
  #sequenceEnded = NEVER;
  #stepBegan = NEVER;
  #contactorChanged = NEVER;
  #stoppedCounting = false;
  #looksSince = Number.NaN;
  #dcReset = NEVER;
  #dcWritten = false;
  #ledWritten = false;
  #disconnected = false;
  #blockedInC = Number.NaN;
  #judgedSlots: readonly Slot[] = [];
  /** What was allowed when, and what each slot would have allowed, as far as the duty cycle may still show it. */
  #history: { readonly time: number; readonly allowed: number; readonly currents: readonly number[] }[] = [];

  constructor(controller: Controller, jumper: number, type: 'warp2' | 'warp3') {
    this.#controller = controller;
    this.#jumper = jumper;
    this.#type = type;
  }

  /** To be told before a leap over many events: what lies between is not known. */
  looksAway(): void {
    this.#before = undefined;
    this.#leftC = NEVER;
    this.#enteredC = NEVER;
    this.#errorSeen = NEVER;
    this.#mayRememberD = true;
    this.#outsideC = Number.NaN;
    this.#closedInA = Number.NaN;
    this.#sequenceEnded = NEVER;
    this.#stepBegan = NEVER;
    this.#contactorChanged = NEVER;
    this.#blockedInC = Number.NaN;
    this.#stoppedCounting = true;
    this.#looksSince = Number.NaN;
    this.#history = [];
    this.#monitored = '';
    this.#closed = undefined;
    // A reset may have been just before.
    this.#dcReset = Number.POSITIVE_INFINITY;
  }

  /** To be told before the next look. */
  wrote(what: 'led' | 'boost' | 'dc'): void {
    if (what === 'led') this.#ledWritten = true;
    if (what === 'dc') this.#dcWritten = true;
  }

  /** Looks at this moment; throws with the number of the rule that is broken. */
  look(): void {
    this.#controller.live(this.#now);
    if (this.#now.boot !== this.#boot) {
      this.looksAway();
      this.#boot = this.#now.boot;
      this.#dcReset = NEVER;
      this.#mayRememberD = false;
      this.#stoppedCounting = false;
    }
    const moment = this.#moment();
    if (Number.isNaN(this.#looksSince)) this.#looksSince = moment.time;
    if (this.#dcWritten) this.#dcReset = moment.time;
    this.#slots(moment);
    this.#pure(moment);
    this.#timed(moment);
    if (this.#before) this.#changed(this.#before, moment);
    this.#before = moment;
    this.#dcWritten = false;
    this.#ledWritten = false;
  }

  #moment(): Moment {
    const now = this.#now;
    const low = now.lowLevel();
    return {
      time: now.time,
      low,
      iec: now.iec61851State,
      k: now.contactorClosed,
      relay: low.gpio[LINES[this.#type].relay] === true,
      dc: now.dcFaultState ?? 0,
      error: now.error,
      allowed: now.allowed,
      duty: now.duty,
    };
  }

  #slots({ allowed, low }: Moment): void {
    const { slots } = this.#now;
    // Every change makes a new list.
    if (slots !== this.#judgedSlots || allowed !== this.#before?.allowed) {
      const active = slots.filter((slot) => slot.active).map((slot) => slot.max_current);
      rule(1, allowed === Math.min(...active) && (this.#jumper < 7 || allowed === 0));
      rule(
        111,
        slots.every(({ max_current: max }, at) => at < 2 || max === 0 || (max >= 6000 && max <= 32_000)),
      );
      rule(117, slots[8]?.active === true);
      this.#judgedSlots = slots;
    }
    rule(
      114,
      this.#controller.autoStartCharging() === !this.#controller.limits.slots()[4]?.clear_on_disconnect,
    );
    if (this.#now.time > this.#now.boot + 200) this.#inputs(low);
  }

  /** What holds from the first pass over the inputs. */
  #inputs(low: LowLevelState): void {
    const { slots } = this.#now;
    const { gpio_configuration } = this.#controller.flashImage();
    const { shutdown_input, input } = gpio_configuration;
    rule(18, slots[2]?.active === (shutdown_input !== 0));
    rule(18, slots[3]?.active === (input > 0 && input <= 16));
    const { shutdown } = this.#controller.world.inputs();
    const limit = low.phases_current === 1 ? 18_000 : 6000;
    const limits = [32_000, shutdown === 'open' ? 0 : 32_000, shutdown === 'closed' ? 0 : 32_000];
    limits.push(shutdown === 'open' ? limit : 32_000, shutdown === 'closed' ? limit : 32_000);
    rule(18, slots[2]?.max_current === (limits[shutdown_input] ?? 32_000));
    rule(20, this.#now.button.button_pressed === this.#controller.world.button().pressed);
  }

  #pure({ time, low, iec, k, dc, error, allowed, duty, relay }: Moment): void {
    const { ledState, contactorError, contactorState, boot, uptime } = this.#now;
    rule(5, !(k && dc !== 0));
    rule(6, dc === 0 || (iec === EF && !k && duty === 1000 && (error === 3 || error === 4)));
    if (this.#type === 'warp2') {
      rule(9, low.phases_state === 0 && low.phases_requested === low.phases_current);
      rule(17, contactorError <= 6);
    } else {
      const expected = (contactorError ? 4 : 0) + (k ? 8 : 0) + (low.phases_current === 3 ? 16 : 0);
      rule(16, (contactorState & 28) === expected);
      rule(17, contactorError <= 27);
    }
    if (low.phases_state >= 3) rule(11, !k);
    if (low.phases_state === 5) rule(11, relay);
    rule(
      13,
      !relay || this.#now.pilotDisconnected || iec === B || low.phases_state === 5 || low.phases_state === 4,
    );
    rule(21, (error !== 0) === (ledState === 2) && [0, 2, 3, 4, 5].includes(error));
    const expected = error !== 0 ? 4 : iec === C ? 3 : iec === B ? (allowed === 0 ? 1 : 2) : 0;
    rule(109, this.#now.chargerState === expected);
    rule(24, low.charging_time === 0 || (iec !== A && iec !== C));
    const [r = 0, pp = 0] = low.resistances;
    rule(25, r <= 32_000 || r === OPEN);
    rule(25, pp <= 10_000 || pp === OPEN);
    // The uptime starts anew after 49.7 days, the other time goes on.
    rule(121, low.time_since_state_change <= time - boot);
    const tested = low.time_since_dc_fault_check ?? 0;
    if (uptime < FIRST_OF_LOW_LEVEL * 1000) rule(23, tested <= time - boot);
    // While the sensor is tested nothing is evaluated.
    const testing = tested < 3250 && time - boot > BOOT_MS && tested < time - boot - 1000;
    if (testing && !(time - this.#dcReset <= 3250)) rule(22, iec === A);
    const evaluated = time >= boot + BOOT_MS && !(tested < 3250);
    if (evaluated && low.phases_state === 0) {
      rule(110, iec === EF || (contactorError === 0 && this.#jumper < 7) || iec === A);
    }
  }

  #timed({ time, iec, k, duty, allowed, low }: Moment): void {
    this.#outsideC = since(this.#outsideC, k && iec !== C, time);
    this.#closedInA = since(this.#closedInA, k && iec === A, time);
    rule(5, !(time - this.#outsideC > 6200) && !(time - this.#closedInA > 100));
    if (this.#history.at(-1)?.allowed !== allowed) {
      // Slots that change at the same time are written one after the other, and each may set the duty cycle.
      const currents = this.#now.slots.filter((slot) => slot.active).map((slot) => slot.max_current);
      this.#history.push({ time, allowed, currents });
    }
    while ((this.#history[1]?.time ?? time) < time - MAY_LAG_MS) this.#history.shift();
    const shown = this.#history.some(({ currents }) => {
      return currents.some((current) => current > 0 && duty === dutyFor(current));
    });
    // What was allowed before it looked again is not known.
    if (!this.#stoppedCounting || time > this.#looksSince + MAY_LAG_MS) {
      rule(7, duty === 1000 || (duty === 0 && iec === B) || shown);
    }
    const blocked = allowed === 0 && iec === C && low.phases_state === 0;
    this.#blockedInC = since(this.#blockedInC, blocked, time);
    rule(106, !(time - this.#blockedInC > 1000));
  }

  #changed(before: Moment, now: Moment): void {
    const { time, iec, k, dc, low } = now;
    const { boot, contactorError, led } = this.#now;
    if (k && !before.k) {
      const ready = iec === C && now.allowed >= 6000 && contactorError === 0 && dc === 0;
      rule(2, ready && this.#jumper < 7 && time >= boot + BOOT_MS && low.phases_state === 0 && !now.relay);
      rule(4, time - Math.max(this.#enteredC, this.#sequenceEnded) >= 450);
    }
    if (iec !== before.iec) this.#transition(before, now);
    if (before.dc !== 0 && dc === 0) rule(6, this.#dcWritten);
    if (low.phases_current !== before.low.phases_current && this.#type === 'warp3') {
      // The auto switch goes to one phase under load, and back as soon as the vehicle is gone.
      rule(10, !k || (low.phases_current === 1 && low.phases_info === 1) || iec === A);
    }
    if (low.phases_state !== before.low.phases_state) this.#sequence(before, now);
    else if (low.phases_state !== 0) rule(11, iec === before.iec || iec === EF);
    if (now.relay && before.relay) {
      rule(14, iec === before.iec || iec === EF);
      rule(14, String(low.adc_values) === String(before.low.adc_values));
    }
    this.#disconnection(before);
    rule(
      120,
      led.duration <= this.#ledDuration ||
        this.#ledWritten ||
        [1001, 1002, 1003, 2005].includes(led.indication),
    );
    this.#ledDuration = led.duration;
    if (before.duty !== 1000 && now.duty !== 1000) {
      rule(25, low.resistances[1] === before.low.resistances[1]);
    }
    this.#monitor(now);
  }

  #ledDuration = 0;

  #disconnection(before: Moment): void {
    const { pilotDisconnected } = this.#now;
    const begins = pilotDisconnected && !this.#disconnected;
    if (begins && !this.#stoppedCounting) rule(15, (before.iec === A || before.iec === B) && !before.k);
    this.#disconnected = pilotDisconnected;
  }

  #monitor({ time, k }: Moment): void {
    const { contactorState, contactorError } = this.#now;
    const shown = `${contactorState} ${contactorError}`;
    if (this.#type === 'warp2' && shown !== this.#monitored && this.#monitored !== '') {
      rule(123, time - this.#contactorChanged >= 1250);
    }
    this.#monitored = shown;
    if (this.#closed !== undefined && k !== this.#closed) this.#contactorChanged = time;
    this.#closed = k;
  }

  #monitored = '';
  #closed: boolean | undefined;

  #transition(before: Moment, { time, iec, dc, error }: Moment): void {
    const from = before.iec;
    // A residual current and a missing diode go past the filter.
    const bypass = (iec === EF && dc !== 0) || (iec === B && error === 5);
    if (iec === C) {
      rule(3, time >= this.#leftC + 5000 && time >= this.#errorSeen + 30_000);
      this.#enteredC = time;
      this.#errorSeen = NEVER;
      this.#mayRememberD = false;
    }
    if (from === C && !bypass) this.#leftC = time;
    const isFirstD = iec === D && this.#errorSeen === NEVER && !this.#mayRememberD;
    if (from === EF || isFirstD) this.#errorSeen = time;
    if (iec !== A) return;
    const { slots } = this.#now;
    rule(
      113,
      slots.every((slot) => !slot.clear_on_disconnect || slot.max_current === 0),
    );
    rule(19, slots[4]?.max_current === (slots[4]?.clear_on_disconnect ? 0 : 32_000));
  }

  #sequence(before: Moment, { time, low, iec }: Moment): void {
    const [from, to] = [before.low.phases_state, low.phases_state];
    const lasted = time - this.#stepBegan;
    // In E/F the sequence stands still, and in A while the sensor is tested.
    const goesOn = iec !== EF && iec !== A && !this.#stoppedCounting;
    if (from === 5 && to === 6 && goesOn) rule(12, lasted >= 14_990 && lasted <= 120_010);
    if (from === 6 && goesOn) rule(12, lasted >= 99 && lasted <= 101);
    if (from === 7 && goesOn) rule(12, lasted <= 10_250);
    if (to === 0) this.#sequenceEnded = time;
    this.#stepBegan = time;
  }
}

function dutyFor(current: number): number {
  return Math.floor(Math.round(0.8 * current) / 48 + 0.5);
}

/** When something began that is `so` now; not a number while it isn't. */
function since(began: number, so: boolean, now: number): number {
  if (!so) return Number.NaN;
  return Number.isNaN(began) ? now : began;
}
