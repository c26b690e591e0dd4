import type { Cancel, Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { Charger } from '../../charger/charger.js';
import type { Incoming, Link } from '../../mqtt/link.js';
import { isController, updateOf } from '../../topics/namespaces.js';
import { familyBeside } from '../../topics/registry.js';
import { writeTopics } from '../../topics/write-target.js';
import { type IntervalRule, PublishPace } from './publish-pace.js';
import { PublishedTopics } from './published-topics.js';
import { Strangers } from './strangers.js';
import { Writers } from './writers.js';

export interface BridgeOptions {
  readonly prefix: string;
  readonly qos: 0 | 1;
  /** How often which topics are published at most. */
  readonly intervals: readonly IntervalRule[];
  readonly charger: Charger;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** What `bridge/info` says besides what the charger tells about itself. */
  readonly about: Readonly<Record<string, string>>;
  /** Prefixes below which nobody may make us answer, besides our own. */
  readonly reserved?: readonly string[];
}

/** Topics of the charger that go into `bridge/info`. */
const IDENTITY = ['info/name', 'info/version', 'info/display_name'];

/** Joins a charger to a broker, both ways, until cancelled. */
export function bridge(options: BridgeOptions): Cancel {
  const { charger, link, prefix, qos } = options;
  const own = new PublishedTopics(options);
  const writers = new Writers(options);
  /** What the charger has shown and does not have any more: nobody else would clear it at the broker. */
  const gone = new Set<string>();

  const publish = (path: string, isProbe = false) => {
    const message = own.messageOf(path, isProbe);
    if (message) link.publish(message);
  };
  const clear = (path: string) =>
    link.publish({ topic: `${prefix}/${path}`, payload: '', qos, retain: true });
  /** What an earlier run may have published and this one does not want to, since this connection. */
  const clearedOnce = new Set<string>();
  const clearUnwanted = (path: string) => {
    clearedOnce.add(path);
    clear(path);
  };
  const strangers = new Strangers(options, own, writers, publish);
  const pace = new PublishPace({ ...options, publish });

  const hear = (message: Incoming) => strangers.heard(message);
  const cancels: Cancel[] = [];
  const writable = new Set<string>();
  const shown = new Set<string>();
  /** The topic of the charger that is written by a topic at the broker. */
  const targets = new Map<string, string>();
  const write = (message: Incoming) => {
    const path = targets.get(message.topic);
    if (path !== undefined) void writers.write(path, message);
  };
  /** Takes what is published on `names` as writes to `path`, for each of these pairs. */
  const takeWrites = (all: readonly (readonly [path: string, names: readonly string[]])[]) => {
    const topics: string[] = [];
    const parts: string[] = [];
    for (const [path, names] of all) {
      if (writable.has(path)) continue;
      writable.add(path);
      for (const name of names) {
        const topic = `${prefix}/${name}`;
        targets.set(topic, path);
        topics.push(topic);
        if (charger.topics.get(path)?.command?.action === false) parts.push(`${topic}/+`);
      }
    }
    if (topics.length > 0) cancels.push(link.subscribe(topics, write));
    // Parts of a value have topics of their own behind it. With MQTT 5 they are among what others publish.
    if (parts.length > 0) cancels.push(link.subscribe(parts, hear, { insteadOfOthersOnly: true }));
  };
  /** The charger has shown the topic: then it has those that are written beside it too. */
  const takeWritesBeside = (path: string) => {
    if (shown.has(path)) return;
    shown.add(path);
    if (charger.topics.has(path))
      takeWrites(familyBeside(charger.topics, path).map((row) => [row.path, writeTopics(row)]));
    else if (charger.isWritable(path)) takeWrites([[path, [updateOf(path)]]]);
  };
  const rows = [...charger.topics.values()];
  takeWrites(rows.flatMap((row) => (row.command ? [[row.path, writeTopics(row)] as const] : [])));
  // What others publish on topics of ours, also where everything below the prefix is not to be had.
  const controllers = rows.filter(({ path, state }) => state && isController(path));
  const ours = [...controllers.map(({ path }) => path), '#'].map((path) => `${prefix}/${path}`);

  cancels.push(
    link.subscribe(ours, hear, { othersOnly: true }),
    link.subscribe(`${prefix}/bridge/state`, (message) => strangers.saysState(message)),
    link.onUp(() => {
      for (const path of gone) clear(path);
      for (const [path] of charger.store.entries()) if (!charger.isPublished(path)) clearUnwanted(path);
      // Once per connection each topic asks for an acknowledgement: with QoS 0 a denial leaves no trace.
      for (const path of own.paths()) publish(path, true);
      strangers.up();
    }),
    link.onFaults(() => publish('bridge/info')),
    charger.watch({
      state(path) {
        gone.delete(path);
        takeWritesBeside(path);
        if (charger.isPublished(path)) pace.changed(path);
        else if (!clearedOnce.has(path)) clearUnwanted(path);
        if (IDENTITY.includes(path)) publish('bridge/info');
      },
      gone(path) {
        gone.add(path);
        clear(path);
      },
      connection() {
        publish('bridge/charger');
        publish('bridge/info');
      },
    }),
  );
  return () => {
    for (const cancel of cancels) cancel();
    pace.stop();
    strangers.stop();
    writers.stop();
  };
}
