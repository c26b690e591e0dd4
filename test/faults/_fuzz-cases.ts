import { Duplex } from 'node:stream';
import { generate } from 'mqtt-packet';
import { DigestLogin } from '../../src/backend/http/digest.js';
import { PushFrameReader, readLine } from '../../src/backend/http/push-frames.js';
import { BadConfiguration, messageOf, Refused } from '../../src/base/errors.js';
import { isObject, type Json } from '../../src/base/json.js';
import { checkState, wantedValue } from '../../src/charger/payload.js';
import { readConfig } from '../../src/config/index.js';
import { settings } from '../../src/config/settings.js';
import { MqttJsLink } from '../../src/mqtt/mqttjs-link.js';
import { chargerTopics } from '../../src/topics/index.js';
import { FakeClock, FakeLog, settle } from '../_fakes.js';
import { SeededRandom } from '../world/_seeded-random.js';
import { type FaultCase, must } from './_case.js';

const topics = [...chargerTopics().values()];

const BITS: readonly string[] = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '0',
  '1',
  '-1',
  '6000',
  '32000',
  '32001',
  '5999',
  '16000.0',
  '1e3',
  '1e999',
  'null',
  'true',
  'false',
  '"current"',
  '"enabled"',
  '"__proto__"',
  '"constructor"',
  '\\u0000',
  '\\ud800',
  ' ',
  '\n',
  '\u0000',
  '\ufeff',
  'é',
  '🔌',
  '//',
  "'",
  '"x"',
  '[[[[[[[[[[[[',
  '{"a":',
  'NaN',
  '-',
  '+',
  '.',
  'E',
];

/** A text that is sometimes JSON and mostly nearly so. */
function text(random: SeededRandom, examples: readonly string[]): string {
  const kind = random.int(0, 3);
  if (kind === 0) return Array.from({ length: random.int(0, 12) }, () => random.pick(BITS)).join('');
  const example = random.pick(examples);
  if (kind === 1) return example;
  let made = example;
  for (let n = random.int(1, 4); n > 0; n--) {
    const at = random.int(0, made.length);
    made =
      made.slice(0, at) + (random.maybe(0.7) ? random.pick(BITS) : '') + made.slice(at + random.int(0, 3));
  }
  return made;
}

/** Calls `act` `count` times; lets other work run now and then. Rejects with the input of the first fault. */
async function many(count: number, act: (random: SeededRandom) => unknown): Promise<number> {
  const random = new SeededRandom(count);
  for (let n = 0; n < count; n++) {
    await act(random);
    if (n % 5_000 === 0) await settle();
  }
  must(Object.keys(Object.prototype).length === 0, 'the prototype of all objects has got members');
  return count;
}

const EXAMPLES = topics.map(({ state, command }) =>
  JSON.stringify(state?.example ?? command?.example ?? null),
);

function currents(value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => currents(item));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'current' ? [member] : currents(member),
  );
}

/** No write ever asks for what a charger must not get. */
function payloads(random: SeededRandom): void {
  const row = random.pick(topics);
  if (!row.command) return;
  const payload = text(random, EXAMPLES);
  let value: Json;
  try {
    value = wantedValue(row, Buffer.from(payload), row.state?.example);
  } catch (error) {
    must(error instanceof Refused, `${row.path} ${payload}: ${messageOf(error)}`);
    return;
  }
  must(row.command.action || value !== null, `${row.path} ${payload} gives null`);
  if (!row.path.startsWith('evse/')) return;
  for (const current of currents(value)) {
    const good =
      current === 0 || (Number.isInteger(current) && Number(current) >= 6_000 && Number(current) <= 32_000);
    must(good, `${row.path} ${payload} gives a current of ${JSON.stringify(current)}`);
  }
}

function states(random: SeededRandom): void {
  const row = random.pick(topics);
  const said = text(random, EXAMPLES);
  let passed: string;
  try {
    passed = checkState(said, row.state, undefined);
  } catch (error) {
    must(error instanceof Error && !(error instanceof TypeError), `${row.path} ${said}: ${messageOf(error)}`);
    return;
  }
  JSON.parse(passed);
}

const LINES = topics.map(
  ({ path, state }) => `{"topic":"${path}","payload":${JSON.stringify(state?.example ?? null)}}\n`,
);

function frames(random: SeededRandom): void {
  const reader = new PushFrameReader({
    state: (path, said) => {
      must(typeof path === 'string', 'a topic that is no text');
      if (path !== 'info/name') JSON.parse(said);
    },
    reads: (path) => path !== 'info/name',
    complete: () => {},
    unreadable: () => {},
  });
  for (let n = random.int(1, 3); n > 0; n--) {
    // As Latin-1 it has bytes that are not UTF-8.
    const bytes = Buffer.from(text(random, LINES), random.maybe(0.3) ? 'latin1' : 'utf8');
    reader.frame(bytes, random.int(0, 2_000));
  }
  readLine(text(random, LINES));
}

function digests(random: SeededRandom): void {
  const login = new DigestLogin('user', 'pass:word');
  const header = text(random, [
    'Digest realm="esp32-lib", qop="auth", nonce="0123456789abcdef", opaque="fedcba9876543210"',
    'Basic realm="x"',
    'Digest nonce=x,,,qop=auth-int',
  ]);
  login.accept(header, undefined);
  const answer = login.answer('GET', '/evse/state');
  must(!/[\r\n]/.test(answer ?? ''), `the challenge ${JSON.stringify(header)} gives a header of two lines`);
}

const NAMES = Object.values(settings).map(({ env }) => env);

async function configurations(random: SeededRandom): Promise<void> {
  const env: Record<string, string> = {};
  for (let n = random.int(1, 4); n > 0; n--) {
    const name = random.pick(NAMES);
    env[random.maybe(0.2) ? `${name.slice(0, -1)}` : name] = text(random, [
      'mqtt://h:1',
      'http://bob:hunter2@h',
      '1',
      'true',
      'x',
    ]);
  }
  try {
    await readConfig([], env);
  } catch (error) {
    must(error instanceof BadConfiguration, `${JSON.stringify(env)}: ${messageOf(error)}`);
    must(!error.message.includes('hunter2'), `${JSON.stringify(env)}: the password is in the message`);
  }
}

/** A stream whose other end a test holds. */
class Wire extends Duplex {
  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    done();
  }
}

async function packets(count: number): Promise<number> {
  const random = new SeededRandom(7);
  const open: Wire[] = [];
  const clock = new FakeClock();
  const log = new FakeLog();
  const link = new MqttJsLink({
    protocol: 'mqtt',
    host: 'broker',
    port: 1,
    clientId: 'x',
    protocolVersion: 5,
    keepalive: 30,
    rejectUnauthorized: true,
    clock,
    log,
    openStream: () => {
      const wire = new Wire();
      open.push(wire);
      return wire;
    },
  });
  link.subscribe('a/b', () => {});
  const stop = new AbortController();
  const ended = link.run(stop.signal);
  const samples = [
    generate({ cmd: 'connack', reasonCode: 0, sessionPresent: false }, { protocolVersion: 5 }),
    generate(
      { cmd: 'publish', topic: 'a/b', payload: 'x', qos: 1, messageId: 3, retain: true, dup: false },
      { protocolVersion: 5 },
    ),
    generate({ cmd: 'suback', messageId: 1, granted: [1] }, { protocolVersion: 5 }),
    generate({ cmd: 'puback', messageId: 1 }, { protocolVersion: 5 }),
    generate({ cmd: 'disconnect', reasonCode: 0x8e }, { protocolVersion: 5 }),
    generate({ cmd: 'pingresp' }, { protocolVersion: 5 }),
  ];
  for (let n = 0; n < count; n++) {
    const wire = open.at(-1);
    const packet = Buffer.from(random.pick(samples));
    for (let flips = random.int(0, 3); flips > 0; flips--)
      packet[random.int(0, packet.length - 1)] = random.int(0, 255);
    if (!wire || wire.destroyed) await clock.pass(31_000);
    else wire.push(packet);
    if (n % 20 === 0) await settle();
    if (n % 200 === 0) wire?.destroy();
  }
  stop.abort();
  open.at(-1)?.destroy();
  await clock.pass(10_000);
  await ended;
  return count;
}

const PLAN: readonly (readonly [what: string, long: number, run: (count: number) => Promise<number>])[] = [
  ['payloads', 400_000, (count) => many(count, payloads)],
  ['states', 250_000, (count) => many(count, states)],
  ['frames', 150_000, (count) => many(count, frames)],
  ['digests', 200_000, (count) => many(count, digests)],
  ['configurations', 3_000, (count) => many(count, configurations)],
  ['packets', 60_000, packets],
];

/** Inputs that nobody thought of. */
export const fuzzCases: readonly FaultCase[] = PLAN.map(([what, long, run]) => ({
  name: `fuzz-${what}`,
  fault: `${what} made by chance, ${long.toLocaleString('en')} of them`,
  short: true,
  alone: true,
  run: async (short) => {
    const done = await run(short ? Math.ceil(long / 50) : long);
    return { happened: `${done.toLocaleString('en')} inputs, no fault` };
  },
}));
