import type { Backend } from '../backend/backend.js';
import type { Connect } from '../backend/http/connect.js';
import { targetOf } from '../backend/http/target.js';
import { FlashFile, flashFileFaults } from '../backend/model/flash-file.js';
import type { WireTap } from '../backend/wire-tap.js';
import type { Chance } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { Policy } from '../charger/write-policy.js';
import type { ChargerConfig } from '../config/index.js';
import { group, type Values } from '../config/settings.js';
import { chargerTopics, modelTopics, type Registry } from '../topics/index.js';

/** The kinds of backend that can be set. */
export type BackendKind = NonNullable<Values['charger.backend']>;

/** How backends of one kind are made, and what the program has to know of them. */
export interface BackendFactory {
  /** Whether there is a device, which may be away and may have topics that this program does not know. */
  readonly real: boolean;
  /** What is wrong with its settings, one line each, without the prefix of the charger. */
  faults(values: Values): readonly string[];
  /** Where its charger is, without a login: `http://192.168.1.20`. */
  address(values: Values): string;
  /** The charger's own page, where it has one. */
  page(values: Values): string | undefined;
  topics(values: Values): Registry;
  /** Makes the backend; opens nothing yet. */
  create(charger: ChargerConfig, tools: BackendTools): Promise<Backend>;
}

export interface BackendTools {
  readonly topics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** How a charger is connected to, and chance: by default the machine's network, and Math.random. */
  readonly connect?: Connect | undefined;
  readonly chance?: Chance | undefined;
  /** Hears what goes over the wire to a real charger. */
  readonly tap?: WireTap | undefined;
}

/** Every kind of backend. A kind that is missing here, or lacks a member, does not compile. */
export const backends: Readonly<Record<BackendKind, BackendFactory>> = {
  http: {
    real: true,
    faults: (values) =>
      values['charger.url'] === undefined
        ? ['BACKEND is http, but CHARGER_URL (charger.url) is not set']
        : [],
    address: (values) => targetFor(values).shown,
    page: (values) => targetFor(values).shown,
    topics: chargerTopics,
    async create({ values }, tools) {
      const { HttpBackend } = await import('../backend/http/index.js');
      return new HttpBackend({ ...group(values, 'charger'), target: targetFor(values), ...tools });
    },
  },
  model: {
    real: false,
    faults: (values) => flashFileFaults(values['model.stateFile']),
    address: () => 'the built-in model',
    page: () => undefined,
    topics: (values) => modelTopics(values['model.type']),
    create: createModel,
  },
};

/** Which backend the settings ask for. */
export function backendKind(values: Values): BackendKind {
  return values['charger.backend'] ?? (values['charger.url'] === undefined ? 'model' : 'http');
}

/** What is wrong with the settings of the chargers' backends, one line each. */
export function backendFaults(chargers: readonly ChargerConfig[]): readonly string[] {
  const seen = new Map<string, string>();
  return chargers.flatMap(({ prefix, values }) => {
    const faults = backends[backendKind(values)].faults(values).map((fault) => `${prefix}: ${fault}`);
    const file = values['model.stateFile'];
    if (file === undefined || backends[backendKind(values)].real) return faults;
    const other = seen.get(file);
    if (other === undefined) seen.set(file, prefix);
    else faults.push(`${prefix}: MODEL_STATE_FILE is that of ${other} too: each model needs its own`);
    return faults;
  });
}

/** `faults` has asked for the URL. */
const targetFor = (values: Values) =>
  targetOf({ ...group(values, 'charger'), url: values['charger.url'] ?? '' });

/** The built-in model; its parts are loaded only by runs that use it. */
async function createModel({ prefix, values }: ChargerConfig, tools: BackendTools): Promise<Backend> {
  const [{ ModelBackend }, { Controller }] = await Promise.all([
    import('../backend/model/index.js'),
    import('../model/controller.js'),
  ]);
  const file = values['model.stateFile'];
  const flash = file === undefined ? undefined : new FlashFile(file, tools.clock, tools.log);
  const scenario =
    values['model.scenario'] === 'demo' ? new (await import('../model/scenario.js')).Scenario() : undefined;
  const controller = new Controller({
    ...group(values, 'model'),
    flash: await flash?.load(),
    uid: values['model.uid'] ?? serialOf(prefix),
  });
  return new ModelBackend({
    ...tools,
    controller,
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
  return { ...group(values, 'policy'), acceptRetained: values['mqtt.acceptRetained'] };
}
