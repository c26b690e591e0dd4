import { type Json, membersOf } from '../../base/json.js';
import type { eventTypes } from '../../topics/session.js';

export interface ChargeEvent {
  readonly type: (typeof eventTypes)[number];
  readonly details?: Readonly<Record<string, Json>>;
}

const NO_VEHICLE = 0;
const CHARGES = 2;

/**
 * Makes events of changes of states. The first state of a topic makes none, because it may be hours old. A change while
 * the charger was offline makes its event when the charger is back.
 */
export class ChargeEvents {
  #vehicle: number | undefined;
  #pressed: number | undefined;
  #released: number | undefined;
  #dimmed: boolean | undefined;
  #tags: ReadonlyMap<string, number> | undefined;

  /** The events that follow from the new `value` of `path`. */
  changed(path: string, value: Json | undefined): ChargeEvent[] {
    if (path === 'evse/state') return this.#state(value);
    if (path === 'evse/button_state') return this.#button(value);
    if (path === 'nfc/seen_tags') return this.#seenTags(value);
    if (path === 'p14a_enwg/state') return this.#gridOperator(value);
    return [];
  }

  #state(value: Json | undefined): ChargeEvent[] {
    const { iec61851_state: now } = membersOf(value);
    if (typeof now !== 'number') return [];
    const before = this.#vehicle;
    this.#vehicle = now;
    if (before === undefined || before === now) return [];
    const types: ChargeEvent['type'][] = [];
    if (before === NO_VEHICLE) types.push('plugged_in');
    if (before === CHARGES) types.push('charging_stopped');
    if (now === CHARGES) types.push('charging_started');
    if (now === NO_VEHICLE) types.push('unplugged');
    return types.map((type) => ({ type }));
  }

  /** Both times count from the start of the charge controller. If one falls, the controller has restarted: no press. */
  #button(value: Json | undefined): ChargeEvent[] {
    const { button_press_time: pressed, button_release_time: released } = membersOf(value);
    if (typeof pressed !== 'number' || typeof released !== 'number') return [];
    const events: ChargeEvent[] = [];
    if (this.#pressed !== undefined && pressed > this.#pressed) events.push({ type: 'button_pressed' });
    if (this.#released !== undefined && released > this.#released) events.push({ type: 'button_released' });
    this.#pressed = pressed;
    this.#released = released;
    return events;
  }

  /** The member with the limit has different names in different firmware releases. */
  #gridOperator(value: Json | undefined): ChargeEvent[] {
    const { active, limit, limit_w = limit } = membersOf(value);
    if (typeof active !== 'boolean') return [];
    const before = this.#dimmed;
    this.#dimmed = active;
    if (before === undefined || before === active) return [];
    if (!active) return [{ type: 'dimming_ended' }];
    return [{ type: 'dimming_started', details: typeof limit_w === 'number' ? { limit: limit_w } : {} }];
  }

  /** `last_seen` is how long ago a tag was seen, ms. If it is smaller than before, the tag was seen again. */
  #seenTags(value: Json | undefined): ChargeEvent[] {
    if (!Array.isArray(value)) return [];
    const before = this.#tags;
    const now = new Map<string, number>();
    const events: ChargeEvent[] = [];
    for (const tag of value) {
      const { tag_id, tag_type, last_seen } = membersOf(tag);
      if (typeof tag_id !== 'string' || tag_id === '' || typeof last_seen !== 'number') continue;
      now.set(tag_id, last_seen);
      const seenBefore = before?.get(tag_id) ?? Number.POSITIVE_INFINITY;
      if (before === undefined || last_seen >= seenBefore) continue;
      events.push({
        type: 'tag_seen',
        details: { tag_id, ...(typeof tag_type === 'number' ? { tag_type } : {}) },
      });
    }
    this.#tags = now;
    return events;
  }
}
