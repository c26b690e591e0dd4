import fc from 'fast-check';
import type {
  DcSensorState,
  GpioConfiguration,
  InputState,
  SupplyState,
  VehicleState,
} from '../../src/model/api-types.js';

/** One thing that somebody does to the charger or the world around it. */
export type Action =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'vehicle'; readonly change: Partial<VehicleState> }
  | { readonly do: 'button'; readonly pressed: boolean }
  | { readonly do: 'supply'; readonly live: boolean; readonly contactor: 'ok' | 'stuck_open' | 'welded' }
  | { readonly do: 'current'; readonly topic: (typeof CURRENTS)[number]; readonly current: number }
  | { readonly do: 'enable'; readonly topic: (typeof SWITCHES)[number]; readonly enabled: boolean }
  | { readonly do: 'external'; readonly topic: (typeof EXTERNALS)[number]; readonly enabled: boolean }
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
  | { readonly do: 'meter'; readonly slot: number }
  | LaterAction;

/** What can happen to the later generations only. */
export type LaterAction =
  | { readonly do: 'sensor'; readonly state: DcSensorState }
  | { readonly do: 'inputs'; readonly state: InputState }
  | { readonly do: 'contacts'; readonly change: Partial<SupplyState> }
  | { readonly do: 'gpio'; readonly configuration: GpioConfiguration }
  | { readonly do: 'buttonConfiguration'; readonly button: number }
  | { readonly do: 'laterFlag'; readonly topic: (typeof LATER_FLAGS)[number]; readonly enabled: boolean }
  | {
      readonly do: 'phases';
      readonly topic: 'setPhasesWanted' | 'setPhasesConnected';
      readonly phases: number;
    }
  | { readonly do: 'waitTime'; readonly time: number }
  | { readonly do: 'dcReset'; readonly password: number }
  | { readonly do: 'dcTest' }
  | { readonly do: 'tag'; readonly known: boolean };

const LATER_FLAGS = [
  'setEvWakeup',
  'setPhaseAutoSwitch',
  'setControlPilotDisconnect',
  'setEebusEnabled',
  'setP14aEnwgEnabled',
] as const;

const CURRENTS = ['setExternalCurrent', 'setGlobalCurrent', 'setAutomationCurrent'] as const;
const SWITCHES = ['setManagementEnabled', 'setUserEnabled', 'setModbusTcpEnabled', 'setOcppEnabled'] as const;
const EXTERNALS = ['setExternalClearOnDisconnect', 'setExternalEnabled'] as const;
const FLAGS = ['setAutoStartCharging', 'setBoostMode', 'setLedConfiguration'] as const;
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
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('external' as const),
      topic: fc.constantFrom(...EXTERNALS),
      enabled: fc.boolean(),
    }),
  },
  {
    weight: 3,
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
  { weight: 1, arbitrary: fc.record({ do: fc.constant('meter' as const), slot: fc.constantFrom(0, 1) }) },
);

const do_ = <T extends LaterAction['do']>(name: T) => fc.constant(name);
const mostly = <T>(usual: T, ...others: readonly T[]) => fc.constantFrom(usual, usual, usual, ...others);

const laterOnly: fc.Arbitrary<LaterAction> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: do_('sensor'),
      state: fc.record({
        leakage: mostly<DcSensorState['leakage']>('none', 'dc6', 'ac20', 'both', 'system'),
        defect: mostly<DcSensorState['defect']>('none', 'none', 'none', 'no_x6', 'no_x30', 'stuck'),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: do_('inputs'),
      state: fc.record({
        shutdown: mostly<'open' | 'closed'>('open', 'closed'),
        gp: mostly<'open' | 'closed'>('open', 'closed'),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: do_('contacts'),
      change: fc.record({
        phases_live: mostly([true, true, true], [true, false, false], [true, true, false]),
        contactor_2: mostly<'ok' | 'stuck_open' | 'welded'>('ok', 'ok', 'stuck_open', 'welded'),
        auxiliary: mostly<'ok' | 'broken'>('ok', 'ok', 'broken'),
        auxiliary_2: mostly<'ok' | 'broken'>('ok', 'ok', 'broken'),
        pe: mostly<'ok' | 'broken'>('ok', 'ok', 'broken'),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: do_('gpio'),
      configuration: fc.record({
        shutdown_input: fc.constantFrom(0, 0, 1, 2, 3, 4, 5),
        input: fc.constantFrom(0, 0, 1, 2, 8, 9, 16, 17),
        output: fc.constantFrom(0, 1),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: do_('buttonConfiguration'), button: fc.integer({ min: 0, max: 5 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: do_('laterFlag'),
      topic: fc.constantFrom(...LATER_FLAGS),
      enabled: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: do_('phases'),
      topic: mostly<'setPhasesWanted' | 'setPhasesConnected'>('setPhasesWanted', 'setPhasesConnected'),
      phases: fc.constantFrom(1, 3, 1, 3, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: do_('waitTime'), time: fc.constantFrom(0, 1, 1, 22, 23) }) },
  { weight: 2, arbitrary: fc.record({ do: do_('dcReset'), password: fc.constantFrom(1, 0xdc42fa23) }) },
  { weight: 1, arbitrary: fc.record({ do: do_('dcTest') }) },
  { weight: 1, arbitrary: fc.record({ do: do_('tag'), known: fc.boolean() }) },
);

const laterLoads: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('vehicle' as const),
  change: fc.record({
    cp_resistance: fc.constantFrom(
      null,
      160,
      310,
      1600,
      1650,
      1900,
      2000,
      8900,
      9500,
      10_900,
      11_500,
      33_000,
    ),
  }),
});

/** Anything that may happen to a charger of the later generations. */
export const anyLaterAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: anyAction },
  { weight: 3, arbitrary: laterOnly },
  { weight: 1, arbitrary: laterLoads },
);
