// node build/bench/model.js         cost of the controller model
// node build/bench/model.js year [warp1|warp2|warp3] [seed]
//                                   a random walk through a simulated year, watched for broken invariants
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Controller } from '../src/model/controller.js';
import { type ModelType, modelTypes } from '../src/model/generations/model-type.js';
import type { Action } from '../test/model/_actions.js';
import { table } from './_process.js';

const TICK = 50;
const TICKS_PER_SECOND = 1000 / TICK;
const DAY = 24 * 3_600_000;

/** What has to be so before a vehicle can charge; chance alone would block the charger most of the year. */
const CLEARANCE: readonly Action[] = [
  { do: 'supply', live: true, contactor: 'ok' },
  { do: 'button', pressed: false },
  { do: 'wait', ms: 200 },
  { do: 'flag', topic: 'setRequireMeter', enabled: false },
  { do: 'enable', topic: 'setManagementEnabled', enabled: false },
  { do: 'enable', topic: 'setUserEnabled', enabled: false },
  { do: 'enable', topic: 'setModbusTcpEnabled', enabled: false },
  { do: 'enable', topic: 'setOcppEnabled', enabled: false },
  { do: 'limits', duration: 0, energy: 0 },
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
  { do: 'flag', topic: 'setExternalClearOnDisconnect', enabled: false },
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

interface Cost {
  /** CPU time of one tick, µs. */
  readonly tick: number;
  /** Heap of the whole process, MB. */
  readonly memory: number;
}

/**
 * Ticks per second and memory of 1 and 1 000 controllers of each type, as a table; the short form takes some seconds.
 */
export async function benchModel(short: boolean): Promise<string> {
  const seconds = short ? 20 : 200;
  const rows = modelTypes.flatMap((type) =>
    [1, 1000].flatMap((count) =>
      (['idle', 'charging'] as const).map((state) => {
        const { tick, memory } = cost(
          type,
          count,
          state === 'charging',
          count === 1 ? 500 * seconds : seconds,
        );
        const share = (tick * count * TICKS_PER_SECOND) / 10_000;
        return [
          type,
          `${count}`,
          state,
          tick.toFixed(2),
          Math.round(1e6 / tick).toLocaleString('en'),
          `${share.toFixed(3)} %`,
          memory.toFixed(1),
        ];
      }),
    ),
  );
  const head = [
    'type',
    'controllers',
    'state',
    'µs per tick',
    'ticks/s',
    `of a core at ${TICKS_PER_SECOND} ticks/s`,
    'heap, MB',
  ];
  return table([head, ...rows]);
}

function cost(type: ModelType, count: number, charging: boolean, seconds: number): Cost {
  const controllers = Array.from({ length: count }, (_, seed) => prepared(type, seed, charging));
  let now = 60_000;
  const ticks = () => {
    for (let left = (seconds * TICKS_PER_SECOND) / 2; left > 0; left--) {
      now += TICK;
      for (const controller of controllers) controller.tick(now);
    }
  };
  // The first half warms the compiler up.
  ticks();
  const start = process.cpuUsage();
  ticks();
  const { user, system } = process.cpuUsage(start);
  return { tick: (user + system) / (count * ((seconds * TICKS_PER_SECOND) / 2)), memory: heap() / 2 ** 20 };
}

function prepared(type: ModelType, seed: number, charging: boolean): Controller {
  const controller = new Controller({ type, seed });
  controller.tick(0);
  if (charging)
    controller.world.setVehicle({ ...controller.world.vehicle(), connected: true, requesting: true });
  controller.tick(60_000);
  return controller;
}

/** Heap in use after a collection, bytes. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** Walks through `days` at random; throws when an invariant breaks. */
async function year(days: number, type: ModelType, seed: number): Promise<string> {
  const [{ default: fc }, { anyAction, anyLaterAction }, { Walk }] = await Promise.all([
    import('fast-check'),
    import('../test/model/_actions.js'),
    import('../test/model/_fuzz.js'),
  ]);
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const start = performance.now();
  const words = process.argv.slice(2);
  console.log(
    words.includes('year')
      ? await year(
          365,
          modelTypes.find((type) => words.includes(type)) ?? 'warp1',
          Number(words.find((word) => /^\d+$/.test(word)) ?? 1),
        )
      : await benchModel(words.includes('short')),
  );
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`);
}
