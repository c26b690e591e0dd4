import { get, type IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import { freePort } from '../test/_ports.js';
import { until } from '../test/_until.js';
import { median, pause, Subject, table } from './_process.js';
import { openStage } from './_stage.js';

const main = resolve(import.meta.dirname, '../../dist/main.js');

/** What is measured: without the server of the page, with it and nobody there, and with one open page. */
const WAYS = ['HTTP_PORT=0', 'no page open', 'one page open'] as const;

type Way = (typeof WAYS)[number];

/** What the page costs the daemon, at a charger that charges and tells its power each second. Returns a table to print. */
export async function benchPage(short: boolean): Promise<string> {
  const results = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
  const [rounds, ms] = short ? [1, 5_000] : [3, 30_000];
  for (let round = 0; round < rounds; round++) {
    for (const [way, figures] of results) figures.push(await measure(way, ms));
  }
  const rows = [...results].map(([way, figures]) => {
    const used = median(figures);
    return [way, used.toFixed(2), (used / 10).toFixed(2)];
  });
  return `medians of ${rounds} round(s) of ${ms / 1_000} s in turns\n${table([['', 'CPU, ms per s', '% of a core'], ...rows])}`;
}

/** The CPU that the daemon needs in ms per second. */
async function measure(way: Way, ms: number): Promise<number> {
  const stage = await openStage();
  const httpPort = way === 'HTTP_PORT=0' ? 0 : await freePort();
  const seen = new Set<string>();
  stage.home.on('message', (topic) => seen.add(topic));
  await stage.home.subscribeAsync('warp/#');
  const [charger] = stage.chargers;
  const subject = new Subject([main], {
    CHARGER_URL: `http://127.0.0.1:${charger?.port}`,
    MQTT_URL: `mqtt://127.0.0.1:${stage.brokerPort}`,
    HTTP_PORT: `${httpPort}`,
    LOG_LEVEL: 'warn',
  });
  let power = 11_000;
  const telling = setInterval(() => {
    power += 1;
    charger?.server.push('meter/values', `{"power":${power},"energy_rel":1.5,"energy_abs":100.5}`);
  }, 1_000);
  let page: IncomingMessage | undefined;
  try {
    await until(() => seen.has('warp/meter/values') && seen.size >= 20, 'the states');
    if (way === 'one page open') page = await openPage(httpPort);
    await pause(10_000);
    const [before, began] = [subject.cpu(), performance.now()];
    await pause(ms);
    return ((subject.cpu() - before) * 1_000) / (performance.now() - began);
  } finally {
    clearInterval(telling);
    page?.destroy();
    await subject.end();
    await stage.close();
  }
}

/** The live events of the page, which are all that it asks for once it is there. */
function openPage(port: number): Promise<IncomingMessage> {
  return new Promise((done, failed) => {
    get({ host: '127.0.0.1', port, path: '/api/events' }, (response) => done(response.resume())).on(
      'error',
      failed,
    );
  });
}
