import { type Availability, compareReleases, type Generation, isAvailable } from '../topics/availability.js';

/** Firmware releases that can be imitated; they differ in what a client may rely on (charger-wire 9). */
export const firmwares = ['2.0.9', '2.6.1', '2.8.9', '2.12.1'] as const;
export type Firmware = (typeof firmwares)[number];

/** What a client sees of the firmware, besides the topics that it has or lacks. */
export interface Profile {
  readonly generation: Generation;
  /** As in `info/version`: the release and a made-up time of the build in hex. */
  readonly firmware: string;
  readonly config: string;
  /** Whether the release is `version` or a later one. */
  since(version: string): boolean;
  /** Whether this charger has the topic, and whether it takes writes to it. */
  has(topic: Availability): boolean;
  takes(topic: Availability): boolean;
  /** Length of `evse/slots` (charger-wire 2.3). */
  readonly slots: number;
  /** Bytes of JSON that one request may bring (charger-wire 4.3). */
  readonly maxJson: number;
  /** Members of documents can be read and written by path (charger-wire 3.5). */
  readonly suffixPaths: boolean;
  /** A refusal lists all problems of a payload, not only the first (charger-wire 3.6). */
  readonly allProblems: boolean;
  /** Content type of the empty answer to a write. */
  readonly writeType: string;
  /** Answer to a known path with a query string (charger-wire 4.1). */
  readonly queryStatus: 200 | 404 | 405;
  /** Answer to GET on a `_update` path: an empty write, or no such method. */
  readonly emptyWriteByGet: boolean;
  readonly closesWhenNotFound: boolean;
  /** Answer to GET on `/ws` without an upgrade. */
  readonly plainWebSocketStatus: 400 | 426;
  /** Bytes of the longest frame of a WebSocket's dump; undefined: all in one frame, without a mark at its end. */
  readonly dumpFrame: number | undefined;
  /** The dump begins with a sign of life. */
  readonly dumpKeepAlive: boolean;
  readonly keepAlive: 'old' | 'spaced' | 'compact';
  /** A sixth WebSocket client throws out another one, instead of being refused. */
  readonly evicts: boolean;
  /** Without a charge controller the topics are there all the same (charger-wire 10.10). */
  readonly topicsWithoutController: boolean;
  /** A WebSocket client gets changes only after its dump, and never learns of those during it (charger-wire 5). */
  readonly losesDuringDump: boolean;
  /** WebSockets end with a close frame at a reboot. */
  readonly closesAtReboot: boolean;
  /** External control can be switched off for good (charger-wire 2.1). */
  readonly externalCanBeOff: boolean;
  /** Switching external control on starts it at 32 A instead of its last current. */
  readonly externalStartsFull: boolean;
}

const BUILDS: Readonly<Record<Firmware, string>> & Readonly<Record<string, string | undefined>> = {
  '2.0.9': '63d00000',
  '2.6.1': '67200000',
  '2.8.9': '68900000',
  '2.12.1': '6a300000',
};

/** The profile of a charger of this generation with this release of the firmware. */
export function profileOf(firmware: string, generation: Generation = 'WARP1'): Profile {
  const since = (version: string) => compareReleases(firmware, version) >= 0;
  const has = (topic: Availability) => isAvailable(topic, generation, firmware);
  return {
    generation,
    firmware: `${firmware}${since('2.4.0') ? '+' : '-'}${BUILDS[firmware] ?? '0'}`,
    config: firmware,
    since,
    has,
    takes: (topic) => has(topic) && since(topic.writableSince ?? ''),
    slots: slotsOf(since),
    maxJson: generation === 'WARP1' ? smallJson(since) : since('2.8.4') ? 10_240 : 4096,
    suffixPaths: since('2.8.9'),
    allProblems: since('2.1.0'),
    writeType: since('2.1.5') ? 'text/plain; charset=utf-8' : 'text/html',
    queryStatus: since('2.8.13') ? 404 : since('2.8.9') ? 200 : 405,
    emptyWriteByGet: since('2.8.9'),
    closesWhenNotFound: !since('2.8.9'),
    plainWebSocketStatus: since('2.8.13') ? 426 : 400,
    dumpFrame: since('2.2.1') ? (since('2.10.1') ? 4352 : 4096) + 128 : undefined,
    dumpKeepAlive: since('2.7.6'),
    keepAlive: since('2.6.2') ? 'compact' : since('2.1.0') ? 'spaced' : 'old',
    evicts: since('2.7.2'),
    topicsWithoutController: since('2.1.5'),
    losesDuringDump: since('2.1.5'),
    closesAtReboot: since('2.7.2'),
    externalCanBeOff: !since('2.6.2'),
    externalStartsFull: since('2.1.5'),
  };
}

function smallJson(since: Profile['since']): number {
  if (since('2.10.1')) return 4352;
  return since('2.6.0') ? 4096 : 2048;
}

function slotsOf(since: Profile['since']): number {
  const lengths: readonly (readonly [version: string, slots: number])[] = [
    ['2.10.0', 17],
    ['2.8.13', 16],
    ['2.1.5', 15],
    ['2.1.3', 14],
    ['2.1.1', 13],
    ['2.0.8', 12],
  ];
  return lengths.find(([version]) => since(version))?.[1] ?? 10;
}
