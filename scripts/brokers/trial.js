// One broker under the bridge as it ships, with the built-in model: what works, by looking from outside.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import mqtt from 'mqtt';
import { freePorts, pause, reachable, started, until } from './processes.js';

const main = resolve(import.meta.dirname, '../../dist/main.js');
const PATIENCE_MS = 40_000;

/** What was seen, a text per column of the table. */
export async function tryBroker(kind, program) {
  const folder = mkdtempSync(join(tmpdir(), 'evse-brokers-'));
  const [port, second, third] = await freePorts(3);
  const place = { port, folder, second, third };
  let broker;
  let bridge;
  const clients = [];
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
  const client = async (filter) => {
    const newest = new Map();
    const one = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 4,
      reconnectPeriod: 300,
      resubscribe: true,
    });
    clients.push(one);
    one.on('error', () => {});
    one.on('message', (topic, payload, { retain }) =>
      newest.set(topic, { text: payload.toString(), retain, at: performance.now() }),
    );
    if (filter) await one.subscribeAsync(filter, { qos: 0 });
    return { client: one, newest };
  };
  /** Whether the value of a write shows up in its answer; the write itself may carry the retain flag. */
  const write = async (who, current, retain = false) => {
    const mark = `"current":${current}`;
    const answers = () => who.newest.get('warp/bridge/response')?.text ?? '';
    who.client.publish('warp/evse/global_current_update', `{${mark}}`, { qos: 1, retain });
    const took = await until(() => answers().includes(mark) || answers().includes('retained'), 5_000);
    return { took, text: answers() };
  };
  const online = (who) => until(() => who.newest.get('warp/bridge/state')?.text === 'online', PATIENCE_MS);
  try {
    if (!kind.isOurs) await startBroker();
    startBridge();
    if (kind.isOurs && (await until(() => reachable(port), PATIENCE_MS)) === undefined)
      throw new Error(bridge.said);
    const watcher = await client('warp/#');
    if ((await online(watcher)) === undefined)
      throw new Error(`the bridge is never online\n${bridge.said.slice(-600)}`);
    await pause(1_500);
    const published = watcher.newest.size;
    const seen = { version: bridge.said.match(/\((MQTT [\d.]+)/)?.[1] ?? '?' };

    const late = await client('warp/#');
    await pause(2_500);
    const kept = [...late.newest.values()].filter(({ retain }) => retain).length;
    seen.retained = kept > 30 ? 'yes' : `${kept} of ${published} by \`#\``;

    const answer = await write(watcher, 11_000);
    seen.write = answer.took === undefined ? '**no answer**' : `${answer.took} ms`;
    const live = await write(watcher, 12_000, true);
    seen.liveRetain =
      live.took === undefined ? 'no answer' : live.text.includes('"status":"ok"') ? 'carried out' : 'refused';
    watcher.client.publish('warp/bridge/state', 'offline', { retain: true, qos: 1 });
    await pause(500);
    seen.guard =
      (await until(() => watcher.newest.get('warp/bridge/state')?.text === 'online', 5_000)) === undefined
        ? '**no**'
        : 'put right';

    if (kind.isOurs) {
      seen.will = seen.restart = seen.kill = 'with the bridge';
      seen.replayed = '–';
    } else {
      bridge.signal('SIGKILL');
      await bridge.ended;
      const will = await until(() => watcher.newest.get('warp/bridge/state')?.text === 'offline', 10_000);
      seen.will = will === undefined ? '**never**' : `${will} ms`;
      watcher.client.publish('warp/evse/global_current_update', '{"current":13000}', {
        retain: true,
        qos: 1,
      });
      await pause(300);
      startBridge();
      await online(watcher);
      await pause(1_500);
      seen.replayed = watcher.newest.get('warp/evse/global_current')?.text.includes('13000')
        ? '**carried out**'
        : 'refused';
      watcher.client.publish('warp/evse/global_current_update', '', { retain: true, qos: 1 });
      for (const [column, signal] of [
        ['restart', 'SIGTERM'],
        ['kill', 'SIGKILL'],
      ]) {
        await broker.end(signal);
        await pause(500);
        watcher.newest.clear();
        const since = performance.now();
        await startBroker();
        const again = await client('warp/#');
        await until(() => again.newest.get('warp/bridge/state')?.text === 'online', PATIENCE_MS);
        let took;
        for (let tries = 0; tries < 8 && took === undefined; tries++) {
          if ((await write(again, 14_000 + tries * 10 + (column === 'kill' ? 5 : 0))).took !== undefined)
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
    for (const one of clients) one.end(true);
    await bridge?.end();
    await broker?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
