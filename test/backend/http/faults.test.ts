import test, { type ExecutionContext } from 'ava';
import { HttpBackend } from '../../../src/backend/http/index.js';
import { Charger } from '../../../src/charger/charger.js';
import type { Outcome } from '../../../src/charger/write.js';
import { chargerTopics } from '../../../src/topics/index.js';
import { FakeClock, FakeLog, openPolicy } from '../../_fakes.js';
import { FaultyProxy, faults, generator } from './_proxy.js';
import { passUntil, turns } from './_rig.js';
import { line, ScriptedCharger } from './_server.js';
import { testTarget } from './_target.js';

/** How often each kind of fault is tried. */
const ROUNDS = Number(process.env.HTTP_FAULT_ROUNDS ?? 1);

/** How long each kind of fault lasts, and how often something happens meanwhile, ms. */
const ROUND_MS = 6_000;
const STEP_MS = 200;

/** s in which everything must be right again after the last fault: rare topics are polled every five minutes. */
const RECOVERY_S = 320;

/** ms between two signs of life of the charger. */
const BEAT_MS = 1_000;

/** A charger with every topic that has a row, and one that has none. */
function fullStates(): Record<string, unknown> {
  const rows = [...chargerTopics().values()].filter((row) => row.state);
  return {
    'event_log/boot_id': { boot_id: 1 },
    ...Object.fromEntries(rows.map((row) => [row.path, row.state?.example])),
    'evse/not_in_the_registry': { a: 1 },
  };
}

async function bench(t: ExecutionContext, transport: 'auto' | 'websocket' | 'poll', random: () => number) {
  const login = { username: 'owner', password: 'secret' };
  const server = new ScriptedCharger(fullStates(), { login, commands: ['evse/start_charging'] });
  server.startInMemory();
  server.take = (path, body) => {
    if (path === 'evse/external_current') server.set(path, body);
  };
  // As a charger does: what is garbled on its way is refused.
  server.fault = ({ method, body }, response) => {
    if (method !== 'PUT' || /^(null|\{"current":\d+\})$/.test(body)) return false;
    response.writeHead(400, { 'Content-Length': 4 }).end('what');
    return true;
  };
  const clock = new FakeClock();
  const cancelBeat = clock.every(BEAT_MS, () => {
    server.ping();
    server.push(`${line('info/keep_alive', '{"uptime":1}')}\n`);
  });
  const proxy = new FaultyProxy(server.connect, clock, random);
  const log = new FakeLog();
  const topics = chargerTopics();
  const common = { topics, clock, log };
  const backend = new HttpBackend({
    ...common,
    target: testTarget(server.url, login),
    transport,
    pollInterval: 1_000,
    connect: proxy.connect,
    chance: random,
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
    cancelBeat();
    proxy.calm();
    await stop();
    await server.stop();
  });
  return { server, proxy, clock, log, charger, cancelBeat, stop };
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** Topics whose retained state is not the charger's. `except`: those that cannot be known. */
const wrong = ({ server, charger }: Bench, except: readonly string[]) =>
  [...server.states]
    .filter(([path, text]) => !except.includes(path) && charger.store.get(path) !== text)
    .map(([path]) => path);

/** Things go on at the charger, and somebody writes. */
async function traffic(
  { server, charger, clock }: Bench,
  random: () => number,
  receipts: Promise<Outcome>[],
): Promise<void> {
  for (let n = 0; n < ROUND_MS / STEP_MS; n++) {
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
    await clock.pass(STEP_MS);
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
    const made = await bench(t, transport, random);
    const { proxy, server, charger, clock } = made;
    const receipts: Promise<Outcome>[] = [];
    const allRight = () => charger.connection.online && wrong(made, except).length === 0;
    const told = () => `wrong are ${wrong(made, except).join(' ')}, ${JSON.stringify(charger.connection)}`;
    await passUntil(made, allRight, 'the first round');
    for (let round = 0; round < ROUNDS; round++) {
      for (const fault of faults) {
        proxy.fault = fault;
        await traffic(made, random, receipts);
        proxy.calm();
      }
    }
    for (let second = 0; !allRight() && second < RECOVERY_S; second++) await clock.pass(1_000);
    t.true(allRight(), told());
    const outcomes = await Promise.all(receipts);
    const count = (status: string) => outcomes.filter((receipt) => receipt.status === status).length;
    t.true(outcomes.length > 10 && count('ok') > 0, `${count('ok')} of ${outcomes.length} writes were taken`);
    t.deepEqual(made.log.texts('error'), []);

    const payload = Buffer.from('12345');
    const write = charger.write({ path: 'evse/external_current', payload, retained: false });
    await passUntil(
      made,
      () => charger.store.get('evse/external_current') === '{"current":12345}',
      'a write and its read-back',
    );
    t.like(await write, { status: 'ok' });
    await passUntil(made, () => server.sockets.size <= 3, 'old connections to end', 1_000);
    await made.stop();
    await turns();
    t.deepEqual([proxy.connections, server.sockets.size], [0, 0], 'all connections have ended');
    made.cancelBeat();
    t.is(clock.waiting, 0, 'all timers have ended');
  });
}
