import test, { type ExecutionContext } from 'ava';
import { HttpBackend } from '../../../src/backend/http/index.js';
import type { Cancel, Clock } from '../../../src/base/clock.js';
import { Charger } from '../../../src/charger/charger.js';
import type { Outcome } from '../../../src/charger/write.js';
import { chargerTopics } from '../../../src/topics/index.js';
import { FakeLog, openPolicy } from '../../_fakes.js';
import { until } from '../../_until.js';
import { FaultyProxy, faults, generator } from './_proxy.js';
import { line, ScriptedCharger } from './_server.js';
import { testTarget } from './_target.js';

/** How often each kind of fault is tried. With 200 it takes some five minutes. */
const ROUNDS = Number(process.env.HTTP_FAULT_ROUNDS ?? 1);
/** Real ms of one round, and how much faster than real time the backend lives: a round is 6 s of its time. */
const ROUND = 300;
const SPEED = 20;

/** Time that runs SPEED times faster than it should. */
class FastClock implements Clock {
  readonly #running = new Set<object>();

  now(): number {
    return performance.now() * SPEED;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      run();
    }, ms / SPEED);
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }

  every(ms: number, run: () => void): Cancel {
    const timer = setInterval(run, ms / SPEED);
    this.#running.add(timer);
    return () => {
      clearInterval(timer);
      this.#running.delete(timer);
    };
  }

  get waiting(): number {
    return this.#running.size;
  }
}

/** A charger with every topic that has a row, and one that has none. */
function fullStates(): Record<string, unknown> {
  const rows = [...chargerTopics().values()].filter((row) => row.state);
  return {
    'event_log/boot_id': { boot_id: 1 },
    ...Object.fromEntries(rows.map((row) => [row.path, row.state?.example])),
    'evse/not_in_the_registry': { a: 1 },
  };
}

async function bench(t: ExecutionContext, transport: 'auto' | 'websocket' | 'poll', seed: number) {
  const login = { username: 'owner', password: 'secret' };
  const server = await new ScriptedCharger(fullStates(), {
    login,
    commands: ['evse/start_charging'],
  }).start();
  server.take = (path, body) => {
    if (path === 'evse/external_current') server.set(path, body);
  };
  // As a charger does: what is garbled on its way is refused.
  server.fault = ({ method, body }, response) => {
    if (method !== 'PUT' || /^(null|\{"current":\d+\})$/.test(body)) return false;
    response.writeHead(400, { 'Content-Length': 4 }).end('what');
    return true;
  };
  const beat = setInterval(() => {
    server.ping();
    server.push(`${line('info/keep_alive', '{"uptime":1}')}\n`);
  }, 1_000 / SPEED);
  const proxy = new FaultyProxy(seed);
  const port = await proxy.start(server.port);
  const clock = new FastClock();
  const log = new FakeLog();
  const topics = chargerTopics();
  const url = `http://127.0.0.1:${port}`;
  const common = { topics, clock, log };
  const backend = new HttpBackend({
    ...common,
    target: testTarget(url, login),
    transport,
    pollInterval: 1_000,
  });
  const charger = new Charger({
    ...common,
    backend,
    policy: openPolicy,
    mirror: ['*'],
    passthrough: true,
  });
  const ending = new AbortController();
  const running = charger.run(ending.signal);
  const stop = async () => {
    ending.abort();
    await running;
  };
  t.teardown(async () => {
    clearInterval(beat);
    await stop();
    await proxy.stop();
    await server.stop();
  });
  return { server, proxy, clock, log, charger, stop };
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** Topics whose retained state is not the charger's. `except`: those that cannot be known. */
const wrong = ({ server, charger }: Bench, except: readonly string[]) =>
  [...server.states]
    .filter(([path, text]) => !except.includes(path) && charger.store.get(path) !== text)
    .map(([path]) => path);

/** Things go on at the charger, and somebody writes. */
async function traffic(
  { server, charger }: Bench,
  random: () => number,
  receipts: Promise<Outcome>[],
): Promise<void> {
  const end = performance.now() + ROUND;
  for (let n = 0; performance.now() < end; n++) {
    const current = 6_000 + Math.floor(random() * 26_000);
    server.set('evse/global_current', JSON.stringify({ current }));
    server.set('evse/user_current', JSON.stringify({ current: 38_000 - current }));
    server.set(
      'info/name',
      JSON.stringify({ name: `n${n}`, type: 'warp', display_type: 'WARP', uid: 'U7X' }),
    );
    server.set('evse/not_in_the_registry', JSON.stringify({ a: current }));
    if (n % 3 === 0) {
      const [path, value] = n % 2 ? ['evse/start_charging', null] : ['evse/external_current', { current }];
      const payload = Buffer.from(JSON.stringify(value));
      receipts.push(charger.write({ path: path as string, payload, retained: false }));
    }
    await new Promise((done) => setTimeout(done, 10));
  }
}

for (const [transport, except] of [
  ['auto', []],
  ['websocket', []],
  ['poll', ['evse/not_in_the_registry']],
] as const) {
  test(`whatever happens on the way, in the end every topic is the charger’s: ${transport}`, async (t) => {
    t.timeout(ROUNDS * 5_000 + 120_000);
    const seed = Number(process.env.HTTP_FAULT_SEED ?? 20_261_122);
    const random = generator(seed);
    const made = await bench(t, transport, seed);
    const { proxy, server, charger, clock } = made;
    const receipts: Promise<Outcome>[] = [];
    await until(() => charger.connection.online && wrong(made, except).length === 0, 'the first round');
    for (let round = 0; round < ROUNDS; round++) {
      for (const fault of faults) {
        proxy.fault = fault;
        await traffic(made, random, receipts);
        proxy.calm();
      }
    }
    await until(
      () => charger.connection.online && wrong(made, except).length === 0,
      () =>
        `every topic; wrong are ${wrong(made, except).join(' ')}, connection ${JSON.stringify(charger.connection)}`,
    );
    const outcomes = await Promise.all(receipts);
    const count = (status: string) => outcomes.filter((receipt) => receipt.status === status).length;
    t.true(outcomes.length > 10 && count('ok') > 0, `${count('ok')} of ${outcomes.length} writes were taken`);
    t.deepEqual(made.log.texts('error'), []);

    const receipt = await charger.write({
      path: 'evse/external_current',
      payload: Buffer.from('12345'),
      retained: false,
    });
    t.is(receipt.status, 'ok', JSON.stringify(receipt));
    await until(
      () => charger.store.get('evse/external_current') === '{"current":12345}',
      'a write and its read-back',
    );
    await until(
      () => server.sockets.size <= 3,
      () => `old connections to end; there are ${server.sockets.size}`,
    );
    await made.stop();
    await until(() => proxy.connections === 0 && server.sockets.size === 0, 'all connections to end');
    await until(() => clock.waiting === 0, 'all timers to end');
  });
}
