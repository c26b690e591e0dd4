import type { OutletContext } from '../../charger/outlet.js';

export interface Health {
  readonly status: 200 | 503;
  readonly body: unknown;
}

/** Whether the share of chargers that suffices is reached, and what is wrong with the others (contract 6). */
export function readiness(chargers: readonly OutletContext[], share: number): Health {
  const faults = chargers.map(faultsOf);
  const ready = faults.filter((found) => found.length === 0).length;
  const reasons = faults.flat();
  const enough = ready >= share * chargers.length;
  const status = enough ? 'ok' : 'not ready';
  return {
    status: enough ? 200 : 503,
    body: reasons.length === 0 ? { status } : { status, ready, of: chargers.length, reasons },
  };
}

function faultsOf({ prefix, charger, link }: OutletContext): string[] {
  const { connection } = charger;
  return [
    ...(link.up ? [] : [`${prefix}: no connection to the broker`]),
    ...(link.denied.length === 0 ? [] : link.faults.map((fault) => `${prefix}: ${fault}`)),
    ...(connection.online ? [] : [`${prefix}: ${connection.why}`]),
  ];
}
