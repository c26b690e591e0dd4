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

/** The values of the setting `charger.backend`. */
export type BackendKind = NonNullable<Values['charger.backend']>;

/** Makes the backends of one kind, and tells what the program has to know of that kind. */
export interface BackendFactory {
  /** Whether it is a real device, which may not answer and may have topics that this program does not know. */
  readonly real: boolean;
  /** Faults in its settings, one line each, without the prefix of the charger. */
  faults(values: Values): readonly string[];
  /** The address of its charger, without a login: `http://192.168.1.20`. */
  address(values: Values): string;
  /** The URL of the charger's own page, if it has one. */
  page(values: Values): string | undefined;
  topics(values: Values): Registry;
  /** Makes the backend, without a connection yet. Throws CannotStart. */
  create(charger: ChargerConfig, tools: BackendTools): Promise<Backend>;
}

export interface BackendTools {
  readonly topics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** Opens connections, and gives random numbers; by default the machine's network, and Math.random. */
  readonly connect?: Connect | undefined;
  readonly chance?: Chance | undefined;
  /** Is told of the traffic with a real charger. */
  readonly tap?: WireTap | undefined;
}

/** Every kind of backend. If a kind is missing, this does not compile. */
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

/** Faults in the settings of the chargers' backends, one line each. */
export function backendFaults(chargers: readonly ChargerConfig[]): readonly string[] {
  const seen = new Map<string, string>();
  return chargers.flatMap(({ prefix, values }) => {
    const faults = backends[backendKind(values)].faults(values).map((fault) => `${prefix}: ${fault}`);
    const file = values['model.stateFile'];
    if (file === undefined || backends[backendKind(values)].real) return faults;
    const other = seen.get(file);
    if (other === undefined) seen.set(file, prefix);
    else
      faults.push(`${prefix}: MODEL_STATE_FILE is also that of ${other}: each model needs a file of its own`);
    return faults;
  });
}

/** The address of the charger; `faults` has made sure that there is a URL. */
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

/** The policy for writes, by the settings. */
export function policyOf(values: Values): Policy {
  return { ...group(values, 'policy'), acceptRetained: values['mqtt.acceptRetained'] };
}
