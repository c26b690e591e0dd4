import { type FaultCase, inLab, must } from './_case.js';
import { Lab, Listener, pause } from './_lab.js';
import { PASS } from './_tcp-proxy.js';

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const SPEAKS_5 = /\(MQTT 5\)/;
const SPEAKS_311 = /\(MQTT 3\.1\.1/;

const LOGIN = { MQTT_USERNAME: 'bridge', MQTT_PASSWORD: 'right' };

/** Faults between the bridge and the broker, and of the broker. */
export const brokerCases: readonly FaultCase[] = [
  {
    name: 'broker-kill',
    fault: 'the broker is killed for 5 s and loses what it retained',
    short: true,
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.broker.process?.signal('SIGKILL');
        await pause(5_000);
        await lab.ask('PUT', 'evse/external_current_update', '7000');
        await lab.broker.start();
        const recovery = await lab.recovered(30_000);
        return { happened: 'everything was published anew', recovery };
      }),
  },
  {
    name: 'broker-store',
    fault: 'the broker restarts with its store, in which an old wish for 6 A is retained',
    within: 10_000,
    run: () =>
      inLab({ broker: { persistent: true } }, async (lab) => {
        const person = await Listener.at(lab.broker.port);
        await person.client.publishAsync('warp/evse/external_current_update', '6000', {
          retain: true,
          qos: 1,
        });
        await pause(1_500);
        await person.close();
        await lab.broker.process?.stop();
        await lab.broker.start();
        const recovery = await lab.recovered(30_000);
        await pause(1_000);
        must(
          (await lab.ask('GET', 'evse/external_current')) === '{"current":32000}',
          'the old wish was carried out',
        );
        return { happened: 'the old wish was refused, the charger kept 32 A', recovery };
      }),
  },
  {
    name: 'broker-frozen-20',
    fault: 'the broker is frozen for 20 s (SIGSTOP)',
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.broker.process?.signal('SIGSTOP');
        await pause(20_000);
        lab.broker.process?.signal('SIGCONT');
        const recovery = await lab.recovered(30_000);
        const answer = await lab.write('9000');
        must(answer?.status === 'ok', `a write afterwards was answered ${answer?.error}`);
        return { happened: 'a write afterwards was carried out', recovery };
      }),
  },
  {
    name: 'broker-frozen-60',
    fault: 'the broker is frozen for 60 s (SIGSTOP)',
    within: 15_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.broker.process?.signal('SIGSTOP');
        await pause(60_000);
        lab.broker.process?.signal('SIGCONT');
        const recovery = await lab.recovered(60_000);
        must(!SPEAKS_311.test(lab.bridge?.said ?? ''), 'it went back to MQTT 3.1.1');
        const person = await Listener.at(lab.broker.port, 'warp/bridge/response');
        await person.client.publishAsync('warp/evse/external_current_update', '6000', {
          retain: true,
          qos: 1,
        });
        await pause(1_500);
        await person.close();
        must(
          (await lab.ask('GET', 'evse/external_current')) === '{"current":32000}',
          'a retained message was executed',
        );
        return { happened: 'still MQTT 5; a live message with the retain flag was refused', recovery };
      }),
  },
  {
    name: 'half-open',
    fault: 'nothing passes between bridge and broker for 50 s, although both connections stand',
    within: 15_000,
    run: () =>
      inLab({}, async (lab) => {
        const listener = await Listener.at(lab.broker.port, 'warp/bridge/state');
        const begun = performance.now();
        lab.toBroker.manner = { kind: 'hold' };
        while (listener.newest.get('warp/bridge/state') !== 'offline' && performance.now() < begun + 60_000)
          await pause(50);
        const will = performance.now() - begun;
        must(will < 55_000, 'the last will did not come within 55 s');
        await pause(Math.max(0, begun + 50_000 - performance.now()));
        await listener.close();
        lab.toBroker.manner = PASS;
        const recovery = await lab.recovered(60_000);
        must(!SPEAKS_311.test(lab.bridge?.said ?? ''), 'it went back to MQTT 3.1.1');
        return { happened: `the last will came after ${seconds(will)}; still MQTT 5`, recovery };
      }),
  },
  {
    name: 'trickle',
    fault: 'one byte a second between bridge and broker for 75 s while the charger changes twice a second',
    within: 15_000,
    run: () =>
      inLab({}, async (lab) => {
        const before = lab.bridge?.memory ?? 0;
        lab.toBroker.manner = { kind: 'trickle', bytesPerSecond: 1 };
        for (let n = 0; n < 150; n++) {
          await lab.ask('PUT', 'evse/external_current_update', `${6_000 + n}`);
          await pause(480);
        }
        lab.toBroker.manner = PASS;
        const recovery = await lab.recovered(60_000);
        const after = lab.bridge?.memory ?? 0;
        must(after < before + 40, `memory grew from ${before.toFixed()} to ${after.toFixed()} MB`);
        return { happened: `memory ${before.toFixed()} → ${after.toFixed()} MB`, recovery };
      }),
  },
  {
    name: 'latency',
    fault: '0.5 to 3.5 s of latency between bridge and broker; five writes',
    within: 15_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.toBroker.manner = { kind: 'slow', low: 250, high: 1_750 };
        for (let n = 0; n < 5; n++) {
          const answer = await lab.write(`${7_000 + n}`, 20_000);
          must(answer?.status === 'ok', `write ${n} was answered ${answer?.error ?? 'not at all'}`);
        }
        lab.toBroker.manner = PASS;
        return { happened: 'five times ok, no connection lost', recovery: await lab.recovered(30_000) };
      }),
  },
  {
    name: 'no-connack',
    fault: 'the broker takes the connection and says nothing for 16 s',
    within: 15_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.toBroker.manner = { kind: 'hold' };
        lab.toBroker.cut();
        await pause(16_000);
        lab.toBroker.cut();
        lab.toBroker.manner = PASS;
        const recovery = await lab.recovered(60_000);
        must(!SPEAKS_311.test(lab.bridge?.said ?? ''), 'it went back to MQTT 3.1.1');
        return { happened: 'still MQTT 5', recovery };
      }),
  },
  {
    name: 'one-close',
    fault: 'one connection is ended before CONNACK, as a front does before its broker is up',
    short: true,
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        const before = lab.toBroker.accepted;
        lab.toBroker.manner = { kind: 'hang_up' };
        lab.toBroker.cut();
        while (lab.toBroker.accepted === before) await pause(20);
        lab.toBroker.manner = PASS;
        const recovery = await lab.recovered(30_000);
        must(!SPEAKS_311.test(lab.bridge?.said ?? ''), 'it went back to MQTT 3.1.1');
        must(SPEAKS_5.test(lab.bridge?.said ?? ''), 'it never said that it speaks MQTT 5');
        return { happened: 'still MQTT 5', recovery };
      }),
  },
  {
    name: 'login',
    fault: 'the login is refused for 12 s, then the user is created',
    within: 15_000,
    run: async () => {
      const lines = ['allow_anonymous false'];
      const lab = await Lab.open({ broker: { lines, logins: { lab: 'lab' } }, env: LOGIN });
      try {
        lab.startBridge();
        await pause(12_000);
        must(/MQTT_USERNAME/.test(lab.bridge?.said ?? ''), 'nothing in the log names the login');
        lab.broker.login('bridge', 'right');
        lab.broker.process?.signal('SIGHUP');
        return { happened: 'the log names MQTT_USERNAME', recovery: await lab.recovered(60_000) };
      } finally {
        await lab.close();
      }
    },
  },
  {
    name: 'deny-publish',
    fault: 'access rules deny publishing; then they are repaired',
    within: 15_000,
    run: () =>
      inLab({ broker: { acl: 'pattern readwrite #\n' } }, async (lab) => {
        lab.broker.rules(
          'pattern read #\npattern write lab/#\npattern write warp/evse/external_current_update\n',
        );
        lab.broker.process?.signal('SIGHUP');
        await pause(500);
        await lab.ask('PUT', 'evse/external_current_update', '8000');
        await pause(4_000);
        must(
          /denies|not allowed|access rules/i.test(lab.bridge?.said ?? ''),
          'nothing in the log tells of it',
        );
        must((await lab.ready()) === 503, `readiness said ${await lab.ready()}`);
        lab.broker.rules('pattern readwrite #\n');
        lab.broker.process?.signal('SIGHUP');
        const recovery = await lab.recovered(90_000);
        return { happened: 'it was logged, /readyz said 503; after the repair everything came', recovery };
      }),
  },
  {
    name: 'deny-subscribe',
    fault: 'access rules deny reading the update topics; then they are repaired',
    within: 15_000,
    run: () =>
      inLab({ broker: { acl: 'pattern readwrite #\n' } }, async (lab) => {
        lab.broker.rules(
          'pattern write #\npattern read warp/bridge/#\npattern read lab/#\npattern read warp/evse/external_current\n',
        );
        lab.broker.process?.signal('SIGHUP');
        lab.toBroker.cut();
        await pause(4_000);
        // Mosquitto grants the subscription and delivers nothing, so that only `check` can find it.
        must((await lab.write('9000', 1_000)) === undefined, 'the rules deny nothing');
        lab.broker.rules('pattern readwrite #\n');
        lab.broker.process?.signal('SIGHUP');
        const begun = performance.now();
        for (;;) {
          const answer = await lab.write(`${9_000 + Math.round(performance.now() % 1_000)}`, 2_000);
          if (answer?.status === 'ok') break;
          must(performance.now() < begun + 100_000, 'writes do not arrive again');
        }
        return {
          happened: 'Mosquitto grants such a subscription in silence; after the repair writes arrived again',
          recovery: performance.now() - begun,
        };
      }),
  },
  {
    name: 'taken-over',
    fault: 'another client with the same id fights for 20 s',
    within: 15_000,
    run: () =>
      inLab({ env: { MQTT_CLIENT_ID: 'twin' } }, async (lab) => {
        const { connectAsync } = await import('mqtt');
        const before = lab.toBroker.accepted;
        const twin = await connectAsync(`mqtt://127.0.0.1:${lab.broker.port}`, {
          clientId: 'twin',
          protocolVersion: 5,
          reconnectPeriod: 500,
        });
        twin.on('error', () => {});
        await pause(20_000);
        await twin.endAsync(true);
        const recovery = await lab.recovered(60_000);
        const fights = lab.toBroker.accepted - before;
        must(fights < 15, `it connected ${fights} times in 20 s`);
        must(/same client id|another client/.test(lab.bridge?.said ?? ''), 'nothing in the log tells of it');
        return { happened: `told in the log; it connected ${fights} times`, recovery };
      }),
  },
  {
    name: 'small-packets',
    fault: 'the broker takes no packet over 20 000, then over 2 000 bytes',
    short: true,
    run: async () => {
      for (const size of [20_000, 2_000]) {
        await inLab({ broker: { lines: [`max_packet_size ${size}`] } }, async (lab) => {
          const before = lab.toBroker.accepted;
          await pause(6_000);
          must(lab.toBroker.accepted === before, `with ${size} bytes it was thrown out`);
          must((await lab.ready()) === 200, `with ${size} bytes it is not ready`);
          return { happened: '' };
        });
      }
      return { happened: 'one connection each; what does not fit is left out' };
    },
  },
  {
    name: 'large-request',
    fault: 'a request just below a limit of 40 000 bytes, retained, whose answer would be above it',
    short: true,
    within: 10_000,
    run: () =>
      inLab({ broker: { lines: ['max_packet_size 40000'] } }, async (lab) => {
        const person = await Listener.at(lab.broker.port, 'nothing');
        const properties = { responseTopic: 'a', correlationData: Buffer.alloc(39_900 - 93, 'x') };
        await person.client.publishAsync('warp/evse/external_current_update', 'x', {
          qos: 1,
          retain: true,
          properties,
        });
        lab.toBroker.cut();
        const recovery = await lab.recovered(20_000);
        const before = lab.toBroker.accepted;
        await pause(5_000);
        await person.close();
        const more = lab.toBroker.accepted - before;
        must(more === 0, `it was thrown out: ${more} more connections`);
        return { happened: 'it stayed connected', recovery };
      }),
  },
];
