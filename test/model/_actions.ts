import fc from 'fast-check';
import type { VehicleState } from '../../src/model/api-types.js';

/** One thing that somebody does to the charger or the world around it. */
export type Action =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'vehicle'; readonly change: Partial<VehicleState> }
  | { readonly do: 'button'; readonly pressed: boolean }
  | { readonly do: 'supply'; readonly live: boolean; readonly contactor: 'ok' | 'stuck_open' | 'welded' }
  | { readonly do: 'current'; readonly topic: (typeof CURRENTS)[number]; readonly current: number }
  | { readonly do: 'enable'; readonly topic: (typeof SWITCHES)[number]; readonly enabled: boolean }
  | { readonly do: 'flag'; readonly topic: (typeof FLAGS)[number]; readonly enabled: boolean }
  | { readonly do: 'act'; readonly topic: (typeof ACTS)[number] }
  | { readonly do: 'led'; readonly indication: number; readonly duration: number }
  | { readonly do: 'defaults'; readonly current: number; readonly clear: boolean }
  | {
      readonly do: 'slot';
      readonly slot: number;
      readonly max: number;
      readonly active: boolean;
      readonly clear: boolean;
    }
  | { readonly do: 'limits'; readonly duration: number; readonly energy: number }
  | { readonly do: 'meter'; readonly slot: number };

const CURRENTS = ['setExternalCurrent', 'setGlobalCurrent', 'setAutomationCurrent'] as const;
const SWITCHES = ['setManagementEnabled', 'setUserEnabled', 'setModbusTcpEnabled', 'setOcppEnabled'] as const;
const FLAGS = [
  'setExternalClearOnDisconnect',
  'setExternalEnabled',
  'setAutoStartCharging',
  'setBoostMode',
  'setLedConfiguration',
  'setRequireMeter',
] as const;
const ACTS = ['startCharging', 'stopCharging', 'powerCycle', 'factoryReset', 'restartProcessor'] as const;
const current = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 6000, 8000, 16_000, 31_999, 32_000) },
  { weight: 2, arbitrary: fc.integer({ min: 6000, max: 32_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 1, 5999, 32_001, 65_535, 6000.5) },
);
const load = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(2700, 880) },
  { weight: 1, arbitrary: fc.constantFrom(null, 65_535, 240, 100) },
  { weight: 1, arbitrary: fc.constantFrom(0, 20, 60, 300, 301, 1790, 1791, 5000, 20_000, 40_000) },
);

/** Anything that may happen, waiting more often than the rest. */
export const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 400 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 400, max: 6000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 6000, max: 40_000 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('vehicle' as const), change: fc.record({ cp_resistance: load }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('vehicle' as const),
      change: fc.record({
        connected: fc.boolean(),
        requesting: fc.boolean(),
        ventilation: fc.constantFrom(false, false, true),
        diode_fault: fc.constantFrom(false, false, false, true),
        phases: fc.integer({ min: 1, max: 3 }),
        energy_wanted: fc.constantFrom(null, null, 5, 50),
        cable_current: fc.constantFrom(0, 13_000, 20_000, 32_000, 63_000),
        cp_resistance: fc.constant(null),
      }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('button' as const), pressed: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('supply' as const),
      live: fc.constantFrom(true, true, false),
      contactor: fc.constantFrom('ok' as const, 'ok' as const, 'stuck_open' as const, 'welded' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('current' as const),
      topic: fc.constantFrom(...CURRENTS),
      current,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('enable' as const),
      topic: fc.constantFrom(...SWITCHES),
      enabled: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('flag' as const),
      topic: fc.constantFrom(...FLAGS),
      enabled: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('act' as const), topic: fc.constantFrom(...ACTS) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('led' as const),
      indication: fc.constantFrom(-2, -1, 0, 100, 255, 300, 1001, 1003, 2001, 2010, 2011),
      duration: fc.constantFrom(0, 100, 3000, 65_535),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('defaults' as const), current, clear: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('slot' as const),
      slot: fc.integer({ min: 0, max: 14 }),
      max: current,
      active: fc.boolean(),
      clear: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limits' as const),
      duration: fc.constantFrom(0, 3000),
      energy: fc.constantFrom(0, 5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('meter' as const), slot: fc.constantFrom(0, 1) }) },
);
