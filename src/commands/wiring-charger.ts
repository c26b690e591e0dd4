import type { Backend } from '../backend/backend.js';
import type { HttpBackendOptions } from '../backend/http/index.js';
import type { ModelBackend } from '../backend/model/index.js';
import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { Policy } from '../charger/write-policy.js';
import type { ChargerConfig } from '../config/index.js';
import type { Values } from '../config/settings.js';
import { chargerTopics, modelTopics, type Registry } from '../topics/index.js';

export interface Chosen {
  readonly backend: Backend;
  readonly topics: Registry;
  readonly kind: 'http' | 'model';
}

/** Which backend the settings ask for. */
export function chargerKind(values: Values): 'http' | 'model' {
  return values['charger.backend'] ?? (values['charger.url'] === undefined ? 'model' : 'http');
}

/** The backend that a charger's settings ask for, and the topics that it has. */
export async function backendFor({ prefix, values }: ChargerConfig, clock: Clock, log: Log): Promise<Chosen> {
  if (chargerKind(values) === 'model') {
    const topics = modelTopics();
    return { backend: await modelFor(prefix, values, topics, clock, log), topics, kind: 'model' };
  }
  const { HttpBackend } = await import('../backend/http/index.js');
  const topics = chargerTopics();
  return { backend: new HttpBackend(httpOptions(values, topics, clock, log)), topics, kind: 'http' };
}

/** How a real charger is reached. The login may stand in the URL too. */
export function httpOptions(values: Values, topics: Registry, clock: Clock, log: Log): HttpBackendOptions {
  const { origin, username: urlUser, password: urlPassword } = new URL(values['charger.url'] ?? '');
  const username = values['charger.username'] ?? (urlUser ? decodeURIComponent(urlUser) : undefined);
  const password = values['charger.password'] ?? (urlPassword ? decodeURIComponent(urlPassword) : undefined);
  return {
    url: origin,
    transport: values['charger.transport'],
    pollInterval: values['charger.pollInterval'],
    timeout: values['charger.timeout'],
    rejectUnauthorized: values['charger.rejectUnauthorized'],
    topics,
    clock,
    log,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
}

/** The built-in model; its parts are loaded only by runs that use it. */
export async function modelFor(
  prefix: string,
  values: Values,
  topics: Registry,
  clock: Clock,
  log: Log,
): Promise<ModelBackend> {
  const [{ ModelBackend }, { Controller }] = await Promise.all([
    import('../backend/model/index.js'),
    import('../model/controller.js'),
  ]);
  const file = values['model.stateFile'];
  const flash =
    file === undefined
      ? undefined
      : new (await import('../backend/model/flash-file.js')).FlashFile(file, log);
  const scenario =
    values['model.scenario'] === 'demo' ? new (await import('../model/scenario.js')).Scenario() : undefined;
  const controller = new Controller({
    jumper: values['model.jumper'],
    evseVersion: values['model.evseVersion'],
    chargingTime: values['model.chargingTime'],
    quirks: values['model.quirks'],
    flash: await flash?.load(),
    uid: values['model.uid'] ?? serialOf(prefix),
  });
  return new ModelBackend({
    controller,
    topics,
    clock,
    log,
    timeScale: values['model.timeScale'],
    ...(flash ? { flash } : {}),
    ...(scenario ? { scenario } : {}),
  });
}

/** A stable serial number for a modelled charger, so that two of them are two devices in Home Assistant. */
function serialOf(prefix: string): string {
  return prefix === 'warp' ? 'SIM1' : `SIM-${prefix.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
}

/** What may be written, as the settings say. */
export function policyOf(values: Values): Policy {
  return {
    readOnly: values['policy.readOnly'],
    writable: values['policy.writable'],
    flashInterval: values['policy.flashInterval'] * 1_000,
    acceptRetained: values['mqtt.acceptRetained'],
  };
}
