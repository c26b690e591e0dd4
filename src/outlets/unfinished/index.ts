import type { Cancel } from '../../base/clock.js';
import { membersOf, parseJson } from '../../base/json.js';
import type { Outlet, OutletContext } from '../../charger/outlet.js';
import type { Topic } from '../../topics/topic.js';

const LIFE = 'evse/low_level_state';

/** After so long the state may as well be what somebody wants, ms. */
const LASTS_MS = 15 * 60_000;

/**
 * Ends commands of several steps that an earlier process began and could not end because it was killed. The retained
 * topic that such a command names as `underway` says since when. The state that the process left may meanwhile be what
 * a person wants. So the command is ended only if that is unlikely: if it began a short time ago, and if the charge
 * controller, which forgets such states at a restart, has run ever since.
 */
export const unfinishedCommands: Outlet = (context) => {
  const ends = [...context.charger.topics.values()].map((row) => {
    const { underway } = row.command ?? {};
    return underway === undefined ? () => {} : endUnfinished(context, row, underway);
  });
  return () => {
    for (const end of ends) end();
  };
};

function endUnfinished(context: OutletContext, row: Topic, underway: string): Cancel {
  const { charger, link, clock, log, prefix } = context;
  let stopped = false;
  let unwatch: Cancel = () => {};

  void link.readRetained(`${prefix}/${underway}`).then((message) => {
    const since = message && sinceOf(Buffer.from(message.payload).toString());
    // If the topic is set already, this process itself has begun the command meanwhile.
    if (stopped || since === undefined || charger.read(underway) !== undefined) return;
    charger.tellOwn(underway, { since });
    const look = () => {
      if (membersOf(charger.read(underway)).since !== since) return unwatch();
      const { uptime } = membersOf(charger.read(LIFE));
      const isBegun = row.command?.applied?.(null, (path) => charger.read(path));
      if (!charger.connection.online || typeof uptime !== 'number' || isBegun === undefined) return;
      unwatch();
      const elapsed = clock.date() - Date.parse(since);
      if (isBegun && elapsed >= 0 && elapsed <= Math.min(LASTS_MS, uptime) && charger.isPermitted(row)) {
        log.info(
          `an earlier process began ${row.path} at ${since} and was killed: the bridge sends its remaining steps now`,
        );
        charger.resume(row, elapsed);
        return;
      }
      if (isBegun)
        log.warn(
          `an earlier process began ${row.path} at ${since} and was killed. Somebody may want the present state of the charger, so it stays; to end it, publish ${toUndo(row)}`,
        );
      charger.tellOwn(underway, { since: null });
    };
    unwatch = charger.watch({ state: look, connection: look });
    look();
  });
  return () => {
    stopped = true;
    unwatch();
  };
}

/** The last step of a command, as its topic and payload. */
function toUndo({ command }: Topic): string {
  const last = command?.steps?.at(-1);
  return last ? `${last.path}_update ${JSON.stringify(last.value)}` : 'its last step';
}

/** The time in the payload `text`, as ISO 8601; undefined if there is none. */
function sinceOf(text: string): string | undefined {
  const { since } = membersOf(parseJson(text));
  return typeof since === 'string' && !Number.isNaN(Date.parse(since)) ? since : undefined;
}
