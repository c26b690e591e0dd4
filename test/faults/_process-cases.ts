import { createServer } from 'node:net';
import { type FaultCase, inLab, must } from './_case.js';
import { Lab, Listener, pause } from './_lab.js';

/** Signals, restarts and what lies around the process. */
export const processCases: readonly FaultCase[] = [
  {
    name: 'kill',
    fault: 'the bridge is killed, the charger changes, the bridge is started again',
    short: true,
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        const listener = await Listener.at(lab.broker.port, 'warp/bridge/state');
        lab.bridge?.signal('SIGKILL');
        await lab.bridge?.ended;
        const begun = performance.now();
        while (listener.newest.get('warp/bridge/state') !== 'offline') {
          must(performance.now() < begun + 5_000, 'no last will');
          await pause(10);
        }
        await listener.close();
        await lab.ask('PUT', 'evse/external_current_update', '7000');
        lab.startBridge();
        return {
          happened: 'the last will came at once; the start is part of the recovery',
          recovery: await lab.recovered(30_000),
        };
      }),
  },
  {
    name: 'term-writes',
    fault: 'SIGTERM during 200 writes a second',
    run: () =>
      inLab({}, async (lab) => {
        const person = await Listener.at(lab.broker.port, 'warp/bridge/#');
        let sent = 0;
        const timer = setInterval(() => {
          person.client.publish('warp/evse/external_current_update', `${6_000 + (sent++ % 20_000)}`, {
            qos: 1,
          });
        }, 5);
        await pause(2_000);
        const begun = performance.now();
        lab.bridge?.signal('SIGTERM');
        const code = await lab.bridge?.ended;
        const took = performance.now() - begun;
        clearInterval(timer);
        await pause(500);
        await person.close();
        const at = person.all.findIndex(
          ({ topic, payload }) => topic === 'warp/bridge/state' && payload === 'offline',
        );
        const after = person.all.slice(at + 1).length;
        must(code === 0, `exit ${code}`);
        must(took < 3_000, `it took ${took.toFixed()} ms`);
        must(at >= 0 && after === 0, `${after} messages after the farewell`);
        return { happened: `exit 0 in ${(took / 1_000).toFixed(2)} s, nothing after the farewell` };
      }),
  },
  {
    name: 'term-everywhere',
    fault: 'SIGTERM at 40 moments from the first line of the program on, CONNACK 400 ms late',
    short: true,
    run: async () => {
      const lab = await Lab.open();
      lab.toBroker.manner = { kind: 'slow', low: 200, high: 400 };
      try {
        for (let n = 0; n < 40; n++) {
          const bridge = lab.startBridge();
          // Before that Node itself is loading, which hears SIGTERM and ends.
          while (!bridge.hears('SIGHUP')) await pause(1);
          await pause(n * 50);
          bridge.signal('SIGTERM');
          const code = await bridge.ended;
          must(code === 0, `after ${n * 50} ms: exit ${code}, ${bridge.said.slice(-300)}`);
        }
        return { happened: 'exit 0 each time' };
      } finally {
        await lab.close();
      }
    },
  },
  ...(
    [
      ['cut', 'the broker can not be reached'],
      ['hold', 'the connection to the broker is half-open'],
      ['silent', 'the broker never answers CONNECT'],
    ] as const
  ).map(
    ([how, fault]): FaultCase => ({
      name: `term-${how}`,
      fault: `SIGTERM while ${fault}`,
      run: () =>
        inLab({}, async (lab) => {
          if (how === 'cut') await lab.broker.process?.stop();
          else lab.toBroker.manner = { kind: 'hold' };
          if (how === 'silent') lab.toBroker.cut();
          await pause(3_000);
          const begun = performance.now();
          lab.bridge?.signal('SIGTERM');
          const code = await lab.bridge?.ended;
          const took = performance.now() - begun;
          must(code === 0 && took < 6_000, `exit ${code} after ${took.toFixed()} ms`);
          return { happened: `exit 0 in ${(took / 1_000).toFixed(1)} s` };
        }),
    }),
  ),
  {
    name: 'hangup',
    fault: 'SIGHUP, and a reader of the log that goes away',
    short: true,
    run: () =>
      inLab({}, async (lab) => {
        lab.bridge?.signal('SIGHUP');
        await pause(500);
        must(
          lab.bridge?.child.exitCode === null && lab.bridge.child.signalCode === null,
          'SIGHUP has ended it',
        );
        lab.bridge?.child.stdout?.destroy();
        lab.bridge?.child.stderr?.destroy();
        for (let n = 0; n < 5; n++) await lab.write(`${7_000 + n}`, 3_000);
        must((await lab.ready()) === 200, 'it has died of its log');
        lab.bridge?.signal('SIGTERM');
        const code = await new Promise((done) => lab.bridge?.child.once('exit', done));
        must(code === 0, `exit ${code}`);
        return { happened: 'it went on, and ended with 0' };
      }),
  },
  {
    name: 'stuck-log',
    fault: 'nobody reads the log any more, and 3 000 refused writes come; then SIGTERM',
    run: () =>
      inLab({ env: { LOG_LEVEL: 'debug' } }, async (lab) => {
        lab.bridge?.child.stdout?.pause();
        const person = await Listener.at(lab.broker.port, 'nothing');
        for (let n = 0; n < 3_000; n++)
          person.client.publish('warp/evse/external_current_update', `bad ${n}`);
        await pause(3_000);
        await person.close();
        must((await fetch(`http://127.0.0.1:${lab.http}/livez`)).status === 200, 'it stands still');
        const begun = performance.now();
        lab.bridge?.signal('SIGTERM');
        const code = await new Promise((done) => lab.bridge?.child.once('exit', done));
        const took = performance.now() - begun;
        must(code === 0 && took < 5_000, `exit ${code} after ${took.toFixed()} ms`);
        return { happened: `it went on, and ended with 0 in ${(took / 1_000).toFixed(1)} s` };
      }),
  },
  {
    name: 'busy-port',
    fault: 'HTTP_PORT is in use',
    short: true,
    run: async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const address = server.address();
      const lab = await Lab.open();
      try {
        const port = String(typeof address === 'object' && address ? address.port : 0);
        const bridge = lab.startBridge({ HTTP_PORT: port });
        must((await bridge.ended) === 1, `it ended otherwise: ${bridge.said}`);
        const lines = bridge.lines.filter((line) => line.includes(port));
        must(lines.length === 1 && /HTTP_PORT/.test(lines[0] ?? ''), `it said ${bridge.said}`);
        return { happened: 'exit 1, one sentence that names HTTP_PORT' };
      } finally {
        server.close();
        await lab.close();
      }
    },
  },
];
