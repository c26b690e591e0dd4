import type { GpioConfiguration, Slot, UserCalibration } from '../api-types.js';
import { factorySlots, isCurrent, slot } from './slots.js';

const FIRST_SLOT = 2;
const RESISTANCES = 14;

/** Limits after which a charge is ended; 0 = none. */
export interface ChargeLimits {
  /** ms */
  readonly duration: number;
  /** Wh */
  readonly energy: number;
}

/** Everything that survives a power cycle, as plain JSON (controller-model 9). */
export interface FlashImage {
  /** Defaults of slots 2..14. */
  readonly slots: readonly Slot[];
  readonly boost_mode: boolean;
  readonly factory_calibration: UserCalibration;
  readonly user_calibration: UserCalibration | null;
  readonly enable_api: boolean;
  readonly meter_slot: number;
  readonly charge_limits: ChargeLimits;
  /** 0 until a meter has been seen, 1 no, 2 yes (controller-model 17, E1). */
  readonly require_meter: number;
  /** What the energy meter has counted so far; Wh. */
  readonly energy: number;
  // Settings that only some boards use (controller-model-2 10).
  readonly gpio_configuration: GpioConfiguration;
  readonly button_configuration: number;
  readonly ev_wakeup: boolean;
  readonly phase_auto_switch: boolean;
  readonly phases_connected: number;
  readonly phase_switch_wait_time: number;
  /** The grid operator's limit, taken over from the shutdown input; `on_close`: while that is closed. */
  readonly p14a_enwg: GridLimitSettings;
}

/** The settings of the grid operator's limit (§14a EnWG). */
export interface GridLimitSettings {
  readonly enabled: boolean;
  readonly on_close: boolean;
}

/** What differs between the factory settings of boards. */
export interface FactorySettings {
  readonly slotCount: number;
  readonly gpio: GpioConfiguration;
}

/** The flash of the controller, of the network processor and of the meter. */
export class Flash {
  #image: FlashImage;
  #writes = 0;
  readonly #factory: FactorySettings;

  /** `saved` is the image of an earlier run. An item that is missing or wrong in it gets its factory setting. */
  constructor(saved: unknown, factory: FactorySettings) {
    this.#factory = factory;
    this.#image = restored(saved, factoryImage(factory));
  }

  get image(): FlashImage {
    return this.#image;
  }

  /** How often something was written; boost_mode and user_calibration count on every call (controller-model 9). */
  get writes(): number {
    return this.#writes;
  }

  write(items: Partial<FlashImage>): void {
    this.#image = { ...this.#image, ...items };
    this.#writes++;
  }

  slotDefault(index: number): Slot {
    const found = this.#image.slots[index - FIRST_SLOT];
    if (found === undefined) throw new RangeError(`no default for slot ${index}`);
    return found;
  }

  /** Written only if it differs; true if it was. */
  writeSlotDefault(index: number, value: Slot): boolean {
    if (sameSlot(this.slotDefault(index), value)) return false;
    this.write({ slots: this.#image.slots.with(index - FIRST_SLOT, value) });
    return true;
  }

  /** Factory reset: the calibrations and the meter's count stay (controller-model 9). */
  reset(): void {
    const { factory_calibration, user_calibration, energy } = this.#image;
    this.write({ ...factoryImage(this.#factory), factory_calibration, user_calibration, energy });
  }
}

/** Stores a user calibration, or wipes it if it isn't active (controller-model 10). */
export function calibrate(flash: Flash, calibration: UserCalibration): void {
  if (!calibration.user_calibration_active) {
    flash.write({ user_calibration: null });
  } else if (calibration.voltage_div !== 0) {
    const user_calibration = { ...calibration, resistance_880: [...calibration.resistance_880] };
    flash.write({ user_calibration });
  }
}

function sameSlot(one: Slot, other: Slot): boolean {
  return (
    one.max_current === other.max_current &&
    one.active === other.active &&
    one.clear_on_disconnect === other.clear_on_disconnect
  );
}

function factoryImage({ slotCount, gpio }: FactorySettings): FlashImage {
  return {
    slots: factorySlots(slotCount),
    boost_mode: false,
    factory_calibration: {
      user_calibration_active: false,
      voltage_diff: -90,
      voltage_mul: 1,
      voltage_div: 1,
      resistance_2700: 0,
      resistance_880: Array.from({ length: RESISTANCES }, () => 0),
    },
    user_calibration: null,
    enable_api: false,
    meter_slot: 0,
    charge_limits: { duration: 0, energy: 0 },
    require_meter: 0,
    energy: 0,
    gpio_configuration: gpio,
    button_configuration: 2,
    ev_wakeup: true,
    phase_auto_switch: true,
    phases_connected: 3,
    phase_switch_wait_time: 0,
    p14a_enwg: { enabled: false, on_close: false },
  };
}

type Members = Readonly<Record<string, unknown>>;

function restored(saved: unknown, factory: FlashImage): FlashImage {
  const from = members(saved);
  const slots = Array.isArray(from.slots) ? from.slots : [];
  return {
    slots: factory.slots.map((one, offset) => savedSlot(slots[offset], one, offset + FIRST_SLOT)),
    boost_mode: flag(from.boost_mode, factory.boost_mode),
    factory_calibration: calibration(from.factory_calibration, false) ?? factory.factory_calibration,
    user_calibration: calibration(from.user_calibration, true),
    enable_api: flag(from.enable_api, factory.enable_api),
    meter_slot: count(from.meter_slot, 255, factory.meter_slot),
    charge_limits: savedLimits(from.charge_limits, factory.charge_limits),
    require_meter: requirement(from.require_meter, factory.require_meter),
    energy: amount(from.energy, factory.energy),
    gpio_configuration: gpio(from.gpio_configuration, factory.gpio_configuration),
    button_configuration: count(from.button_configuration, 4, factory.button_configuration),
    ev_wakeup: flag(from.ev_wakeup, factory.ev_wakeup),
    phase_auto_switch: flag(from.phase_auto_switch, factory.phase_auto_switch),
    phases_connected: from.phases_connected === 1 ? 1 : 3,
    phase_switch_wait_time: count(from.phase_switch_wait_time, 22, factory.phase_switch_wait_time),
    p14a_enwg: gridLimit(from.p14a_enwg),
  };
}

function gpio(value: unknown, factory: GpioConfiguration): GpioConfiguration {
  const { shutdown_input, input, output } = members(value);
  return {
    shutdown_input: count(shutdown_input, 255, factory.shutdown_input),
    input: count(input, 255, factory.input),
    output: count(output, 255, factory.output),
  };
}

function gridLimit(value: unknown): GridLimitSettings {
  const { enabled, on_close } = members(value);
  return { enabled: flag(enabled, false), on_close: flag(on_close, false) };
}

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function savedSlot(value: unknown, factory: Slot, index: number): Slot {
  const { max_current, active, clear_on_disconnect } = members(value);
  if (typeof max_current !== 'number' || !isCurrent(max_current)) return factory;
  if (typeof active !== 'boolean' || typeof clear_on_disconnect !== 'boolean') return factory;
  // No controller writes this: its slot 4 is always active.
  if (index === 4 && !active) return factory;
  return slot(max_current, active, clear_on_disconnect);
}

function calibration(value: unknown, active: boolean): UserCalibration | null {
  const from = members(value);
  const { voltage_diff, voltage_mul, voltage_div, resistance_2700, resistance_880 } = from;
  if (!isInt16(voltage_diff) || !isInt16(voltage_mul) || !isInt16(voltage_div) || voltage_div === 0)
    return null;
  // With this factor every voltage would read 0.
  if (!active && voltage_mul === 0) return null;
  if (!isInt16(resistance_2700) || !Array.isArray(resistance_880)) return null;
  if (resistance_880.length !== RESISTANCES || !resistance_880.every(isInt16)) return null;
  return {
    user_calibration_active: active,
    voltage_diff,
    voltage_mul,
    voltage_div,
    resistance_2700,
    resistance_880: [...resistance_880],
  };
}

function savedLimits(value: unknown, factory: ChargeLimits): ChargeLimits {
  const { duration, energy } = members(value);
  return { duration: amount(duration, factory.duration), energy: amount(energy, factory.energy) };
}

function flag(value: unknown, factory: boolean): boolean {
  return typeof value === 'boolean' ? value : factory;
}

/** Older images have true or false here. There false was only the default, so it counts as undecided. */
function requirement(value: unknown, factory: number): number {
  return value === true ? 2 : count(value, 2, factory);
}

function amount(value: unknown, factory: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : factory;
}

function count(value: unknown, most: number, factory: number): number {
  return Number.isInteger(value) && amount(value, most + 1) <= most ? (value as number) : factory;
}

function isInt16(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value + 0.5) < 32_768;
}
