import type { Cancel, Clock } from '../../base/clock.js';
import { membersOf } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Charger } from '../../charger/charger.js';
import type { Outcome } from '../../charger/write.js';
import type { Incoming, Link } from '../../mqtt/link.js';
import { isController, mayAnswerTo, updateOf } from '../../topics/namespaces.js';
import { familyBeside } from '../../topics/registry.js';
import { writeTopics } from '../../topics/write-target.js';
import { HeartbeatThrottle } from './heartbeat-throttle.js';
import { OverwriteGuard } from './overwrite-guard.js';

export interface BridgeOptions {
  readonly prefix: string;
  readonly qos: 0 | 1;
  /** ms between two publishes of a topic whose counters always change. */
  readonly interval: number;
  readonly charger: Charger;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** What `bridge/info` says besides what the charger tells about itself. */
  readonly about: Readonly<Record<string, string>>;
}

/** Topics of the charger that go into `bridge/info`. */
const IDENTITY = ['info/name', 'info/version', 'info/display_name'];

/** Joins a charger to a broker, both ways, until cancelled. */
export function bridge(options: BridgeOptions): Cancel {
  const { charger, link, clock, prefix, qos } = options;
  const guard = new OverwriteGuard(options);
  const paces = new Map<string, HeartbeatThrottle>();

  const publish = (path: string, payload: string) =>
    link.publish({ topic: `${prefix}/${path}`, payload, qos, retain: true });
  const connection = () => publish('bridge/charger', charger.connection.online ? 'online' : 'offline');
  const info = () => publish('bridge/info', JSON.stringify(describe(options)));
  const current = (path: string) => {
    const text = charger.store.get(path);
    if (text !== undefined && link.up) publish(path, text);
  };
  const state = (path: string, text: string) => {
    const pace = paces.get(path);
    if (pace) pace.changed();
    else publish(path, text);
  };

  const cancels: Cancel[] = [];
  const writable = new Set<string>();
  const shown = new Set<string>();
  const takeWrites = (path: string, names: readonly string[]) => {
    if (writable.has(path)) return;
    writable.add(path);
    const handle = (message: Incoming) => void write(options, path, message);
    for (const name of names) cancels.push(link.subscribe(`${prefix}/${name}`, handle));
  };
  /** The charger has shown the topic: then it has those that are written beside it too. */
  const takeWritesBeside = (path: string) => {
    if (shown.has(path)) return;
    shown.add(path);
    if (charger.topics.has(path)) {
      for (const row of familyBeside(charger.topics, path)) takeWrites(row.path, writeTopics(row));
    } else if (charger.isWritable(path)) takeWrites(path, [updateOf(path)]);
  };

  for (const topic of charger.topics.values()) {
    if (topic.command) takeWrites(topic.path, writeTopics(topic));
    const heartbeat = topic.state?.heartbeat;
    if (heartbeat) {
      const alive = () => charger.connection.online;
      const times = { minInterval: options.interval, maxSilence: heartbeat.maxSilenceMs };
      paces.set(topic.path, new HeartbeatThrottle(clock, times, alive, () => current(topic.path)));
    }
    if (topic.state && isController(topic.path)) {
      const { path } = topic;
      const heard = (message: Incoming) =>
        guard.overwritten(topic, message, charger.store.get(path), () => current(path));
      cancels.push(link.subscribe(`${prefix}/${path}`, heard, { othersOnly: true }));
    }
  }

  cancels.push(
    link.onUp(() => {
      for (const [path, text] of charger.store.entries()) publish(path, text);
      info();
      connection();
      publish('bridge/state', 'online');
    }),
    charger.watch({
      state(path, text) {
        takeWritesBeside(path);
        state(path, text);
        if (IDENTITY.includes(path)) info();
      },
      connection() {
        connection();
        info();
      },
    }),
  );
  return () => {
    for (const cancel of cancels) cancel();
    for (const pace of paces.values()) pace.stop();
    guard.stop();
  };
}

/** One write from the broker to its answer. */
async function write(options: BridgeOptions, path: string, message: Incoming): Promise<void> {
  const { charger, log } = options;
  // An empty retained message is how somebody clears a retained one; there is nothing in it to execute.
  if (message.retained && message.payload.byteLength === 0) return;
  const receipt = await charger.write({ path, payload: message.payload, retained: message.retained });
  tell(log, path, receipt);
  answer(options, receipt, message);
}

function tell(log: Log, path: string, receipt: Outcome): void {
  if (receipt.status === 'error') {
    if (receipt.code === 'superseded') log.debug(`${path}: ${receipt.error}`);
    else log.warn(`write to ${path} refused (${receipt.code}): ${receipt.error}`);
    return;
  }
  const value = JSON.stringify(receipt.value);
  if (receipt.applied === false)
    log.warn(`${path}: the charger took ${value} without effect: ${receipt.hint}`);
  else log.info(`${path} set to ${value}${receipt.unchanged ? ', as it was' : ''}`);
}

function answer({ link, prefix, qos }: BridgeOptions, receipt: Outcome, request: Incoming): void {
  const payload = JSON.stringify(receipt);
  link.publish({ topic: `${prefix}/bridge/response`, payload, qos, retain: false });
  const { responseTopic: topic, correlation } = request;
  if (topic === undefined || !mayAnswerTo(topic, [prefix])) return;
  link.publish({ topic, payload, qos, retain: false, ...(correlation === undefined ? {} : { correlation }) });
}

function describe({ charger, about, prefix }: BridgeOptions): Record<string, unknown> {
  const told = (path: string) => membersOf(charger.read(path));
  const name = told('info/name');
  return {
    ...about,
    transport: charger.connection.online ? charger.connection.transport : null,
    name: told('info/display_name').display_name ?? name.name ?? null,
    type: name.type ?? null,
    display_type: name.display_type ?? null,
    uid: name.uid ?? null,
    firmware: told('info/version').firmware ?? null,
    prefix,
  };
}
