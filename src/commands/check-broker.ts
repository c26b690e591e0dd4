import type { Clock } from '../base/clock.js';
import { membersOf, parseJson } from '../base/json.js';
import { hostAndPort } from '../base/listen.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import { type BrokerProbe, openProbe } from '../mqtt/broker-probe.js';
import type { MqttOptions } from '../mqtt/mqtt-options.js';
import { reasonText } from '../mqtt/reason-codes.js';
import type { Registry } from '../topics/index.js';
import { ALWAYS_PUBLISHED, isSimulated, spaceOf, updateOf } from '../topics/namespaces.js';
import { BrokerTrial } from './broker-trial.js';
import type { Tell } from './check-steps.js';

/** With packets of this size everything can be published, bytes: larger documents for Home Assistant are split. */
const ROOMY_PACKET = 4_096;

const RULES = 'the rules that it needs: evse-mqtt-bridge topics --format mosquitto-acl';

/** The last level of topics that nobody uses. */
const NOBODYS = 'bridge_check';

export interface BrokerCheck {
  readonly options: MqttOptions;
  readonly values: Values;
  /** Each charger with the topics that it may have. */
  readonly chargers: readonly (ChargerConfig & { readonly topics: Registry })[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tell: Tell;
}

/**
 * Tests the broker: whether it accepts the connection, what it can do, and for each charger whether its access rules
 * allow to publish, subscribe and retain. It leaves no messages behind, and publishes only on topics on which no
 * charger and no bridge acts. Resolves to whether a bridge is already running for one of the chargers.
 */
export async function checkBroker(check: BrokerCheck): Promise<boolean> {
  const { options, values, signal, clock, tell } = check;
  const { protocol, host, port } = options;
  const where = `broker ${protocol}://${hostAndPort(host, port)}`;
  const { will: _, ...rest } = options;
  // A client id of its own, because the daemon may be running: with the same id the broker would end its connection.
  const probe = await openProbe({ ...rest, clientId: `${options.clientId}-check` });
  if ('reason' in probe) {
    tell('FAIL', `${where}: ${probe.text}`);
    return false;
  }
  let isRunning = false;
  const end = () => void probe.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    tell('ok', `${where}: connected (${probe.version === 5 ? 'MQTT 5' : 'MQTT 3.1.1'})`);
    tellLimits(check, where, probe);
    for (const charger of check.chargers) {
      if (signal.aborted || probe.ended) break;
      if (await checkPrefix(check, new BrokerTrial(probe, clock, values['mqtt.qos']), charger, where))
        isRunning = true;
    }
    if (!probe.ended) await checkDiscovery(check, probe, where);
    if (probe.ended && !signal.aborted) tell('FAIL', `${where}: it ended the connection while it was tried`);
  } finally {
    signal.removeEventListener('abort', end);
    await probe.close();
  }
  return isRunning;
}

/** Reports the limits that the broker has told. */
function tellLimits({ values, tell }: BrokerCheck, where: string, { version, limits }: BrokerProbe): void {
  const note = (text: string) => tell('note', `${where}: ${text}`);
  if (version === 4) {
    const why =
      values['mqtt.protocolVersion'] === 4
        ? 'MQTT_PROTOCOL_VERSION=4 asks it for MQTT 3.1.1'
        : 'it speaks only MQTT 3.1.1';
    note(
      `${why}. A new write with the retain flag is carried out, and refused only when the broker repeats it; there are no answers on response topics, nor to a misspelt topic. It does not say what its access rules deny; this check sees only whether its own messages come back`,
    );
  }
  if (limits.maximumQoS === 0 && values['mqtt.qos'] === 1) {
    note('it offers only QoS 0, so that a message may be lost; with MQTT_QOS=0 this note goes away');
  }
  if (!limits.wildcardAvailable) {
    note('it offers no subscriptions with a wildcard, so the bridge does not see writes to misspelt topics');
  }
  if (limits.maximumPacketSize < ROOMY_PACKET && values['homeassistant.discovery']) {
    note(
      `it takes packets of at most ${limits.maximumPacketSize} bytes, so that states and entities of Home Assistant can be left out: raise its maximum packet size to ${ROOMY_PACKET} or more`,
    );
  }
}

async function checkPrefix(
  { tell, values }: BrokerCheck,
  trial: BrokerTrial,
  charger: BrokerCheck['chargers'][number],
  where: string,
): Promise<boolean> {
  const { prefix } = charger;
  const at = `${prefix}: ${where}`;
  await trial.begin(`${prefix}/bridge/check_marker`);
  const isRunning = await tellBeside(trial, prefix, tell);
  const topic = `${prefix}/bridge/check`;
  const faults: string[] = [];
  const found = await trial.roundTrip(topic);
  if (found === 'not retained') {
    faults.push(
      `it does not retain what is published on ${topic}: a program that subscribes sees a state only when it changes`,
    );
  } else if (found !== undefined) {
    if (found === 'without the flag') tell('note', `${at}: ${unflagged(trial.version, values['mqtt.qos'])}`);
    if ((await trial.findsByWildcard(`${prefix}/bridge/#`, topic)) === false) {
      tell(
        'note',
        `${at}: it sends nothing retained to subscriptions with a wildcard: a program that subscribes to ${prefix}/# sees a state only when it changes`,
      );
    }
    if (await trial.dropsRetainFlag(`${prefix}/bridge/#`, topic)) {
      tell(
        'note',
        `${at}: a live message loses its retain flag, against MQTT 5 (retain as published): a new write with that flag is carried out, and refused only when the broker repeats it`,
      );
    }
    if (await trial.ignoresNoLocal(topic)) {
      tell(
        'note',
        `${at}: it sends our own messages back to us, against MQTT 5 (no local); the bridge recognizes them`,
      );
    }
  }
  await trial.clear(topic);
  await trySpaces(trial, charger);
  faults.push(...trial.denials());
  const login = values['mqtt.username'];
  const who = login === undefined ? 'anonymous clients' : `user ${login}`;
  for (const fault of faults) tell('FAIL', `${at}: ${fault}. Check its access rules for ${who}; ${RULES}`);
  if (faults.length === 0 && !trial.ended) {
    tell('ok', `${at}: publishing and subscribing are allowed, a retained round trip works`);
  }
  return isRunning;
}

/** The note for a broker that sends retained messages without the retain flag. */
function unflagged(version: 4 | 5, qos: 0 | 1): string {
  const guard =
    version === 4
      ? 'the bridge refuses writes that come together with its subscription, as it does retained ones'
      : 'a retained write is carried out at each connect';
  const text = `it sends what is retained without the retain flag, against MQTT (3.3.1.3), so that nobody can tell an old message from a new one; ${guard}`;
  return qos === 1 ? `${text}; with MQTT_QOS=0 it may keep the flag` : text;
}

/** Whether a bridge with this prefix is running at the broker already; usually with these same settings. */
async function tellBeside(trial: BrokerTrial, prefix: string, tell: Tell): Promise<boolean> {
  const state = await trial.retained(`${prefix}/bridge/state`);
  if (state !== 'online') return false;
  const { version, started } = membersOf(parseJson((await trial.retained(`${prefix}/bridge/info`)) ?? ''));
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 40) : 'unknown');
  tell('note', `${prefix}: a bridge is running for it (version ${text(version)}, since ${text(started)})`);
  return true;
}

/**
 * Tests the access rules for every first level below the prefix. It publishes an empty retained message on a topic that
 * nobody uses: that does no harm, because it only clears a retained message that does not exist.
 */
async function trySpaces(
  trial: BrokerTrial,
  { prefix, topics, values }: BrokerCheck['chargers'][number],
): Promise<void> {
  const rows = [...topics.values()].filter(({ path }) => !isSimulated(path));
  const read = new Set(rows.filter(({ command }) => command).map(({ path }) => spaceOf(path)));
  const spaces = [...ALWAYS_PUBLISHED, ...values['charger.mirror'].map(spaceOf)];
  const written = new Set(spaces.filter((space) => /^[\w-]+$/.test(space) && space !== 'simulator'));
  for (const space of written) await trial.publish(`${prefix}/${space}/${NOBODYS}`);
  await trial.hears([...read].map((space) => updateOf(`${prefix}/${space}/${NOBODYS}`)));
}

/** Whether we may announce chargers to Home Assistant. */
async function checkDiscovery(
  { values, tell }: BrokerCheck,
  probe: BrokerProbe,
  where: string,
): Promise<void> {
  // With MQTT 3.1.1 a broker can't deny a message, so nothing could be tested.
  if (!values['homeassistant.discovery'] || probe.version === 4) return;
  const topic = `${values['homeassistant.prefix']}/device/${NOBODYS}/config`;
  const outcome = await probe.publish({ topic, payload: '', retain: true, qos: 1 });
  if (outcome === 'taken') tell('ok', `${where}: discovery for Home Assistant may be published`);
  else if (outcome !== 'lost' && 'denied' in outcome) {
    const why = reasonText(outcome.denied);
    tell(
      'FAIL',
      `${where}: it does not take what is published on ${topic} (${why}), so Home Assistant finds no charger; ${RULES}. Without Home Assistant set HOMEASSISTANT_DISCOVERY=false`,
    );
  }
}
