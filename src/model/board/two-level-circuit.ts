import { DIODE_MV, OPEN_OHM as NO_LOAD_OHM, SOURCE_OHM } from './circuit.js';

/** Reading of an open control pilot or proximity contact in ohms. */
export const OPEN_READING_OHM = 4_294_967_295;
/** Larger readings count as open (controller-model-2 2.1 and 9). */
const LARGEST_CP_OHM = 32_000;
const LARGEST_PP_OHM = 10_000;

// The converter: 12 bits over different ranges (controller-model-2 9).
const STEPS = 273;
const CP_RANGE_MV = 1760;
const CP_OFFSET_MV = 13_200;
const PP_RANGE_MV = 220;
const PP_MAX_STEPS = 4095;
const PP_OPEN_MV = 3300;

/** The levels of a board, in steps of its converter (controller-model-2 9.1). */
export interface PilotLevels {
  /** High and low half before the source resistor. */
  readonly high: number;
  readonly low: number;
  /** Low half after it, with a vehicle. */
  readonly lowWithVehicle: number;
  readonly plus12: number;
  readonly minus12: number;
}

/** mV for a step of the converter on the control pilot or on -12 V. */
export function cpVoltage(step: number): number {
  return Math.trunc((step * CP_RANGE_MV) / STEPS) - CP_OFFSET_MV;
}

/** The step of the converter for a voltage on the control pilot, mV. */
export function cpStep(millivolts: number): number {
  return Math.trunc(((millivolts + CP_OFFSET_MV) * STEPS) / CP_RANGE_MV);
}

/** mV of the +12 V rail for a step of the converter. */
export function plus12Voltage(step: number): number {
  return Math.trunc((step * CP_RANGE_MV) / 2 / STEPS);
}

/** mV after the source resistor in the high half of the signal, under `load` ohms. */
export function highAfter({ high }: PilotLevels, load: number, diode: boolean): number {
  if (load >= NO_LOAD_OHM) return between(high);
  const source = cpVoltage(high);
  const share = load / (load + SOURCE_OHM);
  return diode ? DIODE_MV + (source - DIODE_MV) * share : source * share;
}

/** mV after the source resistor in the low half; a vehicle's diode keeps its load off it. */
export function lowAfter({ low, lowWithVehicle }: PilotLevels, load: number, diode: boolean): number {
  if (load >= NO_LOAD_OHM) return between(low);
  return diode ? between(lowWithVehicle) : (cpVoltage(low) * load) / (load + SOURCE_OHM);
}

/** Ohms for the voltages before and after the source resistor, mV. */
export function cpOhms(before: number, after: number): number {
  const ohms = Math.trunc((SOURCE_OHM * (after - DIODE_MV)) / (before - after));
  // In the firmware a negative number wraps to a very large one. So a bare short reads as open (Q6).
  return ohms < 0 || ohms > LARGEST_CP_OHM ? OPEN_READING_OHM : ohms;
}

/** Step of the converter for the cable's resistor in ohms, null for none. */
export function ppStep(resistor: number | null): number {
  const millivolts = resistor === null ? PP_OPEN_MV : (10_000 * resistor) / (2000 + 3 * resistor);
  return Math.min(PP_MAX_STEPS, Math.trunc((millivolts * STEPS) / PP_RANGE_MV));
}

/** mV of the proximity contact for a step of the converter. */
export function ppVoltage(step: number): number {
  return Math.trunc((step * PP_RANGE_MV) / STEPS);
}

/** Ohms of the cable's resistor for the voltage of the proximity contact, mV. */
export function ppOhms(millivolts: number): number {
  const ohms = Math.trunc((2000 * millivolts) / (10_000 - 3 * millivolts));
  return ohms > LARGEST_PP_OHM || ohms < 0 ? OPEN_READING_OHM : ohms;
}

/** A voltage that reads as this step. */
function between(step: number): number {
  return ((step + 0.5) * CP_RANGE_MV) / STEPS - CP_OFFSET_MV;
}
