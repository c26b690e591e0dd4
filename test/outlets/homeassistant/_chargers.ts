import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Json } from '../../../src/base/json.js';
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

const DATA = resolve(import.meta.dirname, '../../../../test/data');

export const schema = JSON.parse(readFileSync(join(DATA, 'discovery.schema.json'), 'utf8')) as object;

/** Folders of recorded payloads; what each of them is, test/data/payloads/INDEX.md tells. */
export const folders = ['warp1-public-doc', 'warp2', 'warp3', 'warp3-hw40'] as const;

/** Payloads of one folder that are states of rows, as they were recorded. */
export function recorded(folder: string, topics: Registry): { path: string; text: string }[] {
  const paths = new Map([...topics.keys()].map((path) => [path.replaceAll('/', '_'), path]));
  return readdirSync(join(DATA, 'payloads', folder))
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const path = paths.get(file.replace(/(__.*)?\.json$/, ''));
      const text = readFileSync(join(DATA, 'payloads', folder, file), 'utf8').trim();
      return path === undefined ? [] : [{ path, text }];
    });
}

/** A charger that has shown every payload of a folder; who it is is added where the folder does not tell. */
export function recordedCharger(folder: string): FakeSetup {
  const setup = fakeCharger();
  setup.backend.reports('info/name', { name: 'warp-AbCd', type: 'warp', display_type: '', uid: 'AbCd' });
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
    rows: [...charger.topics.values(), ...bridgeTopics],
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
    ...folders.map((folder) => [folder, documentFor(recordedCharger(folder).charger)] as const),
    ['model', documentFor(modelCharger().charger)] as const,
  ]);
