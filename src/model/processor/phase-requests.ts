import type { Board } from '../board/board.js';
import type { Snapshot } from '../board/snapshot.js';

// power_manager/state.external_control (controller-model-2 6.6).
const AVAILABLE = 0;
const DISABLED = 1;
const UNAVAILABLE = 2;
const SWITCHING = 3;

/** Within this time a repeated request is accepted while phases are being switched; later it is refused. */
const PATIENCE_MS = 120_000;
const REFUSED = 'Ignoring external control phase change request:';

/** Lets another program say with how many phases to charge (controller-model-2 6.6). */
export class PhaseRequests {
  state: number;
  /** What was asked for last. */
  phasesWanted: number;
  /** Whether the command exists; decided when the network processor boots. */
  readonly isThere: boolean;
  #startedAt = Number.NEGATIVE_INFINITY;
  readonly #board: Board;

  constructor(board: Board, isThere: boolean) {
    this.#board = board;
    this.isThere = isThere;
    this.state = isThere ? AVAILABLE : DISABLED;
    this.phasesWanted = isThere ? (board.abilities?.phases.current ?? 0) : 0;
  }

  /** Looks at the last poll once a second. */
  second({ error, phasesState }: Snapshot): void {
    if (!this.isThere) return;
    if (phasesState !== 0) this.state = SWITCHING;
    else this.state = error === 0 ? AVAILABLE : UNAVAILABLE;
  }

  /** `power_manager/external_control`: the text of a refusal, or undefined. */
  request(phases: number, managed: boolean, shown: Snapshot, time: number): string | undefined {
    if (phases !== 1 && phases !== 3) {
      return `${REFUSED} Invalid value for phases_wanted! Only 1 or 3 are allowed.`;
    }
    if (managed || !this.isThere) return `${REFUSED} External control is not enabled.`;
    if (shown.error !== 0) return `${REFUSED} Phase switching in error state.`;
    if (shown.phasesState !== 0) {
      const another = phases !== this.phasesWanted || time - this.#startedAt > PATIENCE_MS;
      return another ? `${REFUSED} Phase switching in progress.` : undefined;
    }
    if (phases === this.phasesWanted && phases === shown.phasesCurrent) return undefined;
    this.phasesWanted = phases;
    // A vehicle with one phase gets no more than one.
    if (phases === 3 && (shown.phasesInfo & 1) !== 0) return undefined;
    this.state = SWITCHING;
    this.#startedAt = time;
    this.#board.requestPhases(phases, time);
    return undefined;
  }
}
