import test from 'ava';
import { freePort } from '../_ports.js';
import { ByteBroker } from './_byte-broker.js';
import { LinkSetup } from './_link.js';

const at = (port: number) => ({ protocol: 'mqtt', host: '127.0.0.1', port }) as const;

test('when a connection ends the next broker is tried at once; waiting begins after a whole round', async (t) => {
  const first = await ByteBroker.start(t);
  const second = await ByteBroker.start(t);
  const setup = new LinkSetup(t, first.port, { others: [at(await freePort()), at(second.port)] }).start();
  await setup.isUp();
  t.is(second.connections.length, 0, 'the first one comes first');
  const before = setup.clock.now();
  await first.stop();
  await setup.passUntil(() => setup.ups === 2, 'the other broker', 1);
  t.true(setup.clock.now() - before < 400, 'neither the loss nor the broker that is not there made it wait');
  t.deepEqual(
    setup.failures.map(({ reason }) => reason),
    ['lost', 'unreachable'],
  );
  await second.stop();
  await setup.passUntil(() => setup.failures.length >= 5, 'a round', 10);
  const failed = setup.clock.now();
  await setup.passUntil(() => setup.failures.length >= 8, 'the next tries', 10);
  t.true(setup.clock.now() - failed >= 400, 'all have failed: it waits');
  await setup.pass(120_000);
  const errors = setup.log.texts('error').slice(2);
  t.deepEqual([...new Set(errors)].length, errors.length, 'each fault of each broker is told once');
});

test('what is learned of one broker, its version of MQTT, does not hold for another', async (t) => {
  const old = await ByteBroker.start(t, (packet, connection) => {
    if (packet.cmd !== 'connect' || connection.version === 4) return false;
    connection.send({ cmd: 'connack', sessionPresent: false, reasonCode: 0x84 });
    connection.socket.end();
    return true;
  });
  const young = await ByteBroker.start(t);
  const setup = new LinkSetup(t, old.port, { others: [at(young.port)] }).start();
  await setup.isUp();
  t.is(old.last?.version, 4);
  old.last?.socket.destroy();
  await setup.passUntil(() => setup.ups === 2, 'the other broker', 1);
  t.is(young.last?.version, 5);
});

test('a broker that takes connections and says nothing is left after 1.5 s, and waited for longer the next time', async (t) => {
  const silent = await ByteBroker.start(t, () => true);
  const good = await ByteBroker.start(t);
  const setup = new LinkSetup(t, silent.port, { others: [at(good.port)] }).start();
  await setup.passUntil(() => setup.link.up, 'the other broker', 50);
  t.true(setup.clock.now() >= 1_500 && setup.clock.now() < 2_500);
  await good.stop();
  for (const ms of [3_000, 6_000, 10_000]) {
    const count = silent.connections.length;
    await setup.passUntil(() => silent.connections.length > count, 'the next try', 50);
    const [failures, began] = [setup.failures.length, setup.clock.now()];
    await setup.passUntil(() => setup.failures.length > failures, 'its end', 50);
    t.true(Math.abs(setup.clock.now() - began - ms) < 500, `${ms} ms, not ${setup.clock.now() - began}`);
  }
});
