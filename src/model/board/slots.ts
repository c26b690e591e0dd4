import type { Slot, SlotChange } from '../api-types.js';

const OUTGOING_CABLE = 1;
export const SHUTDOWN_INPUT = 2;
export const GENERAL_PURPOSE_INPUT = 3;
export const MANUAL_RELEASE = 4;
export const GLOBAL = 5;
export const USER = 6;
export const CHARGE_MANAGER = 7;
export const EXTERNAL = 8;
export const MODBUS_TCP = 9;
export const MODBUS_TCP_ENABLE = 10;
export const OCPP = 11;
export const CHARGE_LIMITS = 12;
export const REQUIRE_METER = 13;
export const AUTOMATION = 14;
export const EEBUS = 15;
export const P14A_ENWG = 16;

/** The current of a slot that sets no limit, mA. */
export const UNLIMITED_MA = 32_000;

const FIRST_WRITABLE = 2;
/** mA of slot 0 by jumper_configuration 0 to 6 (controller-model 1.2). */
const BY_JUMPER: readonly number[] = [6000, 10_000, 13_000, 16_000, 20_000, 25_000, 32_000];

/** mA that the controller takes for a slot: 0 or 6000..32000 (controller-model 1.3). */
export function isCurrent(value: number): boolean {
  return Number.isInteger(value) && (value === 0 || (value >= 6000 && value <= UNLIMITED_MA));
}

/** Makes a slot; `max_current` in mA. */
export function slot(max_current: number, active: boolean, clear_on_disconnect: boolean): Slot {
  return { max_current, active, clear_on_disconnect };
}

/** What a controller without any settings starts with in slots 2 to `count` - 1 (controller-model 1.1). */
export function factorySlots(count: number): Slot[] {
  return Array.from({ length: count - FIRST_WRITABLE }, (_, offset) => {
    const index = offset + FIRST_WRITABLE;
    return slot(index === CHARGE_MANAGER ? 0 : UNLIMITED_MA, index === MANUAL_RELEASE, false);
  });
}

/** The limits of slot 1 by the measured proximity resistance in ohms (controller-model 1.2). */
export function cableLimit(resistance: number): number {
  if (resistance >= 1000) return 13_000;
  if (resistance >= 330) return 20_000;
  if (resistance >= 150) return 32_000;
  return 64_000;
}

export interface SlotOptions {
  readonly jumper: number;
  /** mA of slot 0 without a valid jumper. */
  readonly withoutJumper: number;
  /** mA of slot 1 before the cable has been measured. */
  readonly outgoing: number;
  /** Slots from 2 on as the flash has them. */
  readonly defaults: readonly Slot[];
}

/**
 * The charging slots and the current they allow together.
 * The array is replaced at every change, so one that was handed out never changes.
 */
export class Slots {
  #live: readonly Slot[];
  #allowed = 0;

  constructor({ jumper, withoutJumper, outgoing, defaults }: SlotOptions) {
    const incoming = slot(BY_JUMPER[jumper] ?? withoutJumper, true, false);
    this.#live = [incoming, slot(outgoing, true, false), ...defaults];
    this.#changed();
  }

  get live(): readonly Slot[] {
    return this.#live;
  }

  /** allowed_charging_current in mA: the smallest active slot (controller-model 1.2). */
  get allowed(): number {
    return this.#allowed;
  }

  at(index: number): Slot {
    const found = this.#live[index];
    if (found === undefined) throw new RangeError(`no slot ${index}`);
    return found;
  }

  /** All but the two that follow the cables. */
  isWritable(index: number): boolean {
    return index >= FIRST_WRITABLE && index < this.#live.length;
  }

  /** Writes the members given; false, and nothing changed, for a current or a slot that the controller refuses. */
  write(index: number, change: SlotChange): boolean {
    if (!this.isWritable(index)) return false;
    if (change.max_current !== undefined && !isCurrent(change.max_current)) return false;
    this.#put(index, change);
    return true;
  }

  /** Slot 1 follows the measured cable. */
  setCable(resistance: number): void {
    const limit = cableLimit(resistance);
    if (limit !== this.at(OUTGOING_CABLE).max_current) this.#put(OUTGOING_CABLE, { max_current: limit });
  }

  /** What a transition into state A does (controller-model 1.4). */
  clearOnDisconnect(): void {
    this.#live = this.#live.map((one) => (one.clear_on_disconnect ? { ...one, max_current: 0 } : one));
    this.#changed();
  }

  #put(index: number, change: SlotChange): void {
    const old = this.at(index);
    const fresh = slot(
      change.max_current ?? old.max_current,
      change.active ?? old.active,
      change.clear_on_disconnect ?? old.clear_on_disconnect,
    );
    this.#live = this.#live.with(index, fresh);
    this.#changed();
  }

  #changed(): void {
    let smallest = Number.POSITIVE_INFINITY;
    for (const one of this.#live) if (one.active && one.max_current < smallest) smallest = one.max_current;
    this.#allowed = smallest === Number.POSITIVE_INFINITY ? 0 : smallest;
  }
}
