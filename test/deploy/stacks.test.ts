import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { connectAsync, type IClientOptions } from 'mqtt';
import { until } from '../_until.js';
import { brokers, Onlooker, requireMosquitto } from '../mqtt/_brokers.js';
import { root, stacks } from './_compose.js';
import { checkBroker, Room, Running, startBridge, startBroker } from './_stack.js';

const PREFIXES: Readonly<Record<string, readonly string[]>> = {
  'two-chargers': ['garage/left', 'garage/right'],
};

test('Mosquitto is there', requireMosquitto);

const present = brokers.some(({ name }) => name === 'mosquitto');

for (const stack of present ? stacks : []) {
  test(`${stack}: set up and started, it works for those who may, and not for others`, async (t) => {
    const room = new Room(stack);
    t.teardown(() => room.remove());
    room.setUp();
    const { port, broker } = await startBroker(room);
    t.teardown(() => broker.stop());
    const { bridge, probe } = await startBridge(room, port);
    t.teardown(async () => {
      await bridge.stop();
      if (!t.passed) t.log(bridge.said);
    });
    const login = (username: string) => ({ username, password: room.secret(username) });

    const home = await Onlooker.at(t, port, login('homeassistant'));
    t.teardown(() => home.client.endAsync(true));
    const stranger = await connectAsync({
      host: '127.0.0.1',
      port,
      protocol: 'mqtt',
      protocolVersion: 5,
      reconnectPeriod: 0,
      ...login('health'),
    });
    t.teardown(() => stranger.endAsync(true));
    for (const prefix of PREFIXES[stack] ?? ['warp']) {
      await home.sees(`${prefix}/bridge/state`, 'online');
      for (const topic of ['info/name', 'meter/values', 'bridge/info', 'bridge/current_limit'])
        await home.sees(`${prefix}/${topic}`);
      await home.sees(`${prefix}/evse/external_current`, '{"current":32000}');
      const write = `${prefix}/evse/external_current_update`;
      await t.throwsAsync(stranger.publishAsync(write, '7000', { qos: 1 }), { message: /Not authorized/ });
      await home.client.publishAsync(write, '10000', { qos: 1 });
      await home.sees(`${prefix}/evse/external_current`, '{"current":10000}');
      t.deepEqual(home.all(`${prefix}/evse/external_current`), [{ current: 32000 }, { current: 10000 }]);
      await home.client.publishAsync(`${prefix}/evse/external_current`, '1', { qos: 1, retain: true });
    }
    await until(
      () =>
        [...home.newest.keys()].filter((topic) => /^homeassistant\/device\/[^/]+\/config$/.test(topic))
          .length === (PREFIXES[stack]?.length ?? 1),
      'one discovery document per charger',
    );
    t.false([...home.newest.keys()].some((topic) => topic.startsWith('$SYS')));
    t.false(
      home.seen.some(({ payload }) => payload === '1'),
      'a state can only be published by the bridge',
    );

    await until(async () => (await probe()) === 0, "the bridge's health check");
    await until(async () => (await checkBroker(room, port)) === 0, "the broker's health check");
    t.is(await bridge.stop(), 0, bridge.said);
    await home.sees(`${PREFIXES[stack]?.[0] ?? 'warp'}/bridge/state`, 'offline');
    const complaints = bridge.said.split('\n').filter((line) => /"level":"(warn|error)"/.test(line));
    t.deepEqual(
      complaints.filter((line) => !line.includes('built-in model')),
      [],
    );
    await broker.stop();
    t.not(await checkBroker(room, port), 0);
  });
}

if (present) {
  test('nobody gets in without a password', async (t) => {
    const room = new Room('mosquitto');
    t.teardown(() => room.remove());
    room.setUp();
    const { port, broker } = await startBroker(room);
    t.teardown(() => broker.stop());
    const dial = (options: IClientOptions) =>
      connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options }, false);
    await t.throwsAsync(dial({}), { message: /Not authorized/ });
    await t.throwsAsync(dial({ username: 'bridge', password: room.secret('health') }), {
      message: /Not authorized/,
    });
  });

  test('`check` finds nothing wrong with a stack', async (t) => {
    const room = new Room('two-chargers');
    t.teardown(() => room.remove());
    room.setUp();
    const { port, broker } = await startBroker(room);
    t.teardown(() => broker.stop());
    const env = room.bridgeEnvironment(port);
    const check = new Running(process.execPath, [join(root, 'dist/main.js'), 'check'], env);
    t.is(await check.ended, 0, check.said);
  });

  test('setup.sh: new passwords are secret and stay; none is in the password file', (t) => {
    const room = new Room('node-red');
    t.teardown(() => room.remove());
    t.notRegex(room.setUp(), new RegExp(room.secret('bridge').replaceAll('+', '\\+')));
    const users = ['bridge', 'homeassistant', 'evcc', 'health', 'nodered'];
    const first = users.map((user) => room.secret(user));
    t.is(new Set(first).size, users.length);
    t.true(first.every((password) => password.length >= 24));
    t.is(room.mode('secrets'), '700');
    t.is(room.mode('secrets/bridge_password'), '644');
    t.is(room.mode('secrets/broker/passwd'), '600');
    t.is(room.mode('secrets/broker/acl'), '600');
    const passwd = readFileSync(join(room.path, 'secrets/broker/passwd'), 'utf8');
    t.deepEqual(
      passwd
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
      [...users].sort(),
    );
    t.false(first.some((password) => passwd.includes(password)));
    room.setUp();
    t.deepEqual(
      users.map((user) => room.secret(user)),
      first,
    );
  });
}

test('setup.sh: outside a stack it says where to run it', (t) => {
  const { status, stderr } = spawnSync(join(root, 'examples/compose/setup.sh'), {
    cwd: root,
    encoding: 'utf8',
  });
  t.is(status, 1);
  t.regex(stderr, /folder of a stack/);
});
