/** The kinds of box that have this API: chargers, and managers of chargers. */
export type Generation = 'WARP1' | 'WARP2' | 'WARP3' | 'WARP4' | 'WEM1' | 'WEM2' | 'SEB';

export const WARP2_AND_LATER: readonly Generation[] = ['WARP2', 'WARP3', 'WARP4'];

/** Boxes that manage others: energy managers 1 and 2, and the Smart Energy Broker. They have no charge controller. */
export const EVERY_MANAGER: readonly Generation[] = ['WEM1', 'WEM2', 'SEB'];

/** The boxes that have `evse/*` topics. */
export const EVERY_CHARGER: readonly Generation[] = ['WARP1', ...WARP2_AND_LATER];

/** All boxes: chargers and managers. */
export const EVERY_BOX: readonly Generation[] = [...EVERY_CHARGER, ...EVERY_MANAGER];

/**
 * Where a topic exists. Releases are those of a WARP1; the same release of another generation often carries a number
 * that is higher by one in its last part (charger-wire, introduction). Without `since` it is as old as this API, 2.0.0.
 */
export interface Availability {
  /** The first release that has it. */
  readonly since?: string;
  /** The last release that has it. */
  readonly until?: string;
  /** The first release that accepts writes to it, if that is later than `since`. */
  readonly writableSince?: string;
  /** Default: every charger. */
  readonly generations?: readonly Generation[];
  /** What else the box needs, in words. */
  readonly needs?: string;
}

const GENERATIONS: ReadonlyMap<string, Generation> = new Map([
  ['warp', 'WARP1'],
  ['warp2', 'WARP2'],
  ['warp3', 'WARP3'],
  ['warp4', 'WARP4'],
  ['wem', 'WEM1'],
  ['wem2', 'WEM2'],
  ['seb', 'SEB'],
]);

/** The generation of a box whose `info/name` has this `type`; WARP1 for an unknown type. */
export function generationOfType(type: string): Generation {
  return GENERATIONS.get(type) ?? 'WARP1';
}

/** Whether a box of this generation and firmware release (`2.8.9`) has the topic. */
export function isAvailable(row: Availability, generation: Generation, release: string): boolean {
  const { since, until, generations = EVERY_CHARGER } = row;
  return (
    generations.includes(generation) &&
    (since === undefined || compareReleases(release, since) >= 0) &&
    (until === undefined || compareReleases(release, until) <= 0)
  );
}

/** Negative, 0 or positive as release `a` is older than, the same as or newer than release `b`. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((release) => release.split('.').map(Number));
  for (let at = 0; at < 3; at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The sentence of the written reference that says where the topic exists. */
export function availabilityText(row: Availability): string {
  const { since, until, writableSince, generations = EVERY_CHARGER, needs } = row;
  const releases = until ? `Firmware ${since ?? '2.0.0'} to ${until}` : `Since firmware ${since ?? '2.0.0'}`;
  const writes = writableSince ? `, writable since ${writableSince}` : '';
  return `${releases}${writes}; ${generationText(generations)}${needs ? `, with ${needs}` : ''}.`;
}

function generationText(generations: readonly Generation[]): string {
  if (generations.length === EVERY_BOX.length) return 'every charger and energy manager';
  return generations.length === 1 ? `${generations[0]} only` : generations.join(', ');
}
