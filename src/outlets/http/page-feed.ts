import type { ServerResponse } from 'node:http';
import type { Cancel, Clock } from '../../base/clock.js';
import { membersOf } from '../../base/json.js';
import type { OutletContext } from '../../charger/outlet.js';
import { brokerNotice, diagnose } from './diagnosis.js';
import type { ChargerSummary, PageSnapshot, PageUpdate } from './page-protocol.js';
import type { Recorded } from './recorder.js';
import type { Situation } from './situation.js';

/** How long changes are gathered before they are sent, ms. */
const GATHER_MS = 250;

/** How often the list of all chargers is compared, ms. It is sent only if it has changed, as it may have 200 entries. */
const LIST_EVERY_MS = 2_000;

/** How often a sign of life is sent, ms, so that proxies keep the connection and the page notices its end. */
const ALIVE_MS = 15_000;

/** A page that has not read more than this gets nothing until it has read it, bytes. */
const MAX_UNREAD = 256 * 1024;

export interface FeedOptions {
  /** All chargers that are there at the moment. */
  readonly all: () => readonly Recorded[];
  readonly shown: Recorded;
  readonly readOnly: boolean;
  readonly clock: Clock;
}

/**
 * Sends the states of one charger to one open page as server-sent events: first everything, then what changes. A page
 * that reads slowly costs no memory: changes are not queued for it, but when it reads on it gets the newest states.
 */
export function feed(response: ServerResponse, options: FeedOptions): Cancel {
  const { all, shown, clock } = options;
  const { charger, link } = shown.context;
  const dirty = new Set<string>();
  let connectionsChanged = false;
  let writesSeen = shown.history.answered;
  let timer: Cancel | undefined;
  let listed = JSON.stringify(summaries(all()));
  let listChanged = false;

  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Without this nginx, which Home Assistant's ingress uses too, would buffer the events.
    'x-accel-buffering': 'no',
  });
  const send = (event: string, data: unknown) => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  send('snapshot', snapshotOf(options));

  const gather = () => {
    timer ??= clock.after(GATHER_MS, flush);
  };
  const connectionChanged = () => {
    connectionsChanged = true;
    gather();
  };
  const lookAtList = () => {
    const list = JSON.stringify(summaries(all()));
    if (list === listed) return;
    listed = list;
    listChanged = true;
    gather();
  };
  const flush = () => {
    timer = undefined;
    if (!all().includes(shown)) return response.end();
    if (response.writableLength > MAX_UNREAD) return gather();
    send('update', updateOf());
  };
  const updateOf = (): PageUpdate => {
    const states = Object.fromEntries([...dirty].map((path) => [path, charger.store.get(path) ?? '']));
    const writes = shown.history.writes(writesSeen);
    writesSeen = shown.history.answered;
    const situation = situationOf(shown);
    const notice = brokerNotice(situation);
    const update: PageUpdate = {
      diagnosis: diagnose(situation),
      ...(dirty.size > 0 ? { states } : {}),
      ...(writes.length > 0 ? { writes } : {}),
      ...(listChanged ? { chargers: summaries(all()) } : {}),
      ...(connectionsChanged ? { ...connectionsOf(shown), ...(notice ? { notice } : {}) } : {}),
    };
    dirty.clear();
    connectionsChanged = false;
    listChanged = false;
    return update;
  };

  const cancels = [
    charger.watch({
      state(path) {
        dirty.add(path);
        gather();
      },
      connection: connectionChanged,
      answered: gather,
    }),
    link.onUp(connectionChanged),
    link.onDown(connectionChanged),
    link.onFaults(connectionChanged),
    clock.every(LIST_EVERY_MS, lookAtList),
    clock.every(ALIVE_MS, () => {
      if (!all().includes(shown)) response.end();
      else if (response.writableLength <= MAX_UNREAD) response.write(': alive\n\n');
    }),
  ];
  return () => {
    timer?.();
    for (const cancel of cancels) cancel();
    response.end();
  };
}

function snapshotOf({ all, shown, readOnly }: FeedOptions): PageSnapshot {
  const { context, history } = shown;
  const situation = situationOf(shown);
  const notice = brokerNotice(situation);
  return {
    version: context.version,
    prefix: context.prefix,
    simulated: context.backend === 'model',
    readOnly,
    chargers: summaries(all()),
    ...connectionsOf(shown),
    diagnosis: diagnose(situation),
    ...(notice ? { notice } : {}),
    states: Object.fromEntries(context.charger.store.entries()),
    writes: history.writes(),
    history: history.history(),
  };
}

function connectionsOf({ connections }: Recorded): Pick<PageSnapshot, 'charger' | 'broker'> {
  return { charger: connections.charger, broker: connections.broker };
}

function situationOf({ context, connections }: Recorded): Situation {
  return {
    read: (path) => context.charger.read(path),
    charger: context.charger.connection,
    broker: connections.brokerSituation,
  };
}

function summaries(all: readonly Recorded[]): ChargerSummary[] {
  return all.map((one) => ({
    prefix: one.context.prefix,
    title: titleOf(one.context),
    kind: diagnose(situationOf(one)).kind,
  }));
}

function titleOf({ charger, name, prefix }: OutletContext): string {
  const { display_name } = membersOf(charger.read('info/display_name'));
  const { display_type } = membersOf(charger.read('info/name'));
  const told = [display_name, display_type].find((one) => typeof one === 'string' && one !== '');
  return name ?? (typeof told === 'string' ? told : prefix);
}
