import test from 'ava';
import { discovery } from '../../../src/outlets/homeassistant/discovery.js';
import { testBridge, testLink } from '../../_bridge.js';
import { FakeClock, fakeCharger } from '../../_fakes.js';
import { until } from '../../_until.js';
import { brokers, Onlooker, requireMosquitto } from '../../mqtt/_brokers.js';
import { recorded } from './_chargers.js';
import { parsed } from './_fake-home-assistant.js';

const TOPIC = 'homeassistant/device/warp_bridge_AbCd/config';

/** A run of the bridge with discovery at a real broker. Both clocks are the test's: a broker can't keep up with minutes. */
async function run(port: number, uid = 'AbCd') {
  const setup = fakeCharger();
  const { charger, backend, clock, log } = setup;
  const linkClock = new FakeClock();
  const link = testLink(port, linkClock, log, {
    will: { topic: 'warp/bridge/state', payload: 'offline', retain: true, qos: 1 },
  });
  testBridge({ charger, link, clock, log });
  discovery({
    charger,
    prefix: 'warp',
    clock,
    log,
    link,
    discoveryPrefix: 'homeassistant',
    statusTopic: 'homeassistant/status',
    language: 'en',
    version: '1.2.3',
  });
  let echoes = 0;
  link.subscribe('test/echo', () => {
    echoes += 1;
  });
  /** Everything that the broker sent us before is here; what it retains may come a little after the answer. */
  const caughtUp = async () => {
    for (let round = 0; round < 3; round++) {
      const before = echoes;
      link.publish({ topic: 'test/echo', payload: 'x', retain: false, qos: 1 });
      await until(() => echoes > before, 'an echo from the broker');
    }
  };
  /** Lets `ms` pass, and the broker answer before the next second of it. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      await caughtUp();
      await clock.pass(Math.min(left, 1_000));
    }
    await caughtUp();
  };
  const stop = new AbortController();
  const ended = link.run(stop.signal);
  await until(() => link.up, 'the connection');
  for (const { path, text } of recorded('warp1-public-doc', charger.topics)) backend.reports(path, text);
  backend.reports('info/name', { name: `warp-${uid}`, type: 'warp', display_type: '', uid });
  await caughtUp();
  // What the broker retains has come: reading ends.
  await linkClock.pass(2_000);
  return {
    ...setup,
    pass,
    async leave() {
      stop.abort();
      await linkClock.pass(0);
      await ended;
    },
  };
}

for (const broker of brokers) {
  test(`announces, answers a birth, and removes in two steps: ${broker.name}`, async (t) => {
    const { port, stop } = await broker.start();
    t.teardown(stop);
    const home = await Onlooker.at(t, port);
    const one = await run(port);
    await one.pass(4_000);
    const text = await home.sees(TOPIC, /charger_state/);
    home.client.publish('homeassistant/status', 'online');
    await home.sees('homeassistant/status', 'online');
    await one.pass(15_000);
    await until(() => home.all(TOPIC).length === 2, 'the document again');
    await one.leave();

    const document = parsed(text);
    const old = {
      platform: 'sensor',
      unique_id: 'warp_bridge_AbCd_old',
      name: 'Old',
      state_topic: 'warp/old',
    };
    const more = { ...document, components: { ...document.components, old } };
    await home.client.publishAsync(TOPIC, JSON.stringify(more), { retain: true, qos: 1 });
    const two = await run(port);
    await two.pass(4_000);
    await two.pass(60_000);
    await two.pass(5_000);
    await home.sees(TOPIC, text);
    await two.leave();
    const seen = home.seen
      .filter(({ topic }) => topic === TOPIC)
      .slice(3)
      .map(({ payload }) => parsed(payload));
    t.deepEqual(
      seen.map(({ components }) => components.old),
      [old, { platform: 'sensor' }, undefined],
    );
    await home.client.endAsync();
  });

  test(`the charger that had the prefix before is removed: ${broker.name}`, async (t) => {
    const { port, stop } = await broker.start();
    t.teardown(stop);
    const home = await Onlooker.at(t, port);
    const model = await run(port, 'SIM1');
    await model.pass(4_000);
    const before = 'homeassistant/device/warp_bridge_SIM1/config';
    await home.sees(before, /charger_state/);
    await model.leave();
    const real = await run(port);
    await real.pass(4_000);
    await home.sees(before, '');
    await home.sees(TOPIC, /charger_state/);
    await real.leave();
    const later = await Onlooker.at(t, port);
    await later.sees(TOPIC, /charger_state/);
    t.false(later.newest.has(before));
    await home.client.endAsync();
    await later.client.endAsync();
  });
}

test('Mosquitto is among the brokers', requireMosquitto);
