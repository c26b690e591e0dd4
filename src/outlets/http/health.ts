import type { OutletContext } from '../../charger/outlet.js';

export interface Health {
  readonly status: 200 | 503;
  readonly body: { readonly status: 'ok' | 'not ready'; readonly ready: number; readonly of: number };
  /** What is wrong, for people. */
  readonly reasons: readonly string[];
}

/**
 * Whether enough chargers are ready: at least `share` (0 to 1) of all; and what is wrong with the others (contract 6).
 * `missing`: for each configured charger that could not be set up, the reason. With no charger at all it is ready.
 */
export function readiness(
  chargers: readonly OutletContext[],
  missing: readonly string[],
  share: number,
): Health {
  const faults = [...chargers.map(faultsOf), ...missing.map((why) => [why])];
  const ready = faults.filter((found) => found.length === 0).length;
  const of = faults.length;
  const reasons = faults.flat();
  const enough = ready >= share * of;
  return { status: enough ? 200 : 503, body: { status: enough ? 'ok' : 'not ready', ready, of }, reasons };
}

function faultsOf({ prefix, charger, link }: OutletContext): string[] {
  const { connection } = charger;
  return [
    ...(link.up ? [] : [`${prefix}: no connection to the broker`]),
    ...(link.denied.length === 0 ? [] : link.faults.map((fault) => `${prefix}: ${fault}`)),
    ...(connection.online ? [] : [`${prefix}: ${connection.why}`]),
  ];
}
