import type { Cancel } from '../../base/clock.js';
import { membersOf, parseJson } from '../../base/json.js';
import type { Outlet, OutletContext } from '../../charger/outlet.js';
import type { Topic } from '../../topics/topic.js';

const LIFE = 'evse/low_level_state';

/** After so long what is still begun may just as well be somebody's wish, ms. */
const LASTS_MS = 15 * 60_000;

/**
 * Ends what an earlier process began and did not end because it was killed: the topic that a command names (`underway`)
 * says since when its steps are under way. Nobody can tell what a person wanted from what was left like that, so it is
 * ended only where nothing speaks for a person: it is not long ago, and the charge controller, which forgets such
 * things when it restarts, has run ever since.
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
    // One that was begun meanwhile is under way.
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
        log.info(`${row.path}, begun at ${since} by a process that was killed, is ended now`);
        charger.resume(row, elapsed);
        return;
      }
      if (isBegun)
        log.warn(
          `${row.path} was begun at ${since} by a process that was killed; whether what the charger shows now is what it left or somebody's wish nobody can tell, so it stays: ${toUndo(row)} ends it`,
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

/** The time in the payload `text`; undefined where there is none. */
function sinceOf(text: string): string | undefined {
  const { since } = membersOf(parseJson(text));
  return typeof since === 'string' && !Number.isNaN(Date.parse(since)) ? since : undefined;
}
