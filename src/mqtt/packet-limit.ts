/** A packet below this size is not why a connection ended, bytes: no broker is known that takes so little. */
const SUSPECT_FROM = 4_096;

/** Connections that end with a large packet on its way before that is taken for the cause; later one is enough. */
const ENOUGH = 2;

/** What brokers take that are not set up otherwise begins above this size, bytes (Moquette: 8092). */
const DEFAULT_LIMIT = 8_000;

/**
 * The largest packet that a broker takes which does not tell it (MQTT 3.1.1 has no word for it): found out by the
 * connections that end while a large packet is on its way.
 */
export class PacketLimit {
  #limit = Number.POSITIVE_INFINITY;
  #suspicions = 0;

  /** Bytes; Infinity while nothing is known. */
  get bytes(): number {
    return this.#limit;
  }

  /**
   * A connection ended. `unacknowledged` is the size of the largest packet on its way, `certain` says that the broker
   * gave the size as the reason. Returns whether the limit is another one now.
   */
  ended(unacknowledged: number, certain: boolean): boolean {
    if (unacknowledged < SUSPECT_FROM) {
      if (!certain) this.#suspicions = 0;
      return false;
    }
    this.#suspicions += certain ? ENOUGH : 1;
    if (this.#suspicions < ENOUGH) return false;
    const half = Math.floor(Math.min(unacknowledged, this.#limit) / 2);
    // Each step costs a connection: so the first goes down to what nearly all take.
    this.#limit = Math.min(half, DEFAULT_LIMIT);
    this.#suspicions = ENOUGH - 1;
    return true;
  }
}
