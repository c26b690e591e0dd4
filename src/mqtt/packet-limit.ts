/** A smaller packet is not suspected to have ended a connection, bytes: no known broker has a lower limit. */
const SUSPECT_FROM = 4_096;

/** So many connections must end with a large packet on its way before that counts as the cause; later one is enough. */
const ENOUGH = 2;

/** By default all known brokers accept packets of this size, bytes (the lowest limit is that of Moquette: 8092). */
const DEFAULT_LIMIT = 8_000;

/**
 * Finds out the largest packet that a broker accepts if the broker does not tell it (MQTT 3.1.1 has no such message):
 * by connections that end while a large packet is on its way.
 */
export class PacketLimit {
  #limit = Number.POSITIVE_INFINITY;
  #suspicions = 0;

  /** The largest packet to send, bytes; Infinity while nothing is known. */
  get bytes(): number {
    return this.#limit;
  }

  /**
   * A connection ended. `unacknowledged`: the size of the largest packet on its way, bytes. `certain`: whether the
   * broker gave the size as the reason. Returns whether the limit has changed.
   */
  ended(unacknowledged: number, certain: boolean): boolean {
    if (unacknowledged < SUSPECT_FROM) {
      if (!certain) this.#suspicions = 0;
      return false;
    }
    this.#suspicions += certain ? ENOUGH : 1;
    if (this.#suspicions < ENOUGH) return false;
    const half = Math.floor(Math.min(unacknowledged, this.#limit) / 2);
    // Each step costs a connection, so the first one goes down to a size that nearly all brokers accept.
    this.#limit = Math.min(half, DEFAULT_LIMIT);
    this.#suspicions = ENOUGH - 1;
    return true;
  }
}
