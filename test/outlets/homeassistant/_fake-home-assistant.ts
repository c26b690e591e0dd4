import type { JsonObject } from '../../../src/base/json.js';
import { withFullNames } from '../../../src/outlets/homeassistant/abbreviations.js';
import { type DiscoveryOptions, discovery } from '../../../src/outlets/homeassistant/discovery.js';
import type { DiscoveryDocument } from '../../../src/outlets/homeassistant/document.js';
import { FakeLink, type FakeSetup, fakeCharger } from '../../_fakes.js';
import { recorded } from './_chargers.js';

/** The discovery topic of the charger that NAME is about. */
export const TOPIC = 'homeassistant/device/warp_bridge_AbCd/config';
export const NAME = { name: 'warp-AbCd', type: 'warp', display_type: 'WARP Charger', uid: 'AbCd' };
/** Where Home Assistant tells that it has started. */
export const STATUS = 'homeassistant/status';
export const MINUTE = 60_000;

/** A broker to which the connection has yet to come. */
export class FakeBroker extends FakeLink {
  override up = false;
}

export interface Home extends FakeSetup {
  readonly link: FakeBroker;
  readonly cancel: () => void;
}

/** A charger with discovery at a broker that is not connected yet. */
export function home(
  options: Partial<DiscoveryOptions> = {},
  link = new FakeBroker(),
  setup = fakeCharger(),
): Home {
  const { charger, clock, log } = setup;
  const cancel = discovery({
    charger,
    prefix: 'warp',
    clock,
    log,
    link,
    discoveryPrefix: 'homeassistant',
    statusTopic: STATUS,
    language: 'en',
    version: '1.2.3',
    chance: () => 0.5,
    ...options,
  });
  return { ...setup, link, cancel };
}

/** Reports everything that a WARP1 shows, but not who it is. */
export function reportsAll({ backend, charger }: FakeSetup, except: readonly string[] = []): void {
  for (const { path, text } of recorded('warp1-public-doc', charger.topics)) {
    if (!except.includes(path)) backend.reports(path, text);
  }
}

/** A home whose charger has been announced. */
export async function announced(link = new FakeBroker()): Promise<Home> {
  const made = home({}, link);
  made.link.connect();
  reportsAll(made);
  made.backend.reports('info/name', NAME);
  await made.clock.pass(2_000);
  return made;
}

/** The documents that were published on `topic`. */
export const documents = (link: FakeLink, topic = TOPIC): DiscoveryDocument[] =>
  link.published
    .filter((message) => message.topic === topic && message.payload !== '')
    .map(({ payload }) => parsed(payload));

/** The document that the broker retains. */
export const retained = (link: FakeLink): DiscoveryDocument => parsed(link.retained.get(TOPIC) ?? '{}');

/** A document as it was published, with full names. */
export const parsed = (text: string): DiscoveryDocument =>
  withFullNames(JSON.parse(text) as JsonObject) as unknown as DiscoveryDocument;
