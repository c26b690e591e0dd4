import { type Json, membersOf, parseJson } from '../../base/json.js';
import type { Profile } from '../profile.js';

export interface ExternalOptions {
  readonly profile: Profile;
  readonly write: (path: string, value: Json) => Promise<void>;
  /** What the model shows for a topic. */
  readonly now: (path: string) => Json | undefined;
}

/** What slot 8 holds while it is switched off. */
interface Kept {
  current: Json;
  clear_on_disconnect: Json;
}

const FULL = 32_000;
const SLOT = 8;

/** Topics that show something else while external control is off. */
export const externalTopics = [
  'evse/external_enabled',
  'evse/external_current',
  'evse/external_clear_on_disconnect',
  'evse/slots',
];

/**
 * External control as it was up to 2.6.1, when it could be switched off (charger-wire 2.1). The model only knows the
 * later behaviour. So while it is off, slot 8 of the model has no limit, and its own values are kept here. After a
 * restart it is on.
 */
export class ExternalSwitch {
  readonly #options: ExternalOptions;
  #kept: Kept | undefined;

  constructor(options: ExternalOptions) {
    this.#options = options;
  }

  /** To be called at each start of the network processor: external control is on again. */
  booted(): void {
    this.#kept = undefined;
  }

  /**
   * Handles a write; undefined if the model has to handle it. `value` has passed the check by the `wire` of its row, so
   * it has the member that is read from it.
   */
  run(path: string, value: Json): Promise<void> | undefined {
    if (!this.#options.profile.externalCanBeOff) return undefined;
    if (path === 'evse/external_enabled') {
      const { enabled } = value as { readonly enabled: boolean };
      if (enabled) return this.#kept ? this.#on(this.#kept) : Promise.resolve();
      return this.#kept ? Promise.resolve() : this.#off();
    }
    if (!this.#kept) return undefined;
    if (path === 'evse/external_current') {
      const { current } = value as { readonly current: number };
      if (current === 0 || (current >= 6_000 && current <= FULL)) this.#kept.current = current;
    } else if (path === 'evse/external_clear_on_disconnect') {
      this.#kept.clear_on_disconnect = (
        value as { readonly clear_on_disconnect: boolean }
      ).clear_on_disconnect;
    } else return undefined;
    return Promise.resolve();
  }

  /** What a topic shows instead of `text`. */
  shown(path: string, text: string): string {
    if (!this.#kept || !externalTopics.includes(path)) return text;
    const { current, clear_on_disconnect } = this.#kept;
    switch (path) {
      case 'evse/external_enabled':
        return '{"enabled":false}';
      case 'evse/external_current':
        return JSON.stringify({ current });
      case 'evse/external_clear_on_disconnect':
        return JSON.stringify({ clear_on_disconnect });
      default: {
        const slot = { max_current: current, active: false, clear_on_disconnect };
        const slots = parseJson(text);
        return Array.isArray(slots) ? JSON.stringify(slots.with(SLOT, slot)) : text;
      }
    }
  }

  async #off(): Promise<void> {
    const { now, write } = this.#options;
    const { current = FULL } = membersOf(now('evse/external_current'));
    const { clear_on_disconnect = false } = membersOf(now('evse/external_clear_on_disconnect'));
    this.#kept = { current, clear_on_disconnect };
    await write('evse/external_clear_on_disconnect', { clear_on_disconnect: false });
    await write('evse/external_current', { current: FULL });
  }

  async #on(kept: Kept): Promise<void> {
    const { profile, write } = this.#options;
    const { current, clear_on_disconnect } = profile.externalStartsFull
      ? { current: FULL, clear_on_disconnect: false }
      : kept;
    this.#kept = undefined;
    await write('evse/external_current', { current });
    await write('evse/external_clear_on_disconnect', { clear_on_disconnect });
  }
}
