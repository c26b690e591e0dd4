// node build/bench/model.js         cost of the controller model
// node build/bench/model.js year [warp1|warp2|warp3] [seed]
//                                   a random walk through a simulated year, watched for broken invariants
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Controller } from '../src/model/controller.js';
import { type ModelType, modelTypes } from '../src/model/generations/model-type.js';
import { table } from './_process.js';

const TICK = 50;
const TICKS_PER_SECOND = 1000 / TICK;

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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const start = performance.now();
  const words = process.argv.slice(2);
  console.log(
    words.includes('year')
      ? await (await import('../test/model/_year.js')).walkThroughDays(
          365,
          modelTypes.find((type) => words.includes(type)) ?? 'warp1',
          Number(words.find((word) => /^\d+$/.test(word)) ?? 1),
        )
      : await benchModel(words.includes('short')),
  );
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`);
}
