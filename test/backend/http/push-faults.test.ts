import test from 'ava';
import { audited, connected, passUntil, type Rig, someStates, start, turns } from './_rig.js';
import { line } from './_server.js';

const bad = Buffer.from([0xff, 0xc3, 0x28]);

async function live({ server, clock }: Rig, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    server.beat();
    await turns();
    await clock.pass(1_000);
  }
}

/** A frame as one text message, whatever its bytes are. */
function pushBytes({ server }: Rig, ...parts: (string | Buffer)[]): void {
  const frame = Buffer.concat(parts.map((part) => Buffer.from(part)));
  for (const push of server.pushes) push.send(frame, { binary: false });
}

test('bytes that are not UTF-8 cost their line: not the others, not the connection', async (t) => {
  const rig = await start(t);
  rig.sink.unwanted.add('wifi/scan_results');
  await connected(rig, 'online websocket');
  await audited(rig);
  const before = `${line('evse/state', '{"before":1}')}\n{"topic":"wifi/scan_results","payload":[{"ssid":"`;
  pushBytes(rig, before, bad, `"}]}\n${line('evse/slots', '["after"]')}\n`);
  pushBytes(rig, `{"topic":"event_log/message","payload":"cut`, bad.subarray(0, 1), '\n');
  await turns();
  t.is(rig.sink.latest.get('evse/state'), '{"before":1}');
  t.is(rig.sink.latest.get('evse/slots'), '["after"]');
  await live(rig, 9_000);
  t.is(rig.server.handshakes, 1);
  t.deepEqual(rig.log.texts('warn'), []);
  t.deepEqual(rig.server.requests, [], 'nobody wanted it');
});

test('such bytes in the dump neither end it nor take a topic with them', async (t) => {
  const rig = await start(t, {
    prepare: (server) => {
      server.dump = (push) => {
        const [first = '', ...rest] = server.dumpFrames();
        push.send(
          Buffer.concat([Buffer.from(`${first}{"topic":"x/y","payload":"`), bad, Buffer.from('"}\n')]),
          {
            binary: false,
          },
        );
        for (const frame of rest) push.send(frame);
      };
    },
  });
  await connected(rig, 'online websocket');
  for (const path of Object.keys(someStates())) t.true(rig.sink.latest.has(path), path);
});

test('a wanted topic whose line is bad is read instead', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  await audited(rig);
  rig.server.states.set('evse/state', '{"read":"instead"}');
  pushBytes(rig, '{"topic":"evse/state","payload":"', bad, '"}\n');
  const since = rig.clock.now();
  await passUntil(rig, () => rig.sink.latest.get('evse/state') === '{"read":"instead"}', 'the state', 100);
  t.true(rig.clock.now() - since <= 5_000, `after ${rig.clock.now() - since} ms`);
});

test('push that comes and goes says why, once, and is told once', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  rig.server.dump = (push) => {
    for (const frame of rig.server.dumpFrames()) push.send(frame);
    rig.clock.after(3_000, () => push.close(1007, 'bad bytes'));
  };
  for (const push of rig.server.pushes) push.close(1007, 'bad bytes');
  await rig.clock.pass(300_000);
  t.true(rig.server.handshakes >= 10, `${rig.server.handshakes} connections`);
  t.true(rig.sink.connections.length <= 2, rig.sink.connections.join());
  const told = rig.log.texts('info').filter((text) => text.includes('push ended twice within a minute'));
  t.is(told.length, 1);
  t.regex(told[0] ?? '', /closed the push connection \(1007\); polling stands in/);
});

test('a dump that the charger never gets to its end is polled instead, and the log says why', async (t) => {
  const rig = await start(t, {
    prepare: (server) => {
      server.dump = (push) => {
        push.send(server.dumpFrames()[0] ?? '');
        push.terminate();
      };
    },
  });
  await connected(rig, 'online polling');
  await rig.clock.pass(120_000);
  t.deepEqual(rig.sink.connections, ['online polling']);
  t.is(rig.log.texts('info').filter((text) => text.includes('push ended twice')).length, 1);
});

test('when it has been steady for a minute push is told again', async (t) => {
  const rig = await start(t);
  await connected(rig, 'online websocket');
  rig.server.dump = (push) => push.terminate();
  rig.server.drop();
  await passUntil(rig, () => rig.sink.connection === 'online polling', 'polling');
  rig.server.dump = undefined;
  await passUntil(rig, () => rig.server.pushes.size === 1, 'push');
  await live(rig, 30_000);
  t.is(rig.sink.connection, 'online polling', 'it may end again any moment');
  await live(rig, 40_000);
  t.is(rig.sink.connection, 'online websocket');
});
