// One broker under the bridge as it ships, with the built-in model: what works, by looking from outside.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { answersOnResponseTopic, limits, observer } from './observer.js';
import { freePorts, pause, reachable, started, until } from './processes.js';

const main = resolve(import.meta.dirname, '../../dist/main.js');
const PATIENCE_MS = 60_000;

/** From the documents for Home Assistant until the connection must have stood them, ms. */
const SETTLED_MS = 3_000;

/** States that must be found retained: the model has more. */
const MANY = 30;

/** What was seen, a text per column of the table. */
export async function tryBroker(kind, program) {
  const folder = mkdtempSync(join(tmpdir(), 'evse-brokers-'));
  const [port, second, third, fourth] = await freePorts(4);
  const place = { port, folder, second, third, fourth };
  const version = kind.clientVersion ?? 4;
  let broker;
  let bridge;
  const observers = [];
  const seen = {};
  const startBroker = async () => {
    broker = kind.start?.(program, place);
    if ((await until(() => reachable(port), PATIENCE_MS)) === undefined)
      throw new Error(`it does not start\n${broker?.said.slice(-600)}`);
  };
  const environment = kind.isOurs
    ? { MQTT_EMBEDDED_PORT: String(port) }
    : { MQTT_URL: `mqtt://127.0.0.1:${port}` };
  const startBridge = () => {
    bridge = started(process.execPath, [main], { ...environment, HTTP_PORT: '0', LOG_FORMAT: 'json' });
  };
  const look = async (filters, qos) => {
    const one = await observer(port, version, filters, qos);
    observers.push(one);
    return one;
  };
  // RabbitMQ sends what is retained to an exact filter only.
  const everything = ['warp/#', 'warp/bridge/state', 'homeassistant/#'];
  const online = (who) => until(() => who.text('warp/bridge/state') === 'online', PATIENCE_MS);
  try {
    if (!kind.isOurs) await startBroker();
    startBridge();
    if (kind.isOurs && (await until(() => reachable(port), PATIENCE_MS)) === undefined)
      throw new Error(bridge.said);
    const watcher = await look(everything);
    if ((await online(watcher)) === undefined)
      throw new Error(`the bridge is never online\n${bridge.said.slice(-600)}`);
    // What Home Assistant gets comes last, and where it is too large for the broker, only when the bridge has learned that.
    const isAnnounced = () => [...watcher.newest.keys()].some((topic) => topic.startsWith('homeassistant/'));
    await until(isAnnounced, PATIENCE_MS);
    await pause(SETTLED_MS);
    const topics = [...watcher.newest.keys()];
    const published = topics.filter((topic) => topic.startsWith('warp/')).length;
    const documents = topics.filter((topic) => topic.startsWith('homeassistant/'));
    seen.version = bridge.said.match(/\((MQTT [\d.]+)/)?.[1] ?? '?';
    const bytes = documents.reduce((sum, topic) => sum + Buffer.byteLength(watcher.text(topic)), 0);
    seen.discovery =
      documents.length === 0 ? '**none**' : `${documents.length}, ${Math.round(bytes / 1_024)} kB`;

    // Moquette forgets the retain flag with QoS 1.
    const late = await look(['warp/#'], 1);
    await pause(2_500);
    const kept = [...late.newest.values()].filter(({ retain }) => retain).length;
    if (kept > MANY) seen.retained = 'yes';
    else if (late.newest.size > MANY) seen.retained = '**without the retain flag**';
    else seen.retained = `**${kept} of ${published}**`;

    const answer = await watcher.write(11_000);
    seen.write = answer.took === undefined ? '**no answer**' : `${answer.took} ms`;
    seen.response = '–';
    if (seen.version === 'MQTT 5') seen.response = (await answersOnResponseTopic(port)) ? 'yes' : '**no**';
    const live = await watcher.write(12_000, true);
    seen.liveRetain =
      live.took === undefined ? 'no answer' : live.text.includes('"status":"ok"') ? 'carried out' : 'refused';
    watcher.client.publish('warp/evse/global_current_update', '', { retain: true, qos: 1 });
    watcher.client.publish('warp/bridge/state', 'offline', { retain: true, qos: 1 });
    await pause(500);
    seen.guard =
      (await until(() => watcher.text('warp/bridge/state') === 'online', 5_000)) === undefined
        ? '**no**'
        : 'put right';
    seen.limits = await limits(port, seen.version === 'MQTT 5' ? 5 : 4);

    if (kind.isOurs) {
      seen.will = seen.restart = seen.kill = 'with the bridge';
      seen.replayed = '–';
    } else {
      bridge.signal('SIGKILL');
      await bridge.ended;
      const will = await until(() => watcher.text('warp/bridge/state') === 'offline', 10_000);
      seen.will = will === undefined ? '**never**' : `${will} ms`;
      watcher.client.publish('warp/evse/global_current_update', '{"current":13000}', {
        retain: true,
        qos: 1,
      });
      await pause(300);
      startBridge();
      await online(watcher);
      await pause(1_500);
      seen.replayed = watcher.text('warp/evse/global_current').includes('13000')
        ? '**carried out**'
        : 'refused';
      watcher.client.publish('warp/evse/global_current_update', '', { retain: true, qos: 1 });
      await pause(300);
      for (const [column, signal] of [
        ['restart', 'SIGTERM'],
        ['kill', 'SIGKILL'],
      ]) {
        await broker.end(signal);
        await pause(500);
        const since = performance.now();
        await startBroker();
        const again = await look(everything);
        await online(again);
        let took;
        for (let tries = 0; tries < 8 && took === undefined; tries++) {
          if ((await again.write(14_000 + tries * 10 + (column === 'kill' ? 5 : 0))).took !== undefined)
            took = performance.now() - since;
        }
        seen[column] = took === undefined ? '**no**' : `${(took / 1_000).toFixed(1)} s`;
      }
    }
    const check = started(process.execPath, [main, 'check'], { ...environment, HTTP_PORT: '0' });
    await check.ended;
    const verdict = check.said
      .split('\n')
      .filter((line) => /^(FAIL|note)/.test(line.trim()) && /broker/.test(line));
    seen.check = verdict.some((line) => line.trim().startsWith('FAIL')) ? '**FAIL**' : 'ok';
    seen.notes = verdict.map((line) => line.trim().replaceAll(String(port), '1883'));
    return seen;
  } finally {
    for (const one of observers) one.end();
    await bridge?.end();
    await broker?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
