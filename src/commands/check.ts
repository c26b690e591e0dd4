import { randomUUID } from 'node:crypto';
import { pause } from '../base/backoff.js';
import { systemClock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import { membersOf, parseJson } from '../base/json.js';
import type { Log } from '../base/log.js';
import type { ChargerConfig, Config } from '../config/index.js';
import type { Failure, Link } from '../mqtt/link.js';
import { MqttJsLink } from '../mqtt/mqttjs-link.js';
import type { CliCommand } from './index.js';
import { tlsFiles } from './tls-files.js';
import { brokerFor, linkOptions } from './wiring-broker.js';
import { backendFaults, backendKind, backends } from './wiring-charger.js';

export const check: CliCommand = {
  doc: 'tests the connection to broker and charger, and explains failures; exit 0 or 1',
  faults: ({ values, chargers }) => [...tlsFiles(values).faults, ...backendFaults(chargers)],
  async run({ config, print }) {
    const well = await checkAll(config, SILENT, ({ ok, text }) => print(`${ok ? 'ok  ' : 'FAIL'} ${text}`));
    return well ? 0 : 1;
  },
};

/** What goes wrong is told as the outcome of a step. */
const SILENT: Log = { error() {}, warn() {}, info() {}, debug() {}, child: () => SILENT };

/** How long each step may take, ms. */
const PATIENCE_MS = 10_000;

export interface Step {
  readonly ok: boolean;
  readonly text: string;
}

/**
 * Tries the configuration for real (contract 1) and tells each step as it is done: broker, subscribing, a retained
 * round trip, charger, push, firmware. Nothing is set at the charger. Resolves to whether all is well.
 */
async function checkAll(config: Config, log: Log, tell: (step: Step) => void): Promise<boolean> {
  let well = true;
  const told = (step: Step) => {
    well &&= step.ok;
    tell(step);
  };
  let broker: Awaited<ReturnType<typeof brokerFor>> | undefined;
  try {
    broker = await brokerFor(config.values, log);
  } catch (error) {
    told({ ok: false, text: messageOf(error) });
  }
  for (const one of config.chargers) {
    if (broker)
      await checkBroker(
        one,
        config,
        linkOptions(one, config.chargers.length > 1, config.values, broker.address, log),
        told,
      );
    await checkCharger(one, told);
  }
  await broker?.close();
  return well;
}

async function checkBroker(
  { prefix }: ChargerConfig,
  { values }: Config,
  options: ReturnType<typeof linkOptions>,
  tell: (step: Step) => void,
): Promise<void> {
  const { will: _, ...rest } = options;
  // A client id of its own: the daemon may be running, and its connection is not to be taken over.
  const link = new MqttJsLink({ ...rest, clientId: `${options.clientId}-check`, log: SILENT });
  const where = `${prefix}: broker ${options.protocol}://${options.host}:${options.port}`;
  const rules = `the rules that it needs: evse-mqtt-bridge topics --format mosquitto-acl`;
  const topic = `${prefix}/bridge/check`;
  let failure: Failure | undefined;
  link.onDown((why) => {
    failure ??= why;
  });
  link.subscribe(topic, () => {});
  const stop = new AbortController();
  const running = link.run(stop.signal);
  try {
    await within(() => link.up || failure !== undefined);
    if (!link.up) {
      tell({ ok: false, text: `${where}: ${failure?.text ?? 'it does not answer'}` });
      return;
    }
    tell({ ok: true, text: `${where}: connected` });
    if (link.denied.includes(topic)) {
      tell({ ok: false, text: `${where}: it denies subscribing to ${topic}; ${rules}` });
      return;
    }
    const token = randomUUID();
    link.publish({ topic, payload: token, retain: true, qos: 1 });
    const came = await roundTrip(link, topic, token);
    link.publish({ topic, payload: '', retain: true, qos: 1 });
    const login = values['mqtt.username'];
    if (came) tell({ ok: true, text: `${where}: subscribing and a retained round trip work` });
    else {
      const who = login === undefined ? 'anonymous clients' : `user ${login}`;
      tell({
        ok: false,
        text: `${where}: what was published on ${topic} did not come back; may ${who} write and read there? ${rules}`,
      });
    }
  } finally {
    stop.abort();
    await running;
  }
}

/** Whether the broker comes to retain `payload` on `topic`. A cluster may need a moment between the two. */
async function roundTrip(link: Link, topic: string, payload: string): Promise<boolean> {
  const end = systemClock.now() + PATIENCE_MS;
  while (link.up && systemClock.now() < end) {
    const message = await link.readRetained(topic);
    if (message && Buffer.from(message.payload).toString() === payload) return true;
  }
  return false;
}

async function checkCharger(one: ChargerConfig, tell: (step: Step) => void): Promise<void> {
  const factory = backends[backendKind(one.values)];
  if (!factory.real) {
    tell({ ok: true, text: `${one.prefix}: the built-in model; set CHARGER_URL for a real charger` });
    return;
  }
  const tools = { topics: factory.topics(), clock: systemClock, log: SILENT };
  const backend = await factory.create(one, tools);
  const where = `${one.prefix}: charger ${factory.address(one.values)}`;
  const states = new Map<string, string>();
  let transport: string | undefined;
  let why: string | undefined;
  const stop = new AbortController();
  const running = backend.run(
    {
      state: (path, text) => states.set(path, text),
      online: (way) => {
        transport = way;
      },
      offline: (reason) => {
        why ??= reason;
      },
    },
    stop.signal,
  );
  try {
    await within(() => transport !== undefined || why !== undefined);
    if (transport === undefined) {
      tell({ ok: false, text: `${one.prefix}: ${why ?? `no answer from ${factory.address(one.values)}`}` });
      return;
    }
    tell({
      ok: true,
      text: `${where} answers`,
    });
    await within(() => transport === 'websocket' && states.has('info/version'));
    const push = transport === 'websocket';
    tell({
      ok: true,
      text: `${where}: ${push ? 'push over WebSocket works' : 'no push, states are polled'}`,
    });
    const told = (path: string) => membersOf(parseJson(states.get(path) ?? ''));
    const { firmware = 'unknown' } = told('info/version');
    const { display_type = 'unknown type' } = told('info/name');
    tell({ ok: true, text: `${where}: ${display_type}, firmware ${firmware}` });
  } finally {
    stop.abort();
    await running;
  }
}

/** Waits for a condition at most PATIENCE; says whether it came true. */
async function within(condition: () => boolean): Promise<boolean> {
  const never = new AbortController().signal;
  const end = systemClock.now() + PATIENCE_MS;
  while (!condition()) {
    if (systemClock.now() > end) return false;
    await pause(systemClock, 20, never);
  }
  return true;
}
