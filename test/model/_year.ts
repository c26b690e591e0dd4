import fc from 'fast-check';
import type { ModelType } from '../../src/model/generations/model-type.js';
import { type Action, anyAction, anyLaterAction } from './_actions.js';
import { Walk } from './_fuzz.js';

const DAY = 24 * 3_600_000;

/** What has to be so before a vehicle can charge; chance alone would block the charger most of the year. */
const CLEARANCE: readonly Action[] = [
  { do: 'supply', live: true, contactor: 'ok' },
  { do: 'button', pressed: false },
  { do: 'wait', ms: 200 },
  { do: 'enable', topic: 'setManagementEnabled', enabled: false },
  { do: 'enable', topic: 'setUserEnabled', enabled: false },
  { do: 'enable', topic: 'setModbusTcpEnabled', enabled: false },
  { do: 'enable', topic: 'setOcppEnabled', enabled: false },
  ...[2, 3, 6, 7, 9, 10, 11, 13, 14].map((slot) => ({
    do: 'slot' as const,
    slot,
    max: 0,
    active: false,
    clear: true,
  })),
  { do: 'slot', slot: 12, max: 32_000, active: true, clear: false },
  { do: 'current', topic: 'setGlobalCurrent', current: 16_000 },
  { do: 'current', topic: 'setExternalCurrent', current: 32_000 },
  { do: 'external', topic: 'setExternalClearOnDisconnect', enabled: false },
  { do: 'flag', topic: 'setAutoStartCharging', enabled: true },
];

/** The same for what the later generations have besides. */
const LATER_CLEARANCE: readonly Action[] = [
  { do: 'sensor', state: { leakage: 'none', defect: 'none' } },
  {
    do: 'contacts',
    change: {
      phases_live: [true, true, true],
      contactor_2: 'ok',
      auxiliary: 'ok',
      auxiliary_2: 'ok',
      pe: 'ok',
    },
  },
  { do: 'inputs', state: { shutdown: 'open', gp: 'open' } },
  { do: 'gpio', configuration: { shutdown_input: 0, input: 0, output: 1 } },
  { do: 'laterFlag', topic: 'setControlPilotDisconnect', enabled: false },
  { do: 'dcReset', password: 0xdc42fa23 },
];

/** Walks through `days` at random; throws when an invariant breaks. */
export function walkThroughDays(days: number, type: ModelType, seed: number): string {
  // Restarts are rare, so that the uptime gets its chance to wrap after 49.7 days.
  const restarts = new Set(['powerCycle', 'factoryReset']);
  const any = type === 'warp1' ? anyAction : anyLaterAction;
  const clearance = type === 'warp1' ? CLEARANCE : [...CLEARANCE, ...LATER_CLEARANCE];
  const usual = any.filter((action) => action.do !== 'act' || !restarts.has(action.topic));
  const restart = fc.constantFrom('powerCycle' as const, 'factoryReset' as const);
  const rare = fc.record({ do: fc.constant('act' as const), topic: restart });
  const action = fc.oneof({ weight: 50_000, arbitrary: usual }, { weight: 1, arbitrary: rare });
  const plugged = fc.record({
    connected: fc.boolean(),
    requesting: fc.boolean(),
    cp_resistance: fc.constant(null),
    energy_wanted: fc.constant(null),
  });
  const block = fc.record({
    clear: fc.boolean(),
    plugged,
    actions: fc.array(action),
    pause: fc.integer({ min: 0, max: 3_600_000 }),
  });

  const walk = new Walk({ type, seed }, 0);
  let acts = 0;
  let blocks = 0;
  let cycles = 0;
  let closed = false;
  const end = days * DAY;
  while (walk.controller.live().time < end) {
    for (const { clear, plugged, actions, pause } of fc.sample(block, {
      numRuns: 100,
      seed: seed + blocks,
    })) {
      if (clear) for (const one of clearance) walk.act(one);
      walk.act({ do: 'vehicle', change: plugged });
      for (const one of actions) walk.act(one);
      acts += actions.length + 1;
      blocks++;
      walk.leap(pause);
      const { contactorClosed } = walk.controller.live();
      if (contactorClosed && !closed) cycles++;
      closed = contactorClosed;
    }
  }
  const energy = Math.round(walk.controller.meter.values().energy_abs ?? 0);
  return `${type}: ${days} days, ${acts} acts, ${cycles} charges seen between acts, ${energy} kWh: no invariant broken`;
}
