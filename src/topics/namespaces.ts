/**
 * Whose topic is it? The one place that knows the name spaces. A path is a topic without the prefix of its charger:
 * `evse/state`. Its first level is its name space: `evse` is the charge controller, `info` the device around it,
 * `bridge` this program, `simulator` the world around the built-in model; all others are further parts of a charger.
 */

/** How a topic is called to which a setting or an action is written (contract 3). */
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

/** A topic that this program makes up; a charger that has one of this name is not listened to there. */
export const isBridges = (path: string): boolean => spaceOf(path) === 'bridge';

/** Name spaces that are published whatever `charger.mirror` says. */
export const ALWAYS_PUBLISHED: readonly string[] = ['evse', 'info', 'simulator'];

/** Whether `path` may be the name of a state: as chargers form them, and nobody's place to write to. */
export function isStatePath(path: string): boolean {
  return PATH.test(path) && !path.endsWith(UPDATE);
}

/** The path to which `path` is written. */
export const updateOf = (path: string): string => `${path}${UPDATE}`;

/** The path that is written by `path`; undefined if that is no place to write to. */
export function settingOf(path: string): string | undefined {
  return path.endsWith(UPDATE) ? path.slice(0, -UPDATE.length) : undefined;
}

/** Whether `topic` is `prefix` itself or anything below it. */
export function isBelow(topic: string, prefix: string): boolean {
  return topic === prefix || topic.startsWith(`${prefix}/`);
}

/**
 * Whether an answer may go to `topic`, which a stranger named: it must be no filter, and no place on which we or our
 * listeners speak, for nobody may make us say there what he wants (contract 4.8). `reserved` are the prefixes of those.
 */
export function mayAnswerTo(topic: string, reserved: readonly string[]): boolean {
  if (topic === '' || topic.length > MAX_RESPONSE_TOPIC) return false;
  if (/[+#]|^\$/.test(topic) || topic.includes('\0')) return false;
  return !reserved.some((prefix) => isBelow(topic, prefix));
}
