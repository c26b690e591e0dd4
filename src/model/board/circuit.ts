/** Reading of an open control pilot in ohms, and the largest there is (controller-model 2.1). */
export const OPEN_OHM = 65_535;
/** Reading of an open proximity contact in ohms. */
export const OPEN_PP_OHM = 4_294_967_295;

// The ideal circuit of controller-model 8.1: generator levels, source resistance, drop of the vehicle's diode.
const HIGH_MV = 12_193;
const LOW_MV = -12_283;
const SOURCE_OHM = 910;
const DIODE_MV = 650;

const PP_SUPPLY_MV = 5000;
const PP_SOURCE_OHM = 1000;
const PP_OPEN_MV = 3946;
const ADC_MAX = 32_767;

/**
 * What the controller makes of a load without a diode: it still subtracts the diode, and a PWM signal pulls the
 * unclamped low side up, so the load looks larger than it is and a bare short like no load at all (controller-model 12.1).
 */
export function measuredWithoutDiode(load: number, duty: number): number {
  const share = load / (load + SOURCE_OHM);
  const on = duty / 1000;
  const pulledUp = on >= 1 ? 0 : ((1 - on) / on) * -LOW_MV * (1 - share);
  const level = (HIGH_MV * share + pulledUp - DIODE_MV) / (HIGH_MV - DIODE_MV);
  if (level <= 0 || level >= 1) return OPEN_OHM;
  return Math.min(OPEN_OHM, (SOURCE_OHM * level) / (1 - level));
}

/** High level of the control pilot in mV under a load of `resistance` ohms. */
export function highLevel(resistance: number): number {
  if (resistance >= OPEN_OHM) return HIGH_MV;
  return DIODE_MV + ((HIGH_MV - DIODE_MV) * resistance) / (resistance + SOURCE_OHM);
}

/** Mean of the control pilot in mV at `duty` in 1/1000. */
export function meanLevel(resistance: number, duty: number): number {
  const on = duty / 1000;
  return on * highLevel(resistance) + (1 - on) * LOW_MV;
}

/** Raw reading for a control pilot voltage in mV. */
export function cpReading(millivolts: number): number {
  return Math.round(6574 + ((millivolts + 12_000) * 25_069) / 24_000);
}

/** Raw reading of the proximity contact for a resistor in ohms, null for none. */
export function ppReading(resistor: number | null): number {
  if (resistor === null) return ADC_MAX;
  return Math.min(ADC_MAX, Math.floor((8 * PP_SUPPLY_MV * resistor) / (resistor + PP_SOURCE_OHM)));
}

export function ppMillivolts(reading: number): number {
  return Math.floor(reading / 8);
}

export function ppResistance(millivolts: number): number {
  if (millivolts >= PP_OPEN_MV) return OPEN_PP_OHM;
  return Math.floor((1000 * millivolts) / (PP_SUPPLY_MV - millivolts));
}
