import type { Slot } from '../../src/model/api-types.js';
import { Snapshot } from '../../src/model/board/snapshot.js';
import type { Controller } from '../../src/model/controller.js';

const A = 0;
const C = 2;
const D = 3;
const EF = 4;
const BOOT = 12_100;
const NEVER = Number.NEGATIVE_INFINITY;

/** Watches a controller with the default quirks for the invariants of controller-model 13 that hold at every moment. */
export class Watch {
  readonly #controller: Controller;
  readonly #jumper: number;
  readonly #flag: boolean;
  #now = new Snapshot();
  #before = new Snapshot();
  #first = true;
  #leftC = NEVER;
  #error = Number.NaN;
  /** An error before a leap may still be remembered, which makes a later one in D count no more (controller-model 2.3). */
  #older = false;
  #contactorChanged = NEVER;
  #closedOutsideC = Number.NaN;
  #blockedInC = Number.NaN;
  #oddDuty = Number.NaN;
  #ledWrite = false;
  #wrapped = false;

  /** `flag`: charging_time is the flag of later firmware. */
  constructor(controller: Controller, jumper: number, flag: boolean) {
    this.#controller = controller;
    this.#jumper = jumper;
    this.#flag = flag;
  }

  /** To be told before a leap over many events: what lies between is not known. */
  looksAway(): void {
    this.#first = true;
    this.#leftC = NEVER;
    this.#error = Number.NaN;
    this.#older = true;
    this.#contactorChanged = NEVER;
    this.#closedOutsideC = Number.NaN;
    this.#blockedInC = Number.NaN;
    this.#oddDuty = Number.NaN;
  }

  /** To be told before the next look: the LED was written, or the boost mode. */
  wrote(what: 'led' | 'boost' | 'dc'): void {
    if (what === 'led') this.#ledWrite = true;
    // Applies the PWM anew, which ignores two samples more.
    else this.#oddDuty = Number.NaN;
  }

  /** Looks at this moment; throws with the number of the rule that is broken. */
  look(): void {
    [this.#now, this.#before] = [this.#before, this.#now];
    this.#controller.live(this.#now);
    if (this.#now.boot !== this.#before.boot) this.#restarted();
    else if (this.#now.uptime < this.#before.uptime) this.#wrapped = true;
    this.#slots();
    this.#pure();
    this.#timed();
    if (!this.#first) this.#changed();
    this.#first = false;
    this.#ledWrite = false;
  }

  #restarted(): void {
    this.looksAway();
    this.#older = false;
    this.#wrapped = false;
  }

  #slots(): void {
    const { slots, allowed } = this.#now;
    // Every change makes a new list.
    if (slots !== this.#before.slots || allowed !== this.#before.allowed) {
      const active = slots.filter((slot) => slot.active).map((slot) => slot.max_current);
      rule(1, allowed === (active.length === 0 ? 0 : Math.min(...active)));
      rule(11, slots.every(legal));
      rule(17, slots[8]?.active === true);
    }
    rule(
      14,
      this.#controller.autoStartCharging() === !this.#controller.limits.slots()[4]?.clear_on_disconnect,
    );
    if (this.#now.button.button_pressed) rule(15, slots[4]?.max_current === 0);
  }

  #pure(): void {
    const {
      iec61851State: iec,
      allowed,
      error,
      ledState,
      contactorClosed,
      contactorError,
      uptime,
      time,
      led,
    } = this.#now;
    // Sums in this order are the controller's own, so that a fraction of a ms can't tell them apart.
    const booted = time >= this.#now.boot + BOOT;
    rule(5, !contactorClosed || iec !== A);
    const expected = error !== 0 ? 4 : iec === C ? 3 : iec === 1 ? (allowed === 0 ? 1 : 2) : 0;
    rule(
      9,
      this.#now.chargerState === expected &&
        (error === 0) === (ledState !== 2) &&
        [0, 2, 4, 5].includes(error),
    );
    if (booted) rule(10, iec === EF || (contactorError === 0 && this.#jumper < 7));
    rule(
      19,
      (ledState !== 4 || iec === C) &&
        (ledState !== 3 || !booted) &&
        (ledState !== 5 || led.indication !== -1),
    );
    const low = this.#now.lowLevel();
    if (!this.#wrapped) rule(21, low.time_since_state_change <= uptime);
    if (this.#flag) {
      rule(22, low.charging_time === 0 || (low.charging_time === 1 && iec !== A && iec !== C));
    }
    const colours = led.color_h === 0 && led.color_s === 0 && led.color_v === 0;
    rule(24, this.#now.state().lock_state === 0 && (low.resistances[0] ?? Number.NaN) <= 65_535 && colours);
  }

  #timed(): void {
    const { iec61851State: iec, allowed, contactorClosed, duty, time } = this.#now;
    const outside = contactorClosed && iec !== C;
    this.#closedOutsideC = since(this.#closedOutsideC, outside, time);
    if (outside) rule(4, duty === 1000 && time - this.#closedOutsideC <= 3200);
    this.#blockedInC = since(this.#blockedInC, allowed === 0 && iec === C, time);
    rule(6, !(time - this.#blockedInC > 1000));
    const odd = contactorClosed
      ? duty !== 1000 && duty !== Math.floor(allowed / 60)
      : duty !== 1000 && duty !== 266;
    if (contactorClosed !== this.#before.contactorClosed) this.#oddDuty = Number.NaN;
    this.#oddDuty = since(this.#oddDuty, odd, time);
    rule(7, duty > 0 && !(time - this.#oddDuty > (contactorClosed ? 440 : 1000)));
  }

  #changed(): void {
    const now = this.#now;
    const before = this.#before;
    const { iec61851State: iec, time, contactorClosed, uptime } = now;
    if (contactorClosed && !before.contactorClosed) {
      const charging = iec === C && now.allowed >= 6000 && now.contactorError === 0;
      rule(2, charging && this.#jumper < 7 && time >= this.#now.boot + BOOT);
    }
    if (iec !== before.iec61851State) this.#transition(before.iec61851State, iec);
    this.#leavingD();
    rule(
      20,
      now.led.duration <= before.led.duration ||
        this.#ledWrite ||
        now.led.indication === 1003 ||
        now.led.indication === 2005,
    );
    if (time - before.time >= 1) rule(21, uptime !== before.uptime);
    rule(21, (uptime - before.uptime) >>> 0 < 2 ** 31);
    const moved =
      now.contactorState !== before.contactorState || now.contactorError !== before.contactorError;
    if (moved) rule(23, time - this.#contactorChanged >= 1250);
    if (contactorClosed !== before.contactorClosed) this.#contactorChanged = time;
  }

  #transition(from: number, to: number): void {
    const time = this.#now.time;
    if (to === C) {
      rule(3, time >= this.#leftC + 5000 && !(time < this.#error + 30_000));
      this.#error = Number.NaN;
      this.#older = false;
    }
    if (from === C) this.#leftC = time;
    if (from === EF) this.#error = time;
    if (to === A) {
      rule(18, from !== C);
      rule(
        13,
        this.#now.slots.every((slot) => !slot.clear_on_disconnect || slot.max_current === 0),
      );
    }
  }

  /** The first sample outside the band starts the 30 s, unless an earlier error is remembered (controller-model 2.3). */
  #leavingD(): void {
    if (this.#before.iec61851State !== D || this.#now.iec61851State === C) return;
    if (this.#older || !Number.isNaN(this.#error)) return;
    const resistance = this.#now.lowLevel().resistances[0] ?? Number.NaN;
    const inBand = resistance > 150 && resistance <= 300;
    if (!inBand) this.#error = this.#now.time;
  }
}

/** Fails with the number of a rule of controller-model 13. */
export function rule(number: number, holds: boolean): void {
  if (!holds) throw new Error(`invariant ${number} is broken`);
}

function legal({ max_current, active, clear_on_disconnect }: Slot, index: number): boolean {
  if (index < 2 && (!active || clear_on_disconnect)) return false;
  if (index === 0) return true;
  if (index === 1) return [13_000, 20_000, 32_000, 64_000].includes(max_current);
  if (index === 4 && !active) return false;
  return max_current === 0 || (max_current >= 6000 && max_current <= 32_000);
}

/** When something began that is `so` now; not a number while it isn't. */
function since(began: number, so: boolean, now: number): number {
  if (!so) return Number.NaN;
  return Number.isNaN(began) ? now : began;
}
