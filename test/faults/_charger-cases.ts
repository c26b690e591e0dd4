import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { type FaultCase, inLab, must, type Result } from './_case.js';
import { type Answer, Lab, pause } from './_lab.js';
import { PASS } from './_tcp-proxy.js';

const UNCERTAIN = /may or may not/;

/** What a writer was told, in short. */
const told = (answer: Answer | undefined): string =>
  answer === undefined
    ? 'nothing'
    : `${answer.code ?? answer.status} (${(answer.took / 1_000).toFixed(1)} s)`;

/** Puts a fault into the simulated charger. */
const fault = (lab: Lab, mode: string, duration?: number) =>
  lab.ask('POST', 'simulator/fault', JSON.stringify(duration === undefined ? { mode } : { mode, duration }));

async function offline(lab: Lab, within: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const wrong = await lab.wrong();
    const took = performance.now() - begun;
    if (wrong.startsWith('bridge/charger is offline')) return took;
    must(took < within, `not offline after ${Math.round(within / 1_000)} s (${wrong || 'all as before'})`);
    await pause(100);
  }
}

/** Faults of the charger, and of the way to it. */
export const chargerCases: readonly FaultCase[] = [
  {
    name: 'charger-kill',
    fault: 'the charger is killed for 6 s and comes back with its defaults',
    short: true,
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.simulate?.signal('SIGKILL');
        const noticed = await offline(lab, 10_000);
        const answer = await lab.write('7000');
        must(answer?.code === 'offline', `a write was answered ${told(answer)}`);
        await pause(4_000);
        await lab.startCharger();
        const recovery = await lab.recovered(40_000);
        must((await lab.ask('GET', 'evse/external_current')) === '{"current":32000}', 'the write was stored');
        return {
          happened: `offline after ${(noticed / 1_000).toFixed(1)} s; a write was told ${told(answer)}`,
          recovery,
        };
      }),
  },
  {
    name: 'charger-frozen-process',
    fault: 'the charger is frozen for 25 s (SIGSTOP)',
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.simulate?.signal('SIGSTOP');
        const answer = await lab.write('12000');
        must(UNCERTAIN.test(answer?.error ?? ''), `a write was told ${answer?.error}`);
        await pause(20_000);
        lab.simulate?.signal('SIGCONT');
        return {
          happened: `a write was told that nobody knows, after ${told(answer)}`,
          recovery: await lab.recovered(40_000),
        };
      }),
  },
  {
    name: 'charger-half-open',
    fault: 'nothing passes between bridge and charger for 20 s, although the connections stand',
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.toCharger.manner = { kind: 'hold' };
        const answer = await lab.write('8000');
        must(UNCERTAIN.test(answer?.error ?? ''), `a write was told ${answer?.error}`);
        const noticed = await offline(lab, 15_000);
        await pause(8_000);
        lab.toCharger.cut();
        lab.toCharger.manner = PASS;
        return {
          happened: `offline ${(noticed / 1_000).toFixed(1)} s after that`,
          recovery: await lab.recovered(40_000),
        };
      }),
  },
  {
    name: 'lost-answer',
    fault: 'the charger carries a write out, and its answer is lost',
    short: true,
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        lab.toCharger.loseAnswerTo('PUT /evse/external_current');
        const answer = await lab.write('7500');
        const value = await lab.ask('GET', 'evse/external_current');
        must(value === '{"current":7500}', `the charger has ${value}`);
        must(
          answer?.status === 'ok' || UNCERTAIN.test(answer?.error ?? ''),
          `a write was told ${answer?.error}`,
        );
        return {
          happened: `it was told ${told(answer)}, the charger has it`,
          recovery: await lab.recovered(20_000),
        };
      }),
  },
  {
    name: 'reboot',
    fault: 'the charger restarts; in the meantime it does not answer for 5 s',
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        await lab.write('9000');
        await fault(lab, 'reboot', 5_000);
        const begun = performance.now();
        await offline(lab, 10_000);
        while ((await lab.ask('GET', 'evse/state')) === undefined) await pause(50);
        const answers = performance.now() - begun;
        return {
          happened: `it answered again after ${(answers / 1_000).toFixed(1)} s`,
          recovery: await lab.recovered(40_000),
        };
      }),
  },
  {
    name: 'stall',
    fault: "the charger's main loop stands still for 15 s",
    within: 15_000,
    run: () =>
      inLab({}, async (lab) => {
        await fault(lab, 'stall', 15_000);
        const answer = await lab.write('11000');
        must(answer?.status === 'error', `a write was told ${told(answer)}`);
        await pause(9_500);
        return { happened: `a write was told ${answer?.error}`, recovery: await lab.recovered(40_000) };
      }),
  },
  ...(['no_controller', 'frozen'] as const).map(
    (mode): FaultCase => ({
      name: mode.replace('_', '-'),
      fault:
        mode === 'frozen'
          ? 'the charge controller is not read any more for 30 s'
          : 'the charge controller is gone for 30 s',
      within: 15_000,
      run: () =>
        inLab({}, async (lab) => {
          must((await fault(lab, mode)) !== undefined, `the simulated charger has no fault ${mode}`);
          const noticed = await offline(lab, 25_000);
          must((await lab.ready()) === 503, 'it is still ready');
          await pause(Math.max(0, 30_000 - noticed));
          await fault(lab, 'none');
          return {
            happened: `offline after ${(noticed / 1_000).toFixed(1)} s, /readyz 503`,
            recovery: await lab.recovered(60_000),
          };
        }),
    }),
  ),
  {
    name: 'dump',
    fault: 'the charger changes while it sends its dump, and never tells that change',
    within: 10_000,
    run: () =>
      inLab({}, async (lab) => {
        must((await fault(lab, 'lossy_dump')) !== undefined, 'the simulated charger has no fault lossy_dump');
        lab.toCharger.cut();
        for (let n = 0; n < 20; n++) {
          await lab.ask('PUT', 'evse/external_current_update', `${6_000 + 100 * n}`);
          await pause(100);
        }
        return { happened: 'read again', recovery: await lab.recovered(30_000) };
      }),
  },
  ...([401, 403, 404] as const).map(
    (status): FaultCase => ({
      name: `starting-${status}`,
      fault: `the charger comes back and answers ${status} to everything for 8 s while it starts`,
      within: 10_000,
      run: async () => {
        const { server, port, wake } = await startingServer(status);
        const lab = await Lab.open();
        try {
          lab.toCharger.target = lab.chargerPort;
          await lab.up();
          lab.toCharger.target = port;
          lab.toCharger.cut();
          await pause(8_000);
          wake(lab.chargerPort);
          lab.toCharger.target = lab.chargerPort;
          return { happened: 'taken for a charger that is starting', recovery: await lab.recovered(90_000) };
        } finally {
          await lab.close();
          server.close();
        }
      },
    }),
  ),
  {
    name: 'stranger',
    fault: "another device gets the charger's address and answers 200 to everything",
    short: true,
    within: 15_000,
    run: async () => {
      const happened: string[] = [];
      let recovery = 0;
      for (const body of ['<html><title>Router</title></html>', 'null', '[]', '{}']) {
        const server = createHttpServer((_request, answer) => answer.end(body));
        await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
        const address = server.address();
        const result = await inLab({}, async (lab) => {
          lab.toCharger.target = typeof address === 'object' && address ? address.port : 0;
          lab.toCharger.cut();
          const noticed = await offline(lab, 20_000);
          const answer = await lab.write('7000');
          must(answer?.code === 'offline', `with ${body} a write was told ${told(answer)}`);
          lab.toCharger.target = lab.chargerPort;
          lab.toCharger.cut();
          happened.push(`${(noticed / 1_000).toFixed(1)} s`);
          return { happened: '', recovery: await lab.recovered(60_000) };
        });
        recovery = Math.max(recovery, result.recovery ?? 0);
        server.closeAllConnections();
        server.close();
      }
      return { happened: `four kinds of answers: offline after ${happened.join(', ')}`, recovery };
    },
  },
  {
    name: 'evil-charger',
    fault: 'a server at the address of the charger says what no charger says',
    run: evilCharger,
  },
];

/** A server that answers `status` to everything. */
async function startingServer(status: number) {
  const server = createHttpServer((_request, answer) => {
    answer.statusCode = status;
    if (status === 401)
      answer.setHeader('WWW-Authenticate', 'Digest realm="esp32-lib", qop="auth", nonce="a", opaque="b"');
    answer.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { server, port, wake: (_to: number) => server.closeAllConnections() };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

/** Answers by name: bytes, or what is done with the connection. */
const EVIL: Readonly<Record<string, (socket: Socket) => void>> = {
  'status 500': (socket) => socket.write('HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n'),
  redirect: (socket) => socket.write('HTTP/1.1 302 x\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n'),
  'login by Basic': (socket) =>
    socket.write('HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'),
  'one byte a second': (socket) => {
    socket.write(`${OK}Content-Length: 100000\r\n\r\n`);
    const timer = setInterval(() => socket.write('{'), 1_000);
    socket.on('close', () => clearInterval(timer));
  },
  '100 MB body': (socket) => {
    socket.write(`${OK}Content-Length: 104857600\r\n\r\n`);
    const piece = Buffer.alloc(65_536, 'x');
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  },
  'bad UTF-8': (socket) =>
    socket.write(
      Buffer.concat([Buffer.from(`${OK}Content-Length: 3\r\n\r\n`), Buffer.from([0xff, 0xfe, 0xc3])]),
    ),
  '200 headers': (socket) =>
    socket.write(
      `${OK}${Array.from({ length: 200 }, (_, n) => `X-${n}: ${'y'.repeat(200)}`).join('\r\n')}\r\nContent-Length: 2\r\n\r\n{}`,
    ),
  'HTTP/0.9': (socket) => socket.end('{"iec61851_state":0}'),
  'chunks without end': (socket) => {
    socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`);
    const timer = setInterval(() => socket.write('1\r\nx\r\n'), 1);
    socket.on('close', () => clearInterval(timer));
  },
  'a negative length': (socket) => socket.write(`${OK}Content-Length: -5\r\n\r\n{}`),
  '100 Continue for ever': (socket) => {
    for (let n = 0; n < 1_000; n++) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  },
  'deep JSON': (socket) => {
    const body = '['.repeat(120_000);
    socket.write(`${OK}Content-Length: ${body.length}\r\n\r\n${body}`);
  },
  'numbers beyond all': (socket) => socket.write(`${OK}Content-Length: 23\r\n\r\n{"charger_state":1e9999}`),
  'two answers to one question': (socket) =>
    socket.write(`${OK}Content-Length: 2\r\n\r\n{}${OK}Content-Length: 2\r\n\r\n{}`),
  'end in the middle': (socket) => socket.end(`${OK}Content-Length: 50\r\n\r\n{"a":`),
  reset: (socket) => socket.resetAndDestroy(),
  garbage: (socket) => socket.write(Buffer.from(Array.from({ length: 5_000 }, (_, n) => (n * 197) & 255))),
};

async function evilCharger(): Promise<Result> {
  let manner: (socket: Socket) => void = () => {};
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () => manner(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const lab = await Lab.open({ chargerPort: typeof address === 'object' && address ? address.port : 0 });
  let most = 0;
  try {
    for (const [name, evil] of Object.entries(EVIL)) {
      manner = evil;
      for (const socket of sockets) socket.destroy();
      const bridge = lab.startBridge();
      await offline(lab, 15_000).catch((error) => Promise.reject(new Error(`${name}: ${error.message}`)));
      await pause(2_000);
      const wrong = await lab.wrong();
      must(wrong === 'bridge/charger is offline', `${name}: ${wrong || 'online'}`);
      must(bridge.lines.length < 40, `${name}: ${bridge.lines.length} lines in the log`);
      const { memory } = bridge;
      most = Math.max(most, memory);
      must(memory < 150, `${name}: ${memory.toFixed()} MB`);
      must((await bridge.stop()) === 0, `${name}: it did not end with 0`);
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await lab.close();
  }
  return {
    happened: `${Object.keys(EVIL).length} kinds of answers: offline each time, at most ${most.toFixed()} MB`,
  };
}
