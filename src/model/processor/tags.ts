import type { NfcTag, TagInput } from '../api-types.js';
import type { Board } from '../board/board.js';
import { C } from '../board/iec61851.js';
import type { Snapshot } from '../board/snapshot.js';
import type { Users } from './users.js';

// Indications of the LED, and how long they last (controller-model-2 12).
const CONFIRMED = 1001;
const REJECTED = 1002;
export const TAG_SHOWN_MS = 2000;
/** The reader takes this time to see a tag that is held to it. */
const READ_AFTER_MS = 300;
/** A tag does not stop a charge so soon after a tag has started one, nor in the first moments of charging. */
const DEAD_MS = 30_000;
const CHARGES_FOR_MS = 3000;
const NEVER = Number.POSITIVE_INFINITY;

/** How many tags are remembered. With more, the one that was not held for the longest time is forgotten. */
const MAX_KNOWN = 100;

/** authorization_type of a charge. */
const NFC = 2;
const INJECTED_NFC = 3;

/** What happens to the charger when a tag is seen. */
export interface TagActions {
  indicate(indication: number, time: number): void;
}

interface Held extends TagInput {
  readonly injected: boolean;
}

/** The reader of NFC tags, and the tags that it knows. */
export class Tags {
  #held: Held | undefined;
  #readAt = NEVER;
  #startedAt = Number.NEGATIVE_INFINITY;
  readonly #known = new Map<string, number>();
  readonly #board: Board;
  readonly #users: Users;
  readonly #actions: TagActions;

  constructor(board: Board, users: Users, actions: TagActions) {
    this.#board = board;
    this.#users = users;
    this.#actions = actions;
  }

  get dueAt(): number {
    return this.#readAt;
  }

  /** Holds a tag to the reader. With `known` it is remembered, otherwise forgotten. */
  hold(tag: TagInput, time: number): void {
    this.#known.delete(tag.tag_id);
    if (tag.known) this.#known.set(tag.tag_id, tag.current);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
    this.#held = { ...tag, injected: false };
    this.#readAt = time + READ_AFTER_MS;
  }

  /** `nfc/inject_tag`: a tag is seen at once, without a dead time. */
  inject(
    { tag_type, tag_id }: NfcTag,
    wants: 'both' | 'start' | 'stop',
    shown: Snapshot,
    time: number,
  ): void {
    const current = this.#known.get(tag_id);
    const tag = { tag_type, tag_id, known: current !== undefined, current: current ?? 0, injected: true };
    this.#see(tag, wants, shown, time);
  }

  run(shown: Snapshot, time: number): void {
    this.#readAt = NEVER;
    if (this.#held) this.#see(this.#held, 'both', shown, time);
    this.#held = undefined;
  }

  #see(tag: Held, wants: 'both' | 'start' | 'stop', shown: Snapshot, time: number): void {
    this.#actions.indicate(tag.known ? CONFIRMED : REJECTED, time);
    if (!tag.known || !this.#users.isEnabled) return;
    const { iec61851State, chargerState } = shown;
    const plugged = chargerState === 1 || chargerState === 2 || chargerState === 3;
    if (!plugged || (!tag.injected && time < this.#startedAt + DEAD_MS)) return;
    if (this.#users.charging) {
      const young = iec61851State === C && time - this.#board.iec61851.changedAt < CHARGES_FOR_MS;
      if (wants !== 'start' && (tag.injected || !young)) this.#users.stop(time);
      return;
    }
    if (wants === 'stop') return;
    this.#startedAt = time;
    const { tag_type, tag_id } = tag;
    const type = tag.injected ? INJECTED_NFC : NFC;
    this.#users.authorise(tag.current, type, { tag_type, tag_id }, time);
  }
}
