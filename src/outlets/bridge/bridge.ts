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
  /** Limits how often topics are published. */
  readonly intervals: readonly IntervalRule[];
  readonly charger: Charger;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** Members of `bridge/info` that do not come from the charger. */
  readonly about: Readonly<Record<string, string>>;
  /** Prefixes, besides our own, below which response topics are refused. */
  readonly reserved?: readonly string[];
}

/** Topics of the charger that go into `bridge/info`. */
const IDENTITY = ['info/name', 'info/version', 'info/display_name'];

/** Publishes a charger's topics and carries out writes from the broker, until cancelled. */
export function bridge(options: BridgeOptions): Cancel {
  const { charger, link, prefix, qos } = options;
  const own = new PublishedTopics(options);
  const writers = new Writers(options);
  /** Topics that the charger does not have any more. They are cleared at each connect, as nobody else would do it. */
  const gone = new Set<string>();

  const publish = (path: string, isProbe = false) => {
    const message = own.messageOf(path, isProbe);
    if (message) link.publish(message);
  };
  const clear = (path: string) =>
    link.publish({ topic: `${prefix}/${path}`, payload: '', qos, retain: true });
  /** Topics that are not to be published, but may be left from an earlier run: each is cleared once. */
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
  /** For each MQTT topic that takes writes: the charger's topic that is written. */
  const targets = new Map<string, string>();
  const write = (message: Incoming) => {
    const path = targets.get(message.topic);
    if (path !== undefined) void writers.write(path, message);
  };
  /** For each pair: takes messages on `names` (without the prefix) as writes to `path`. */
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
    // Parts of a value have topics one level below it. Over MQTT 5 the subscription to `#` below brings them.
    if (parts.length > 0) cancels.push(link.subscribe(parts, hear, { insteadOfOthersOnly: true }));
  };
  /** The charger has reported `path`: then it also has the commands beside it. */
  const takeWritesBeside = (path: string) => {
    if (shown.has(path)) return;
    shown.add(path);
    if (charger.topics.has(path))
      takeWrites(familyBeside(charger.topics, path).map((row) => [row.path, writeTopics(row)]));
    else if (charger.isWritable(path)) takeWrites([[path, [updateOf(path)]]]);
  };
  const rows = [...charger.topics.values()];
  takeWrites(rows.flatMap((row) => (row.command ? [[row.path, writeTopics(row)] as const] : [])));
  // To hear what others publish on our topics, also if the broker denies the subscription to `#`.
  const controllers = rows.filter(({ path, state }) => state && isController(path));
  const ours = [...controllers.map(({ path }) => path), '#'].map((path) => `${prefix}/${path}`);

  cancels.push(
    link.subscribe(ours, hear, { othersOnly: true }),
    link.subscribe(`${prefix}/bridge/state`, (message) => strangers.saysState(message)),
    link.onUp(() => {
      for (const path of gone) clear(path);
      for (const [path] of charger.store.entries()) if (!charger.isPublished(path)) clearUnwanted(path);
      // Once per connection each topic is published so that the broker acknowledges it: with QoS 0 it denies silently.
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
