import { createServer, type Socket } from 'node:net';
import { generate, parser } from 'mqtt-packet';
import { type FaultCase, inLab, must, type Result } from './_case.js';
import { Lab, Listener, pause } from './_lab.js';

/** Bytes of a packet in MQTT 5. */
const bytes = (packet: Parameters<typeof generate>[0]): Buffer => generate(packet, { protocolVersion: 5 });

const message = (topic: string, payload: string | Buffer, more: object = {}): Buffer =>
  bytes({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false, ...more });

const CONNACK = bytes({ cmd: 'connack', reasonCode: 0, sessionPresent: false });

/** What a broker may do to a client that it has accepted; each for some seconds. */
const EVIL: Readonly<Record<string, (socket: Socket) => void>> = {
  'bytes that are no packet': (socket) =>
    socket.write(Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * 89) & 255))),
  'a topic that is no UTF-8': (socket) =>
    socket.write(Buffer.from([0x30, 0x06, 0x00, 0x02, 0xc3, 0x28, 0x00, 0x78])),
  'a second CONNACK': (socket) => socket.write(CONNACK),
  AUTH: (socket) => socket.write(bytes({ cmd: 'auth', reasonCode: 0 })),
  'QoS 2': (socket) =>
    socket.write(message('warp/evse/external_current_update', '6000', { qos: 2, messageId: 7 })),
  'the same message 500 times, as duplicates': (socket) => {
    const again = message('warp/evse/start_charging', '', { qos: 1, messageId: 9, dup: true });
    for (let n = 0; n < 500; n++) socket.write(again);
  },
  'acknowledgements of nothing': (socket) => {
    for (let id = 1; id < 500; id++) {
      socket.write(bytes({ cmd: 'puback', messageId: id }));
      socket.write(bytes({ cmd: 'suback', messageId: id, granted: [0x87] }));
    }
  },
  'an alias that nobody announced': (socket) =>
    socket.write(message('', 'x', { properties: { topicAlias: 77 } })),
  '20 000 messages on topics of others': (socket) => {
    for (let n = 0; n < 20_000; n++) socket.write(message(`strange/${n}`, `{"n":${n}}`));
  },
  '5 000 starts of Home Assistant': (socket) => {
    for (let n = 0; n < 5_000; n++) socket.write(message('homeassistant/status', 'online'));
  },
  'a packet of 256 MB': (socket) => {
    socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x01, 0x61]));
    const piece = Buffer.alloc(65_536, 'x');
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  },
  'half a packet': (socket) => socket.write(Buffer.from([0x30, 0x7f, 0x00])),
  'the end at once': (socket) => socket.destroy(),
  'a reset at once': (socket) => socket.resetAndDestroy(),
  'DISCONNECT with an unknown reason': (socket) => socket.write(Buffer.from([0xe0, 0x02, 0xf3, 0x00])),
  'update topics with every kind of nonsense': (socket) => {
    for (const payload of ['', '{', '[[[[', 'null', '1e999', '\u0000', '"'.repeat(9_000)]) {
      socket.write(message('warp/evse/external_current_update', payload));
      socket.write(message('warp/evse/slots_update', payload));
      socket.write(message('warp/__proto__/constructor_update', payload));
    }
  },
};

/** A broker that accepts every client, grants everything, acknowledges nothing, and does `manner`. */
async function evilServer() {
  let manner: (socket: Socket) => void = () => {};
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const packets = parser({ protocolVersion: 5 });
    packets.on('error', () => {});
    packets.on('packet', (packet) => {
      if (packet.cmd === 'connect') {
        socket.write(CONNACK);
        setTimeout(() => manner(socket), 200);
      } else if (packet.cmd === 'subscribe') {
        const granted = packet.subscriptions.map(() => 1);
        socket.write(bytes({ cmd: 'suback', messageId: packet.messageId ?? 0, granted }));
      } else if (packet.cmd === 'pingreq') socket.write(bytes({ cmd: 'pingresp' }));
    });
    socket.on('data', (data) => packets.parse(data));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    be(next: (socket: Socket) => void) {
      manner = next;
      for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function evilBroker(): Promise<Result> {
  const evil = await evilServer();
  const lab = await Lab.open();
  let recovery = 0;
  let most = 0;
  try {
    for (const [name, manner] of Object.entries(EVIL)) {
      lab.toBroker.target = evil.port;
      evil.be(manner);
      const bridge = lab.startBridge();
      await pause(4_000);
      must(
        bridge.child.exitCode === null && bridge.child.signalCode === null,
        `${name}: it has ended: ${bridge.said.slice(-400)}`,
      );
      most = Math.max(most, bridge.memory);
      must(bridge.memory < 200, `${name}: ${bridge.memory.toFixed()} MB`);
      must(bridge.lines.length < 200, `${name}: ${bridge.lines.length} lines in the log`);
      lab.toBroker.target = lab.broker.port;
      evil.be(() => {});
      lab.toBroker.cut();
      recovery = Math.max(
        recovery,
        await lab.recovered(40_000).catch((error) => Promise.reject(new Error(`${name}: ${error.message}`))),
      );
      must((await bridge.stop()) === 0, `${name}: it did not end with 0`);
    }
  } finally {
    evil.close();
    await lab.close();
  }
  return {
    happened: `${Object.keys(EVIL).length} kinds: it lived each time, at most ${most.toFixed()} MB`,
    recovery,
  };
}

/** What strangers at the broker can do, and brokers that are no good. */
export const strangerCases: readonly FaultCase[] = [
  { name: 'evil-broker', fault: 'a broker does what no broker does', within: 15_000, run: evilBroker },
  {
    name: 'lost-acks',
    fault: 'a broker answers pings and loses its acknowledgements',
    run: async () => {
      const evil = await evilServer();
      const lab = await Lab.open();
      try {
        lab.toBroker.target = evil.port;
        const bridge = lab.startBridge();
        const begun = performance.now();
        while (lab.toBroker.accepted < 2) {
          must(performance.now() < begun + 60_000, 'it waits for ever for acknowledgements');
          await pause(100);
        }
        const took = performance.now() - begun;
        must((await lab.ready()) === 503, 'it is ready meanwhile');
        lab.toBroker.target = lab.broker.port;
        lab.toBroker.cut();
        must(bridge.child.exitCode === null, 'it has ended');
        return {
          happened: `a new connection after ${(took / 1_000).toFixed(0)} s, /readyz 503`,
          recovery: await lab.recovered(40_000),
        };
      } finally {
        evil.close();
        await lab.close();
      }
    },
  },
  {
    name: 'deputy',
    fault: 'somebody who may write one setting asks for answers on topics of others',
    short: true,
    run: () =>
      inLab({}, async (lab) => {
        const targets = [
          'homeassistant/device/x/config',
          'warp/meter/values',
          'warp/power_manager/external_control_update',
          'warp/evse/external_current',
          'warp/bridge/state',
          '$SYS/x',
          'a/+/b',
        ];
        const seen = await Listener.at(lab.broker.port);
        for (const responseTopic of targets) {
          const properties = { responseTopic, correlationData: Buffer.from('1') };
          await seen.client
            .publishAsync('warp/evse/external_current_update', 'bad', { qos: 1, properties })
            .catch(() => {});
        }
        await pause(1_500);
        await seen.close();
        const led = seen.all.filter(
          ({ topic, payload }) => targets.includes(topic) && payload.includes('"status"'),
        );
        must(led.length === 0, `it has answered on ${led.map(({ topic }) => topic).join(', ')}`);
        return {
          happened: `${targets.length} topics: no answer on any of them`,
          recovery: await lab.recovered(20_000),
        };
      }),
  },
  {
    name: 'overwritten',
    fault: 'somebody overwrites retained topics of ours',
    within: 15_000,
    run: () =>
      inLab({}, async (lab) => {
        const thief = await Listener.at(lab.broker.port, 'nothing');
        for (const path of [
          'bridge/state',
          'bridge/charger',
          'bridge/info',
          'info/name',
          'evse/state',
          'evse/slots',
        ]) {
          await thief.client.publishAsync(`warp/${path}`, path.startsWith('bridge/') ? 'offline' : '{}', {
            qos: 1,
            retain: true,
          });
        }
        await thief.close();
        return { happened: 'all put right', recovery: await lab.recovered(40_000) };
      }),
  },
  {
    name: 'large-messages',
    fault: 'three messages of 100 MB on an update topic',
    run: () =>
      inLab({}, async (lab) => {
        const before = lab.bridge?.memory ?? 0;
        const person = await Listener.at(lab.broker.port, 'nothing');
        const huge = Buffer.alloc(100_000_000, '[');
        for (let n = 0; n < 3; n++)
          await person.client.publishAsync('warp/evse/external_current_update', huge, { qos: 1 });
        await pause(2_000);
        await person.close();
        const after = lab.bridge?.memory ?? 0;
        must(after < before + 60, `memory grew from ${before.toFixed()} to ${after.toFixed()} MB`);
        return {
          happened: `memory ${before.toFixed()} → ${after.toFixed()} MB`,
          recovery: await lab.recovered(20_000),
        };
      }),
  },
  ...(
    [
      [
        'flood-good',
        'one topic, good values',
        (n: number) => ['external_current', `${6_000 + (n % 26_000)}`],
        {},
      ],
      ['flood-bad', 'refused ones', (n: number) => ['external_current', `bad ${n}`], {}],
      [
        'flood-topics',
        'ten topics at once',
        (n: number) => [TOPICS[n % TOPICS.length] ?? '', `${6_000 + (n % 26_000)}`],
        {},
      ],
      [
        'flood-flash',
        'a topic that the charger keeps in flash',
        (n: number) => ['global_current', `${6_000 + (n % 26_000)}`],
        {},
      ],
      [
        'flood-answers',
        'refused ones with 8 kB of correlation data',
        (n: number) => ['external_current', `bad ${n}`],
        { properties: { responseTopic: 'flood/answers', correlationData: Buffer.alloc(8_000, 'x') } },
      ],
    ] as const
  ).map(
    ([name, what, make, options]): FaultCase => ({
      name,
      fault: `2 000 writes a second for 15 s: ${what}; a polite writer beside them`,
      within: 10_000,
      alone: true,
      run: () => flood((n) => [...make(n)] as [string, string], options),
    }),
  ),
];

const TOPICS = [
  'external_current',
  'external_clear_on_disconnect',
  'automation_current',
  'boost_mode',
  'ocpp_enabled',
  'user_enabled',
  'global_current',
  'led_configuration',
  'management_enabled',
  'start_charging',
];

async function flood(make: (n: number) => [name: string, payload: string], options: object): Promise<Result> {
  return inLab({}, async (lab) => {
    const before = lab.bridge?.memory ?? 0;
    const lines = lab.bridge?.lines.length ?? 0;
    const flooder = await Listener.at(lab.broker.port, 'warp/bridge/response');
    let sent = 0;
    const begun = performance.now();
    const timer = setInterval(() => {
      for (const due = (performance.now() - begun) * 2; sent < due; sent++) {
        const [name, payload] = make(sent);
        flooder.client.publish(`warp/evse/${name}_update`, payload, { qos: 0, ...options });
      }
    }, 10);
    const waits: number[] = [];
    let unanswered = 0;
    while (performance.now() < begun + 15_000) {
      const answer = await lab.write(`${7_000 + waits.length}`, 5_000, 'evse/external_current');
      if (answer) waits.push(answer.took);
      else unanswered += 1;
      await pause(200);
    }
    clearInterval(timer);
    await flooder.close();
    waits.sort((a, b) => a - b);
    const p95 = waits[Math.floor(waits.length * 0.95)] ?? 0;
    const after = lab.bridge?.memory ?? 0;
    const logged = (lab.bridge?.lines.length ?? 0) - lines;
    const recovery = await lab.recovered(30_000);
    const what = `polite writer answered in ${(p95 / 1_000).toFixed(2)} s (95 %), ${unanswered} times not; memory ${before.toFixed()} → ${after.toFixed()} MB; ${logged} lines in the log`;
    must(unanswered === 0 && p95 < 2_000 && after < before + 150 && logged < 400, what);
    return { happened: what, recovery };
  });
}
