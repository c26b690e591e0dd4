import { getEventListeners } from 'node:events';
import test from 'ava';
import { until } from '../../_until.js';
import { connected, passUntil, someStates, start } from './_rig.js';

test('never more than one push connection and two others', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  for (let n = 0; n < 10; n++) {
    for (const push of rig.server.pushes) push.terminate();
    const writes = [5, 6, 7].map((k) => rig.backend.write('evse/external_current', { current: 1_000 * k }));
    await Promise.all(writes);
    await passUntil(rig, () => rig.server.pushes.size === 1, 'push', 250);
  }
  t.true(rig.server.mostSockets <= 3, `${rig.server.mostSockets} sockets`);
});

/** With 10000 it takes some seven minutes; --node-arguments=--expose-gc makes the memory figures exact. */
const RECONNECTS = Number(process.env.HTTP_RECONNECTS ?? 60);

test(`${RECONNECTS} reconnects leave nothing behind`, async (t) => {
  t.timeout(600_000);
  const rig = await start(t);
  await connected(rig, 'online websocket');
  const timers = rig.clock.waiting;
  const listeners = getEventListeners(rig.signal, 'abort').length;
  const used: number[] = [];
  for (let n = 0; n < RECONNECTS; n++) {
    await rig.clock.pass(100);
    for (const push of rig.server.pushes) push.terminate();
    await passUntil(rig, () => rig.server.pushes.size === 0, 'the loss');
    await passUntil(rig, () => rig.server.pushes.size === 1, 'push', 250);
    rig.sink.states.length = 0;
    rig.sink.connections.length = 0;
    rig.server.requests.length = 0;
    rig.log.lines.length = 0;
    if (n % 500 === 499) {
      globalThis.gc?.();
      used.push(Math.round(process.memoryUsage().heapUsed / 1e5) / 10);
    }
  }
  await passUntil(rig, () => rig.clock.waiting <= timers, 'timers of old connections to end');
  t.is(getEventListeners(rig.signal, 'abort').length, listeners);
  await until(() => rig.server.sockets.size <= 3, 'old connections to end');
  if (used.length > 0) t.log(`heap used, MB: ${used.join(' ')}`);
  await rig.stop();
  await until(() => rig.server.sockets.size === 0, 'all connections to end');
  t.is(rig.clock.waiting, 0);
});

test('the signal ends everything, whatever is going on', async (t) => {
  for (const options of [{}, { server: { noPush: 503 } }, { transport: 'websocket' } as const]) {
    const rig = await start(t, options);
    await connected(rig, 'online');
    rig.server.fault = () => true;
    const write = rig.backend.write('evse/external_current', { current: 8_000 });
    const failed = t.throwsAsync(write, { name: 'Unavailable' });
    await until(() => rig.server.asked('PUT').length === 1, 'the write');
    await rig.stop();
    await failed;
    const told = rig.sink.states.length + rig.sink.connections.length;
    await until(() => rig.server.sockets.size === 0, 'all connections to end');
    t.is(rig.clock.waiting, 0);
    t.is(rig.sink.states.length + rig.sink.connections.length, told);
    await t.throwsAsync(rig.backend.write('evse/external_current', { current: 8_000 }), {
      name: 'Unavailable',
    });
  }
});

test('the signal may come before anything else, and during the handshake', async (t) => {
  const rig = await start(t, {
    prepare: (server) => {
      server.dump = () => {};
    },
    states: someStates(),
  });
  await rig.stop();
  await until(() => rig.server.sockets.size === 0, 'all connections to end');
  t.is(rig.clock.waiting, 0);
  t.deepEqual(rig.sink.connections, []);
});
