import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Json, JsonObject } from '../../../src/base/json.js';
import type { Charger } from '../../../src/charger/charger.js';
import { Controller } from '../../../src/model/controller.js';
import { deviceOf } from '../../../src/outlets/homeassistant/device.js';
import {
  type DiscoveryDocument,
  documentOf,
  type Language,
} from '../../../src/outlets/homeassistant/document.js';
import { EntityInventory } from '../../../src/outlets/homeassistant/entity-inventory.js';
import { bridgeTopics, modelTopics, type Registry } from '../../../src/topics/index.js';
import { type FakeSetup, fakeCharger } from '../../_fakes.js';
import { type Payload, payloadsIn } from '../../_payloads.js';

const DATA = resolve(import.meta.dirname, '../../../../test/data');

export const schema = JSON.parse(readFileSync(join(DATA, 'discovery.schema.json'), 'utf8')) as object;

/** Chargers of whom payloads were recorded: single folders of test/data/payloads. */
export const folders = ['warp1-public-doc', 'warp2', 'warp3', 'warp3-hw40'] as const;

const vendor = 'vendor-doc-warp2-warp3-warp4-wem';

/** Each generation with everything that is known of it; the vendor's examples say in their names whose they are. */
const GENERATIONS: Readonly<Record<string, readonly (readonly [folder: string, files: RegExp])[]>> = {
  'all of a WARP1': [
    ['warp1-public-doc', /./],
    ['warp1', /./],
  ],
  'all of a WARP2': [
    ['warp2', /./],
    ['warp2-evcc28297-more', /./],
    [vendor, /^(?!.*__(warp3|warp4|wem))/],
    ['warp3-hw40', /^power_manager_state/],
  ],
  'all of a WARP3': [
    ['warp3', /./],
    ['warp3-more', /./],
    [vendor, /^(?!.*__(warp2|warp4|wem)\.)/],
    ['warp3-hw40', /^power_manager_state/],
  ],
  'all of a WARP4 prototype': [
    ['warp3-hw40', /./],
    ['warp3-hw40-more', /./],
  ],
  'all of a WARP4': [
    ['warp3-hw40', /^(evse|info|power_manager)_/],
    [vendor, /^(?!.*__(warp2|warp3|wem))/],
  ],
  'all of an energy manager': [
    [vendor, /__wem|^(power_manager|meters|automation|day_ahead)/],
    ['warp3-hw40-more', /^(charge_manager|firmware_update)/],
    ['warp3-hw40', /^power_manager_state/],
  ],
};

export const generations = Object.keys(GENERATIONS);

/** Payloads of a folder or of a generation that are states of rows, as they were recorded. */
export function recorded(name: string, topics: Registry): Payload[] {
  const parts = GENERATIONS[name] ?? [[name, /./]];
  return parts
    .flatMap(([folder, files]) => payloadsIn(folder).filter(({ file }) => files.test(file)))
    .filter(({ path }) => topics.get(path)?.state);
}

/** Who it is, where the payloads do not tell. */
function nameOf(folder: string): JsonObject {
  const manager = folder.includes('manager');
  const type = manager ? 'wem' : 'warp';
  return { name: `${type}-AbCd`, type, display_type: manager ? 'WARP Energy Manager' : '', uid: 'AbCd' };
}

/** A charger that has shown every payload of a folder or generation. */
export function recordedCharger(folder: string): FakeSetup {
  const setup = fakeCharger({ mirror: ['*'] });
  setup.backend.reports('info/name', nameOf(folder));
  for (const { path, text } of recorded(folder, setup.charger.topics)) setup.backend.reports(path, text);
  return setup;
}

/** A charger over the model's rows, and the model that tells what it shows. */
export function modelCharger(): FakeSetup & { readonly controller: Controller; readonly report: () => void } {
  const topics = modelTopics();
  const controller = new Controller({ uid: 'SIM1', seed: 7 });
  controller.tick(0);
  const setup = fakeCharger({ topics });
  const report = () => {
    for (const { path, state } of topics.values()) {
      if (state?.read) setup.backend.reports(path, state.read(controller) as Json);
    }
  };
  report();
  return { ...setup, controller, report };
}

export function read(charger: Charger): (path: string) => Json | undefined {
  return (path) => {
    const text = charger.store.get(path);
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  };
}

/** The document of what `charger` has shown. */
export function documentFor(charger: Charger, language: Language = 'en', prefix = 'warp'): DiscoveryDocument {
  const device = deviceOf(read(charger), undefined, 'http://192.0.2.10');
  if (!device) throw new Error('the charger has not said who it is');
  const inventory = new EntityInventory({
    rows: [...charger.topics.rows, ...bridgeTopics],
    shown: [...charger.store.entries()].map(([path]) => path),
    read: read(charger),
    isPermitted: (row) => charger.isPermitted(row),
  });
  const items = inventory.items(() => false);
  return documentOf({ device, items, prefix, language, version: '1.2.3', read: read(charger) });
}

/** A charger with everything that a WARP1 can have: one with a cable lock, which was never built. */
export function everything(): DiscoveryDocument {
  const { charger, backend } = recordedCharger('warp1-public-doc');
  backend.reports('evse/hardware_configuration', {
    jumper_configuration: 6,
    has_lock_switch: true,
    evse_version: 14,
  });
  return documentFor(charger);
}

/** The documents of all recorded chargers and of the model. */
export const documents = (): Map<string, DiscoveryDocument> =>
  new Map([
    ...[...folders, ...generations].map(
      (folder) => [folder, documentFor(recordedCharger(folder).charger)] as const,
    ),
    ['model', documentFor(modelCharger().charger)] as const,
  ]);
