import test from 'ava';
import { systemClock } from '../../../src/base/clock.js';
import { testBridge, testLink } from '../../_bridge.js';
import { until } from '../../_until.js';
import { modelTestCharger } from '../../backend/_backends.js';
import { brokerFor, brokers, Onlooker } from '../../mqtt/_brokers.js';

interface Low {
  readonly uptime: number;
}

/** What evcc's MQTT driver for WARP chargers reads and writes, in its order (charger-wire 8.1). */
for (const kind of brokers) {
  test(`${kind.name}: evcc's warp2 driver finds all that it asks for and can control the charger`, async (t) => {
    const broker = await brokerFor(t, kind);
    const tested = modelTestCharger();
    const link = testLink(broker.port, systemClock, tested.log, { clientId: 'bridge' });
    const { charger, clock, log } = tested;
    const about = { version: '1', backend: 'model', started: 'now' };
    const cancel = testBridge({ charger, link, clock, log, about });
    const stop = new AbortController();
    const ended = link.run(stop.signal);
    t.teardown(() => stop.abort());
    t.teardown(() => tested.stop());
    await until(() => link.up && charger.store.has('evse/low_level_state'), 'the charger');

    const evcc = await Onlooker.at(t, broker.port, { protocolVersion: 4 }, 'nothing');
    const subscribe = (topic: string) => evcc.client.subscribeAsync(topic, { qos: 1 });
    const get = async (topic: string) => JSON.parse(await evcc.sees(topic)) as Record<string, number>;
    const set = (current: number) =>
      evcc.client.publishAsync('warp/evse/external_current_update', `{ "current": ${current} }`, {
        qos: 1,
        retain: false,
      });

    await subscribe('warp/info/features');
    const features = JSON.parse(await evcc.sees('warp/info/features')) as string[];
    t.true(features.includes('meter') && features.includes('meter_phases'));
    for (const topic of [
      'evse/low_level_state',
      'evse/external_current',
      'evse/state',
      'meter/values',
      'meter/all_values',
    ]) {
      await subscribe(`warp/${topic}`);
      await evcc.sees(`warp/${topic}`);
    }
    t.true(((await get('warp/meter/all_values')) as unknown as number[]).length > 5);

    const before = (await get('warp/evse/low_level_state')) as unknown as Low;
    await until(() => {
      const now = JSON.parse(evcc.newest.get('warp/evse/low_level_state') ?? '{}') as Low;
      return now.uptime - before.uptime > 1_000;
    }, 'signs of life');

    await set(0);
    await evcc.sees('warp/evse/external_current', '{"current":0}');
    await tested.world('simulator/vehicle', { connected: true, requesting: true });
    await evcc.sees('warp/evse/state', /"iec61851_state":1/);
    await set(6000);
    await evcc.sees('warp/evse/state', /"iec61851_state":2/);
    await set(13123);
    await evcc.sees('warp/evse/external_current', '{"current":13123}');
    await until(() => JSON.parse(evcc.newest.get('warp/meter/values') ?? '{}').power > 4_000, 'power');

    cancel();
    stop.abort();
    await ended;
  });
}
