// How long it takes until the bridge has answered a write at another broker, after the first one was killed or frozen.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { observer } from './observer.js';
import { pause, started, until } from './processes.js';

const main = resolve(import.meta.dirname, '../../dist/main.js');

/** Longest time until all is up, and until it is up again, ms. */
const READY_MS = 90_000;
const GIVEN_UP_MS = 90_000;

/** Between two writes, ms. */
const WRITE_EVERY_MS = 100;

/** One round: ms until a write was answered, undefined where that did not happen, and what the bridge said meanwhile. */
export async function failOver(cluster, tools, qos, signal) {
  const folder = mkdtempSync(join(tmpdir(), 'evse-fail-over-'));
  let made;
  let bridge;
  let watcher;
  try {
    made = await cluster.start(tools, folder);
    const url = made.bridge.map((port) => `mqtt://127.0.0.1:${port}`).join(',');
    bridge = started(process.execPath, [main], {
      MQTT_URL: url,
      MQTT_QOS: String(qos),
      HTTP_PORT: '0',
      LOG_FORMAT: 'json',
    });
    if ((await until(() => bridge.said.includes('announced to Home Assistant'), READY_MS)) === undefined)
      throw new Error(`the bridge does not get ready\n${bridge.said.slice(-800)}`);
    // A cluster that settles may have sent it on.
    const port = Number(bridge.said.match(/.*connected to the broker at mqtt:\/\/127\.0\.0\.1:(\d+)/s)?.[1]);
    const struck = Math.max(0, made.ports.indexOf(port));
    watcher = await firstObserver(made.ports.findLast((_, number) => number !== struck));
    // Its own settling is not to be measured.
    await pause(5_000);
    const from = bridge.said.length;
    const at = new Date().toISOString();
    const since = performance.now();
    made.nodes[struck].signal(signal);
    let current = 10_000;
    const isAnswered = () => {
      current += 1;
      watcher.client.publish('warp/evse/global_current_update', `{"current":${current}}`, { qos: 0 });
      return /"current":1[0-9]{4}/.test(watcher.text('warp/bridge/response'));
    };
    while (!isAnswered() && performance.now() - since < GIVEN_UP_MS) await pause(WRITE_EVERY_MS);
    const took = Math.round(performance.now() - since);
    const ms = took < GIVEN_UP_MS ? took : undefined;
    return { ms, at, said: bridge.said.slice(from), node: made.nodes.map(({ said }) => said) };
  } catch (error) {
    error.nodes = made?.nodes.map(({ said }) => said);
    throw error;
  } finally {
    watcher?.end();
    await bridge?.end('SIGKILL');
    for (const one of [...(made?.nodes ?? []), ...(made?.others ?? [])]) await one.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nodes of a cluster let nobody in while they settle. */
async function firstObserver(port) {
  for (let tries = 0; ; tries++) {
    try {
      return await observer(port, 4, ['warp/bridge/response']);
    } catch (error) {
      if (tries === 10) throw error;
      await pause(1_000);
    }
  }
}
