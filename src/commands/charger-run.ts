import type { Connect } from '../backend/http/connect.js';
import type { Chance } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import { Charger } from '../charger/charger.js';
import type { Close, Outlet, OutletContext } from '../charger/outlet.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import type { MqttOptions } from '../mqtt/mqtt-options.js';
import { MqttJsLink } from '../mqtt/mqttjs-link.js';
import { activityLog } from '../outlets/activity-log.js';
import { mqttBridge } from '../outlets/bridge/index.js';
import { dimmingSince } from '../outlets/dimming/index.js';
import { homeAssistant } from '../outlets/homeassistant/index.js';
import { ownMqtt } from '../outlets/own-mqtt.js';
import { chargeSessions } from '../outlets/session/index.js';
import { unfinishedCommands } from '../outlets/unfinished/index.js';
import { recordedBackend } from './recorded-backend.js';
import { backendKind, backends, policyOf } from './wiring-charger.js';

/** The outlets of each charger, in the order in which they start. */
const OUTLETS: readonly Outlet<Values>[] = [
  mqttBridge,
  homeAssistant,
  chargeSessions,
  dimmingSince,
  unfinishedCommands,
  activityLog,
  ownMqtt,
];

/** What the parts of a charger run on: the machine, or a simulated world. */
export interface RunEnvironment {
  readonly clock: Clock;
  /** By default Math.random. */
  readonly chance?: Chance;
  /** Opens connections to a real charger; by default over the machine's network. */
  readonly connect?: Connect;
  /** A new file to which the charger is recorded. */
  readonly recordTo?: string | undefined;
}

/** One charger and its connection to the broker, ready to start. */
export interface ConnectedCharger extends OutletContext {
  readonly link: MqttJsLink;
}

/** Makes the parts of one charger, without starting them. Throws CannotStart. */
export async function assembleCharger(
  one: ChargerConfig,
  values: Values,
  mqtt: MqttOptions,
  about: Pick<OutletContext, 'version' | 'started' | 'log' | 'reserved'>,
  { recordTo, ...environment }: RunEnvironment,
): Promise<ConnectedCharger> {
  const { clock } = environment;
  const { log } = about;
  const kind = backendKind(one.values);
  const factory = backends[kind];
  const topics = factory.topics(one.values);
  const tools = { topics, log, ...environment };
  const charger = new Charger({
    topics,
    backend:
      recordTo === undefined
        ? await factory.create(one, tools)
        : (await recordedBackend(recordTo, about.version, one, tools)).backend,
    clock,
    log,
    address: factory.real ? factory.address(one.values) : undefined,
    policy: policyOf(values),
    mirror: one.values['charger.mirror'],
    forward: one.values['charger.forward'],
    exclude: values['publish.exclude'],
    passthrough: factory.real && one.values['charger.passthrough'],
  });
  return {
    ...about,
    prefix: one.prefix,
    name: one.name,
    charger,
    link: new MqttJsLink(mqtt),
    ...environment,
    backend: kind,
    page: factory.page(one.values),
  };
}

/**
 * Starts one charger. Resolves to a promise for each running part, which ends when `stop` aborts and rejects at a bug.
 * Adds functions to `closes`, which must be called after that.
 */
export async function startCharger(
  context: ConnectedCharger,
  values: Values,
  stop: AbortSignal,
  closes: Close[],
): Promise<readonly Promise<void>[]> {
  for (const join of OUTLETS) closes.push(await join(context, values));
  // The last will must be the last message of the link, so the charger stops first.
  const linkStop = new AbortController();
  return [context.link.run(linkStop.signal), context.charger.run(stop).finally(() => linkStop.abort())];
}
