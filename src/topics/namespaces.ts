/**
 * Which part of the system a topic belongs to: only this file knows the name spaces. A path is a topic without the
 * prefix of its charger: `evse/state`. Its first level is its name space: `evse` is the charge controller, `info` the
 * device around it, `bridge` this program, `simulator` the world around the built-in model; all others are further
 * parts of a charger.
 */

/** The end of a topic to which a setting or an action is written (contract 3). */
const UPDATE = '_update';

/** The longest response topic that is served, characters. */
const MAX_RESPONSE_TOPIC = 1_024;

const PATH = /^[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,64}){1,4}$/;

/** The first level of a path: its name space. */
export function spaceOf(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf('/')));
}

/** A topic of the charge controller. Those without a row are passed through (contract 3). */
export const isController = (path: string): boolean => spaceOf(path) === 'evse';

/** A topic of the world around the built-in model (contract 5). */
export const isSimulated = (path: string): boolean => spaceOf(path) === 'simulator';

/** A topic of this program. If a charger has one of this name, it is ignored. */
export const isBridgeTopic = (path: string): boolean => spaceOf(path) === 'bridge';

/** Name spaces that are published whatever `charger.mirror` says. */
export const ALWAYS_PUBLISHED: readonly string[] = ['evse', 'info', 'simulator'];

/** Whether `path` can be a state: it is formed as the charger's topics are, and is not one for writes (`…_update`). */
export function isStatePath(path: string): boolean {
  return PATH.test(path) && !path.endsWith(UPDATE);
}

/** The path for writes to the topic `path`. */
export const updateOf = (path: string): string => `${path}${UPDATE}`;

/** The topic that a write to `path` changes: `evse/x` for `evse/x_update`; undefined without that ending. */
export function settingOf(path: string): string | undefined {
  return path.endsWith(UPDATE) ? path.slice(0, -UPDATE.length) : undefined;
}

/** Whether `topic` is `prefix` itself or anything below it. */
export function isBelow(topic: string, prefix: string): boolean {
  return topic === prefix || topic.startsWith(`${prefix}/`);
}

/**
 * Whether an answer may be published to `topic`, which the sender of a write has chosen (contract 4.8). It must not be
 * a topic filter, nor lie below one of the `reserved` prefixes. There the bridge publishes, or Home Assistant reads,
 * and a sender must not be able to put messages there.
 */
export function mayAnswerTo(topic: string, reserved: readonly string[]): boolean {
  if (topic === '' || topic.length > MAX_RESPONSE_TOPIC) return false;
  if (/[+#]|^\$/.test(topic) || topic.includes('\0')) return false;
  return !reserved.some((prefix) => isBelow(topic, prefix));
}
