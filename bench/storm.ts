import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connectAsync } from 'mqtt';
import { chargerTopics } from '../src/topics/index.js';
import { until } from '../test/_until.js';
import { brokers } from '../test/mqtt/_brokers.js';
import { BenchCharger } from './_charger.js';
import { pause, Subject, table } from './_process.js';

const CHARGERS = 50;
const TOPICS = 300;

/** One daemon, 50 chargers with login and a dump of 300 topics each, cut off all at once, again and again. */
export async function benchStorm(short: boolean): Promise<string> {
  const kind = brokers.find(({ name }) => name === 'mosquitto');
  if (!kind) return 'left out: apt-get install -y mosquitto';
  const broker = await kind.start();
  const chargers = await Promise.all(Array.from({ length: short ? 10 : CHARGERS }, async () => charger()));
  const home = await connectAsync({
    host: '127.0.0.1',
    port: broker.port,
    protocol: 'mqtt',
    reconnectPeriod: 0,
  });
  const online = new Set<string>();
  home.on('message', (topic, payload) => {
    if (payload.toString() === 'online') online.add(topic);
    else online.delete(topic);
  });
  await home.subscribeAsync('+/bridge/charger', { qos: 1 });
  const subject = new Subject(
    [resolve(import.meta.dirname, '../../dist/main.js'), '--config', configOf(chargers)],
    {
      NODE_OPTIONS: '--max-semi-space-size=1',
      MQTT_URL: `mqtt://127.0.0.1:${broker.port}`,
      LOG_LEVEL: 'error',
    },
  );
  try {
    const rows = [['', 'ms until all dumps are through', 'CPU, ms', 'RSS, MB']];
    for (let storm = 0; storm <= (short ? 2 : 6); storm++) {
      const [began, cpu] = [performance.now(), storm === 0 ? 0 : subject.cpu()];
      for (const { server } of chargers) server.cut();
      await until(() => chargers.every(({ server }) => server.dumps > storm), 'all dumps');
      await until(() => online.size === chargers.length, 'all chargers online');
      const took = performance.now() - began;
      await pause(short ? 1_000 : 3_000);
      const name = storm === 0 ? 'start' : `storm ${storm}`;
      rows.push([name, took.toFixed(0), (subject.cpu() - cpu).toFixed(0), subject.memory().rss.toFixed(1)]);
    }
    return `${chargers.length} chargers with login, ${TOPICS} topics each, all connections cut at once\n${table(rows)}`;
  } finally {
    await subject.end();
    await home.endAsync(true);
    for (const { server } of chargers) await server.close();
    await broker.stop();
  }
}

async function charger(): Promise<{ server: BenchCharger; port: number }> {
  const known = [...chargerTopics().values()].flatMap(({ path, state }) =>
    state ? [[path, state.example] as const] : [],
  );
  const others = Array.from(
    { length: TOPICS - known.length },
    (_, at) => [`other/topic_${at}`, { value: at, text: 'something' }] as const,
  );
  const server = new BenchCharger(Object.fromEntries([...known, ...others]), true);
  return { server, port: await server.listen() };
}

function configOf(chargers: readonly { port: number }[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'evse-storm-')), 'config.json');
  const entries = chargers.map(({ port }, at) => ({
    prefix: `c${at}`,
    charger: { url: `http://127.0.0.1:${port}`, username: 'owner', password: 'secret' },
  }));
  writeFileSync(file, JSON.stringify({ chargers: entries }));
  return file;
}
