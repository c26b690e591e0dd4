import type { ChargerOptions } from '../../../src/charger/charger.js';
import { type BridgeOptions, bridge } from '../../../src/outlets/bridge/bridge.js';
import { FakeLink, fakeCharger } from '../../_fakes.js';

/** A charger joined to a broker in memory. */
export function joined(
  prefix = 'warp',
  more: Partial<BridgeOptions> = {},
  charger: Partial<ChargerOptions> = {},
) {
  const setup = fakeCharger(charger);
  const link = new FakeLink();
  const cancel = bridge({
    prefix,
    qos: 1,
    intervals: [{ topics: 'evse/low_level_state', ms: 1_000 }],
    charger: setup.charger,
    link,
    clock: setup.clock,
    log: setup.log,
    about: { version: '1.2.3', backend: 'http', started: '2026-01-01T00:00:00.000Z' },
    ...more,
  });
  return { ...setup, link, cancel };
}
