import type { Clock } from '../base/clock.js';
import { type Json, membersOf, parseJson } from '../base/json.js';
import type { Log } from '../base/log.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import { OWN_MQTT_TOPICS, ownMqttFaults } from '../outlets/own-mqtt.js';
import { type Tell, waitFor } from './check-steps.js';
import { backendKind, backends } from './wiring-charger.js';

/** How long a charger may take to answer, besides its own timeout, ms. */
const ANSWER_WITHIN_MS = 10_000;

/** How long to wait for push after the first answer, ms. */
const PUSH_WITHIN_MS = 5_000;

/** Tests one charger: whether and how it answers, and what it is. Changes nothing at the charger. */
export async function checkCharger(
  charger: ChargerConfig,
  settings: Values,
  { clock, log, signal, tell }: { clock: Clock; log: Log; signal: AbortSignal; tell: Tell },
): Promise<void> {
  const { prefix, values } = charger;
  const factory = backends[backendKind(values)];
  if (!factory.real) {
    tell('ok', `${prefix}: the built-in model; set CHARGER_URL for a real charger`);
    return;
  }
  const where = `${prefix}: charger ${factory.address(values)}`;
  const backend = await factory.create(charger, { topics: factory.topics(values), clock, log });
  const states = new Map<string, Json | undefined>();
  let transport: string | undefined;
  let why: string | undefined;
  const stop = new AbortController();
  const end = AbortSignal.any([signal, stop.signal]);
  const running = backend.run(
    {
      state: (path, text, value) => states.set(path, value ?? parseJson(text)),
      wants: () => false,
      online: (way) => {
        transport = way;
      },
      offline: (reason) => {
        why ??= reason;
      },
    },
    end,
  );
  const read = async (path: string) => {
    if (!states.has(path)) await backend.read(path);
  };
  try {
    const patience = values['charger.timeout'] + ANSWER_WITHIN_MS;
    await waitFor(clock, patience, signal, () => transport !== undefined || why !== undefined);
    if (transport === undefined) {
      if (!signal.aborted) tell('FAIL', `${prefix}: ${why ?? `${factory.address(values)} does not answer`}`);
      return;
    }
    for (const path of ['info/name', 'info/version']) await read(path);
    const { display_type: type, name } = membersOf(states.get('info/name'));
    const { firmware } = membersOf(states.get('info/version'));
    const login = values['charger.username'] === undefined ? '' : ' and does not refuse the login';
    tell(
      'ok',
      `${where} answers${login}: ${shown(type ?? name, 'type')}, firmware ${shown(firmware, 'version')}`,
    );
    const wantsPush = values['charger.transport'] !== 'poll';
    if (wantsPush) await waitFor(clock, PUSH_WITHIN_MS, signal, () => transport === 'websocket');
    if (transport === 'websocket') tell('ok', `${where}: push over WebSocket works`);
    else if (!wantsPush) tell('ok', `${where}: states are polled, as CHARGER_TRANSPORT says`);
    else {
      tell(
        'note',
        `${where}: push over WebSocket does not work, so states are polled: is a proxy in between, or are five pages of its web interface open?`,
      );
    }
    for (const path of OWN_MQTT_TOPICS) await read(path);
    for (const fault of ownMqttFaults((path) => states.get(path), prefix, settings)) {
      tell('note', `${where}: ${fault}`);
    }
  } finally {
    stop.abort();
    await running;
  }
}

/** A text of the charger, cut to a limited length; if it is no text, that `what` is unknown. */
const shown = (value: Json | undefined, what: string): string =>
  typeof value === 'string' ? value.slice(0, 64) : `of unknown ${what}`;
