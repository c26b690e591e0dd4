import { connect as dial, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { Instance } from '../../src/mqtt/roll-call.js';
import { settle } from '../_fakes.js';
import { LinkSetup, WILL } from './_link.js';
import { RoutingBroker, type RoutingRules } from './_routing-broker.js';

const ID = 'evse-mqtt-bridge-warp';
const WRITES = 'warp/evse/start_charging_update';

/** One process of several with the same settings: it works like a bridge as far as the link goes. */
class Process {
  readonly setup: LinkSetup;
  readonly executed: string[] = [];
  readonly #sockets = new Set<Socket>();
  #stillSince: number | undefined;
  #dead = false;

  constructor(t: ExecutionContext, broker: RoutingBroker, name: string, ownClientId: boolean, qos: 0 | 1) {
    const instance: Instance = {
      topic: 'warp/bridge/instance',
      id: name,
      claimMs: ownClientId ? 300 : 0,
    };
    const openStream = () => {
      const socket = dial(broker.port, '127.0.0.1');
      if (this.#dead) socket.destroy();
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      return socket;
    };
    const clientId = ownClientId ? `${ID}-${name}` : ID;
    this.setup = new LinkSetup(t, broker.port, { instance, openStream, clientId, qos });
    const { link } = this.setup;
    link.subscribe(WRITES, ({ payload }) => this.executed.push(Buffer.from(payload).toString()));
    const online = () => link.publish({ ...WILL, payload: 'online' });
    link.subscribe(WILL.topic, ({ payload }) => {
      if (Buffer.from(payload).toString() !== 'online' && link.up) online();
    });
    link.onUp(online);
    this.setup.start();
  }

  get works(): boolean {
    return this.setup.link.up;
  }

  get runs(): boolean {
    return !this.#dead && this.#stillSince === undefined;
  }

  kill(): void {
    this.#dead = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  freeze(at: number): void {
    this.#stillSince = at;
    for (const socket of this.#sockets) socket.pause();
  }

  /** It goes on: what has arrived meanwhile comes before its timers. */
  async thaw(at: number): Promise<void> {
    this.setup.clock.stall(at - (this.#stillSince ?? at));
    this.#stillSince = undefined;
    for (const socket of this.#sockets) socket.resume();
    await turns();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await settle();
}

/** Two processes at one broker, and somebody who writes every tenth of a second. */
class Pair {
  readonly broker: RoutingBroker;
  readonly processes: Process[] = [];
  readonly #t: ExecutionContext;
  readonly #ownClientIds: boolean;
  readonly #qos: 0 | 1;
  now = 0;
  writes = 0;

  constructor(t: ExecutionContext, broker: RoutingBroker, ownClientIds: boolean, qos: 0 | 1 = 1) {
    this.#t = t;
    this.#qos = qos;
    this.broker = broker;
    this.#ownClientIds = ownClientIds;
  }

  start(name: string): Process {
    const process = new Process(this.#t, this.broker, name, this.#ownClientIds, this.#qos);
    this.processes.push(process);
    return process;
  }

  async pass(ms: number, writing = true): Promise<void> {
    for (const end = this.now + ms; this.now < end; this.now += 100) {
      for (const { runs, setup } of this.processes) if (runs) await setup.clock.pass(100);
      await turns();
      if (writing) this.broker.publish(WRITES, String(this.writes++));
    }
    await turns();
  }

  /** Passes until `process` works; returns how long that took, ms. */
  async until(process: Process): Promise<number> {
    const since = this.now;
    while (!process.works && this.now < since + 60_000) await this.pass(100);
    this.#t.true(process.works, `${process.setup.log.lines.map(({ text }) => text).join(' | ')}`);
    return this.now - since;
  }

  executions(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { executed } of this.processes) {
      for (const write of executed) counts.set(write, (counts.get(write) ?? 0) + 1);
    }
    return counts;
  }
}

const KINDS: readonly (readonly [string, RoutingRules, 0 | 1])[] = [
  ['MQTT 5 with a reason', { tellsTakeOver: true }, 1],
  ['MQTT 5 without a word', {}, 1],
  ['MQTT 3.1.1, QoS 0', { only4: true }, 0],
];

for (const [kind, rules, qos] of KINDS) {
  for (const ownClientIds of [false, true]) {
    const title = `${kind}, ${ownClientIds ? 'client ids of their own' : 'one client id'}`;

    test(`the second waits, and takes over from one that is killed and one that is frozen: ${title}`, async (t) => {
      const broker = await RoutingBroker.start(t, rules);
      const pair = new Pair(t, broker, ownClientIds, qos);
      const first = pair.start('a1');
      await pair.until(first);
      const second = pair.start('a0');
      await pair.pass(20_000);
      t.true(first.works && !second.works, 'the second one waits');
      t.is(first.setup.failures.length, 0);
      t.deepEqual(
        second.setup.failures.map(({ reason }) => reason),
        ['standing_by'],
      );

      first.freeze(pair.now);
      const before = broker.published.length;
      const offlines = () =>
        broker.published.slice(before).filter((one) => one.topic === WILL.topic && one.payload === 'offline');
      const afterFreeze = await pair.until(second);
      t.true(afterFreeze < 10_000, `${afterFreeze} ms after the freeze`);
      await pair.pass(5_000);
      await first.thaw(pair.now);
      await pair.pass(20_000);
      t.true(second.works && !first.works, 'who was frozen stands by');
      if (ownClientIds) t.deepEqual(offlines(), [], 'it goes without its last will');
      t.is(broker.retained.get(WILL.topic), 'online');

      second.kill();
      const afterKill = await pair.until(first);
      t.true(afterKill < 10_000, `${afterKill} ms after the kill`);
      await pair.pass(5_000);
      t.is(broker.retained.get(WILL.topic), 'online');
      const counts = pair.executions();
      t.deepEqual(
        [...counts.values()].filter((count) => count > 1),
        [],
      );
      // In the two gaps nobody works.
      t.true(counts.size > pair.writes - 250, `${counts.size} of ${pair.writes} writes`);
    });
  }
}

test('of two that start at the same moment one works', async (t) => {
  const broker = await RoutingBroker.start(t);
  const pair = new Pair(t, broker, true);
  const both = [pair.start('b2'), pair.start('b1')];
  await pair.pass(10_000);
  t.is(both.filter(({ works }) => works).length, 1);
  t.true([...pair.executions().values()].every((count) => count === 1));
});

test('a clean stop hands over, and a restart waits for nothing', async (t) => {
  const broker = await RoutingBroker.start(t, { tellsTakeOver: true });
  const pair = new Pair(t, broker, false);
  const first = pair.start('a1');
  t.true((await pair.until(first)) <= 200);
  const second = pair.start('a2');
  await pair.pass(2_000);
  await first.setup.stop();
  t.true((await pair.until(second)) < 5_000);
});

test('where nobody may ask, the one that was thrown out waits for the last will', async (t) => {
  const broker = await RoutingBroker.start(t, { tellsTakeOver: true, denied: ['warp/bridge/instance'] });
  const pair = new Pair(t, broker, false);
  const first = pair.start('a1');
  await pair.until(first);
  const second = pair.start('a2');
  await pair.until(second);
  await pair.pass(20_000);
  t.true(second.works && !first.works);
  second.kill();
  t.true((await pair.until(first)) < 10_000);
});

test('who is thrown out by a client that is no bridge comes back', async (t) => {
  const broker = await RoutingBroker.start(t, { tellsTakeOver: true });
  const pair = new Pair(t, broker, false);
  const only = pair.start('a1');
  await pair.until(only);
  broker.clients.find(({ connect }) => connect.clientId === ID)?.connection.socket.destroy();
  await pair.pass(100);
  t.true((await pair.until(only)) < 5_000);
});

test('what strangers say on the topic of the instances does no harm', async (t) => {
  const broker = await RoutingBroker.start(t);
  const pair = new Pair(t, broker, false);
  const only = pair.start('a1');
  await pair.until(only);
  for (const payload of ['', '{', '[]', '{"instance":1,"state":"active"}', '{"instance":"x","state":"?"}']) {
    broker.publish('warp/bridge/instance', payload);
  }
  for (let n = 0; n < 1_000; n++) {
    broker.publish('warp/bridge/instance', JSON.stringify({ instance: `x${n}`, state: 'waiting' }));
  }
  await pair.pass(1_000);
  t.true(only.works);
  const answers = broker.published.filter(({ by, topic }) => by === ID && topic === 'warp/bridge/instance');
  t.true(answers.length >= 1 && answers.length < 10, `${answers.length} answers`);
});

test('a stop ends the standby at once', async (t) => {
  const broker = await RoutingBroker.start(t);
  const pair = new Pair(t, broker, false);
  await pair.until(pair.start('a1'));
  const second = pair.start('a2');
  await pair.pass(3_000);
  const before = second.setup.clock.now();
  await second.setup.stop();
  t.true(second.setup.clock.now() - before < 500);
  t.deepEqual(broker.present, [ID]);
});

for (const ownClientIds of [false, true]) {
  const title = ownClientIds ? 'client ids of their own' : 'one client id';

  test(`who has stood still again and again does not wait longer each time: ${title}`, async (t) => {
    const broker = await RoutingBroker.start(t, {});
    const pair = new Pair(t, broker, ownClientIds, 1);
    let working = pair.start('a1');
    await pair.until(working);
    let waiting = pair.start('a0');
    await pair.pass(5_000);
    for (let round = 0; round < 8; round++) {
      working.freeze(pair.now);
      const took = await pair.until(waiting);
      t.true(took < 8_000, `${took} ms in round ${round}`);
      await working.thaw(pair.now);
      [working, waiting] = [waiting, working];
      await pair.pass(3_000);
    }
    working.kill();
    const took = await pair.until(waiting);
    t.true(took < 5_000, `${took} ms after the kill`);
  });
}
