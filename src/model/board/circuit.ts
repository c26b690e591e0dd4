/** Reading of an open control pilot in ohms, and the largest there is (controller-model 2.1). */
export const OPEN_OHM = 65_535;
/** Duty cycle in 1/1000 without PWM. */
export const NO_PWM_PERMILLE = 1000;

// The ideal circuit of controller-model 8.1: generator levels, source resistance, drop of the vehicle's diode.
export const HIGH_MV = 12_193;
export const LOW_MV = -12_283;
export const SOURCE_OHM = 910;
export const DIODE_MV = 650;

const PP_SUPPLY_MV = 5000;
const PP_SOURCE_OHM = 1000;
// An open contact reads the converter's maximum; readings this near to it count as open (charger-wire 2.4).
const PP_MAX_MV = 4095;
const PP_OPEN_WITHIN_MV = 150;
const ADC_MAX = 32_767;

/**
 * Mean voltage in mV on a control pilot with `load` ohms on it and PWM of `duty` in 1/1000. A load without a diode
 * also pulls the low half of the signal up, so that it looks larger than it is (controller-model 12.1).
 */
export function pilotLevel(load: number, diode: boolean, duty: number): number {
  const on = duty / NO_PWM_PERMILLE;
  if (load >= OPEN_OHM) return on * HIGH_MV + (1 - on) * LOW_MV;
  const share = load / (load + SOURCE_OHM);
  if (!diode) return share * (on * HIGH_MV + (1 - on) * LOW_MV);
  return on * (DIODE_MV + (HIGH_MV - DIODE_MV) * share) + (1 - on) * LOW_MV;
}

/** Raw reading for a control pilot voltage in mV. */
export function cpReading(millivolts: number): number {
  return Math.round(6574 + ((millivolts + 12_000) * 25_069) / 24_000);
}

/** Control pilot voltage in mV for a raw reading; the firmware counts in whole numbers. */
export function cpMillivolts(reading: number): number {
  return Math.trunc(((reading - 6574) * 24_000) / 25_069) - 12_000;
}

/** Voltage of the proximity contact in mV with a resistor in ohms on it, null for none. */
export function ppLevel(resistor: number | null): number {
  return resistor === null ? PP_SUPPLY_MV : (PP_SUPPLY_MV * resistor) / (resistor + PP_SOURCE_OHM);
}

/** Raw reading of the proximity contact for a voltage in mV. */
export function ppReading(millivolts: number): number {
  return Math.min(ADC_MAX, Math.floor(8 * millivolts));
}

/** Voltage of the proximity contact in mV for a raw reading. */
export function ppMillivolts(reading: number): number {
  return Math.trunc(reading / 8);
}

/** Ohms for a proximity voltage in mV; -1 for an open contact, as the firmware averages it. */
export function ppResistance(millivolts: number): number {
  if (Math.abs(millivolts - PP_MAX_MV) < PP_OPEN_WITHIN_MV) return -1;
  return Math.trunc((1000 * millivolts) / (PP_SUPPLY_MV - millivolts));
}
