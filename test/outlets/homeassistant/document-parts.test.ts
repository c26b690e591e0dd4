import test from 'ava';
import { abbreviated, withFullNames } from '../../../src/outlets/homeassistant/abbreviations.js';
import { modelCharger, recordedCharger } from './_chargers.js';
import {
  announced,
  documents,
  FakeBroker,
  type Home,
  home,
  MINUTE,
  NAME,
  parsed,
  retained,
  TOPIC,
} from './_fake-home-assistant.js';

const part = (number: number) => TOPIC.replace('/config', `_${number}/config`);

/** The components that Home Assistant knows after all that was retained now, by part. */
function known(link: FakeBroker): Map<string, string> {
  const found = new Map<string, string>();
  for (const [topic, text] of link.retained) {
    if (!topic.startsWith('homeassistant/')) continue;
    for (const key of Object.keys(parsed(text).components)) found.set(key, topic);
  }
  return found;
}

const sizes = (link: FakeBroker) =>
  [...link.retained].filter(([topic]) => topic.startsWith('homeassistant/')).map(([, text]) => text.length);

/** Home Assistant would refuse one of two components of the same id that are there at the same time. */
function neverTwice(t: { true(value: boolean, text: string): void }, { link }: Home): void {
  const now = new Map<string, Set<string>>();
  for (const { topic, payload } of link.published) {
    if (!topic.startsWith('homeassistant/')) continue;
    const components = payload === '' ? {} : parsed(payload).components;
    now.set(
      topic,
      new Set(Object.keys(components).filter((key) => Object.keys(components[key] ?? {}).length > 1)),
    );
    const all = [...now.values()].flatMap((keys) => [...keys]);
    t.true(new Set(all).size === all.length, `after ${topic}`);
  }
}

test('short names lose nothing', (t) => {
  const document = {
    device: { identifiers: ['a'], name: 'n' },
    components: { icon: { platform: 'x', icon: 'mdi:y' } },
  };
  const short = abbreviated(document);
  t.deepEqual(short, { dev: { ids: ['a'], name: 'n' }, cmps: { icon: { p: 'x', ic: 'mdi:y' } } });
  t.deepEqual(withFullNames(short), document);
  t.deepEqual(withFullNames(document), document, 'a document of an earlier version is read too');
});

test('one document suffices where the broker names no limit', async (t) => {
  const { link } = await announced();
  t.is(sizes(link).length, 1);
  t.true((sizes(link)[0] ?? 0) < 30_000, `${sizes(link)[0]} bytes`);
});

for (const limit of [20_000, 8_092, 4_096, 2_000]) {
  test(`at a broker that takes ${limit} bytes everything is announced, in several documents`, async (t) => {
    const whole = retained((await announced()).link);
    const link = new FakeBroker();
    link.maximumPacketSize = limit;
    const made = await announced(link);
    t.deepEqual([...known(link).keys()].sort(), Object.keys(whole.components).sort());
    t.true(sizes(link).length > 1);
    t.true(
      link.published.every(({ topic, payload }) => topic.length + Buffer.byteLength(payload) + 10 <= limit),
    );
    for (const [topic, text] of link.retained) {
      if (topic.startsWith('homeassistant/')) t.deepEqual(parsed(text).device, whole.device);
    }
    neverTwice(t, made);
    const again = new FakeBroker(Object.fromEntries(link.retained));
    again.maximumPacketSize = limit;
    await announced(again);
    t.deepEqual(again.retained, link.retained, 'the next run leaves everything as it is');
  });
}

test('a broker that takes less than before gets it in parts, each entity in one at a time', async (t) => {
  const made = await announced();
  const { link, clock, log } = made;
  const all = [...known(link).keys()].sort();
  link.disconnect();
  link.maximumPacketSize = 10_000;
  link.connect();
  await clock.pass(MINUTE);
  t.deepEqual([...known(link).keys()].sort(), all);
  t.true(sizes(link).length >= 3);
  neverTwice(t, made);
  t.true(documents(link, part(2)).length > 0);
  t.deepEqual(log.texts('warn'), []);
  link.disconnect();
  link.maximumPacketSize = Number.POSITIVE_INFINITY;
  const before = new Map(link.retained);
  link.connect();
  await clock.pass(MINUTE);
  t.deepEqual(link.retained, before, 'no reason to move anything back');
});

test('an entity that fits nowhere is left out and told once', async (t) => {
  const link = new FakeBroker();
  link.maximumPacketSize = 1_200;
  const { clock, log, backend } = await announced(link);
  backend.reports('info/display_name', { display_name: 'Garage' });
  await clock.pass(MINUTE);
  const told = log.texts('warn').filter((text) => text.startsWith('too large for the broker'));
  t.is(told.length, 1, log.texts('warn').join('\n'));
  t.true(known(link).size > 10);
  t.true(link.published.every(({ payload }) => Buffer.byteLength(payload) <= 1_200));
});

test('another charger takes all parts of the one before out of Home Assistant', async (t) => {
  const link = new FakeBroker();
  link.maximumPacketSize = 8_000;
  const { backend, clock } = await announced(link);
  t.true(sizes(link).length > 2);
  backend.reports('info/name', { ...NAME, name: 'warp-XyZ', uid: 'XyZ' });
  await clock.pass(10_000);
  t.true(known(link).size > 0);
  t.false([...known(link).values()].some((topic) => topic.includes('AbCd')));
});

test('what others make of a document is put right', async (t) => {
  const { link, clock, log } = await announced();
  const text = link.retained.get(TOPIC);
  for (const payload of ['', '{}']) {
    link.retained.set(TOPIC, payload);
    link.send(TOPIC, payload, { retained: true });
    await clock.pass(10_000);
    t.is(link.retained.get(TOPIC), text);
  }
  t.is(log.texts('warn').filter((line) => line.includes('HOMEASSISTANT_DISCOVERY=false')).length, 1);
});

test('short names make a document an eighth smaller', async (t) => {
  for (const setup of [recordedCharger('warp1-public-doc'), modelCharger()]) {
    const link = new FakeBroker();
    const { clock } = home({}, link, setup);
    link.connect();
    await clock.pass(MINUTE);
    const text = [...link.retained].find(([topic]) => topic.startsWith('homeassistant/'))?.[1] ?? '';
    const full = JSON.stringify(parsed(text)).length;
    t.true(text.length < full * 0.89, `${text.length} of ${full}`);
    t.true(text.length < 40_000);
  }
});
