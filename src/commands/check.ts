import { type Clock, systemClock } from '../base/clock.js';
import { CannotListen } from '../base/listen.js';
import type { Log } from '../base/log.js';
import type { Config } from '../config/index.js';
import { serverAddress } from '../outlets/http/server-address.js';
import { type BrokerCheck, checkBroker } from './check-broker.js';
import { checkCharger } from './check-charger.js';
import { checkHttp } from './check-http.js';
import type { Step, Tell } from './check-steps.js';
import { DAEMON_SETTINGS } from './command-options.js';
import type { CliCommand } from './index.js';
import { tlsFiles } from './tls-files.js';
import { brokerFor, embeddedAddress, linkOptions } from './wiring-broker.js';
import { backendFaults, backendKind, backends } from './wiring-charger.js';

export const check: CliCommand = {
  doc: 'tests the connection to broker and charger, and explains failures; exit 0 if all is well',
  settings: DAEMON_SETTINGS,
  examples: [
    'evse-mqtt-bridge check --charger-url http://192.168.1.20 --mqtt-url mqtt://192.168.1.5',
    'evse-mqtt-bridge check --config /etc/evse-mqtt-bridge/config.yaml',
  ],
  faults: ({ values, chargers }) => [...tlsFiles(values).faults, ...backendFaults(chargers)],
  async run({ config, print, signal }) {
    const told = (step: Step) => print(`${step.result.padEnd(4)} ${step.text}`);
    return (await checkAll(config, systemClock, signal, told)) ? 0 : 1;
  },
};

/** A log that drops everything: faults are reported as results of steps. */
const SILENT: Log = { error() {}, warn() {}, info() {}, debug() {}, child: () => SILENT };

/** How many chargers are tested at the same time. */
const AT_ONCE = 20;

/**
 * Tests the configuration with the real broker and chargers (contract 1), and reports each step when it is done.
 * Nothing is changed at a charger, and no message stays at the broker. Resolves to whether no step failed.
 */
export async function checkAll(
  config: Config,
  clock: Clock,
  signal: AbortSignal,
  told: (step: Step) => void,
): Promise<boolean> {
  let well = true;
  const tell: Tell = (result, text) => {
    well &&= result !== 'FAIL';
    told({ result, text });
  };
  for (const note of config.notes) tell('note', note);
  const address = serverAddress(config.values);
  if (address) await checkHttp(address, clock, tell);
  await tryBroker(config, clock, signal, tell);
  for (let at = 0; at < config.chargers.length && !signal.aborted; at += AT_ONCE) {
    const group = config.chargers.slice(at, at + AT_ONCE).map(async (charger) => {
      const steps: Step[] = [];
      const collect: Tell = (result, text) => steps.push({ result, text });
      await checkCharger(charger, config.values, { clock, log: SILENT, signal, tell: collect });
      return steps;
    });
    for (const steps of group) for (const { result, text } of await steps) tell(result, text);
  }
  return well && !signal.aborted;
}

async function tryBroker(
  { values, chargers }: Config,
  clock: Clock,
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  const [first] = chargers;
  if (!first) return;
  const withTopics = chargers.map((one) => ({
    ...one,
    topics: backends[backendKind(one.values)].topics(one.values),
  }));
  const tryAt = (address: BrokerAddress) => {
    const options = linkOptions(first, chargers.length > 1, values, address, SILENT);
    return checkBroker({ options, values, chargers: withTopics, clock, signal, tell } satisfies BrokerCheck);
  };
  try {
    const isOwn = values['mqtt.url'] === undefined && values['mqtt.host'] === undefined;
    if (isOwn)
      tell(
        'note',
        'MQTT_URL is not set, so the embedded broker is tested; it is meant only for trying things out',
      );
    const broker = await brokerFor(values, { ...SILENT, warn: (text) => tell('note', text) });
    try {
      const { others = [], ...address } = broker.address;
      for (const one of [address, ...others]) await tryAt(one);
    } finally {
      await broker.close();
    }
  } catch (error) {
    if (!(error instanceof CannotListen)) throw error;
    // Usually the daemon is running, and its embedded broker listens there.
    const isRunning = error.inUse && (await tryAt(embeddedAddress(values)));
    if (!isRunning) tell('FAIL', error.message);
  }
}

type BrokerAddress = Parameters<typeof linkOptions>[3];
