import type { VehiclePreset, VehicleState } from '../api-types.js';

type Traits = Pick<
  VehicleState,
  'phases' | 'max_current' | 's2_delay' | 'needs_wakeup' | 'ignores_stop' | 'ventilation' | 'diode_fault'
>;

const USUAL: Traits = {
  phases: 3,
  max_current: 16_000,
  s2_delay: null,
  needs_wakeup: 0,
  ignores_stop: false,
  ventilation: false,
  diode_fault: false,
};

/** No vehicle is plugged in. The other members are those of the usual car, for the one that comes. */
export const NO_VEHICLE: VehicleState = {
  connected: false,
  requesting: false,
  ventilation: false,
  diode_fault: false,
  phases: USUAL.phases,
  max_current: USUAL.max_current,
  energy_wanted: null,
  cable_current: 32_000,
  cp_resistance: null,
  s2_delay: USUAL.s2_delay,
  needs_wakeup: USUAL.needs_wakeup,
  ignores_stop: USUAL.ignores_stop,
  preset: 'three_phase_11kw',
};

/** The members that define each car. The slow one closes S2 late; the sleepy one must first lose the control pilot. */
const PRESETS: Readonly<Record<Exclude<VehiclePreset, 'custom'>, Traits>> = {
  three_phase_11kw: USUAL,
  three_phase_22kw: { ...USUAL, max_current: 32_000 },
  one_phase_7kw: { ...USUAL, phases: 1, max_current: 32_000 },
  slow: { ...USUAL, s2_delay: 12_000 },
  sleepy: { ...USUAL, needs_wakeup: 3000 },
};

const NAMES = Object.keys(PRESETS) as Exclude<VehiclePreset, 'custom'>[];

/** A change of the preset sets the traits of that car. Otherwise the preset is the one that the traits belong to. */
export function withPreset(wanted: VehicleState, before: VehicleState): VehicleState {
  if (wanted.preset !== before.preset && wanted.preset !== 'custom') {
    return { ...wanted, ...PRESETS[wanted.preset] };
  }
  return { ...wanted, preset: NAMES.find((name) => isLike(wanted, PRESETS[name])) ?? 'custom' };
}

function isLike(vehicle: VehicleState, traits: Traits): boolean {
  return (Object.keys(traits) as (keyof Traits)[]).every((name) => vehicle[name] === traits[name]);
}
