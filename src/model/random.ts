/** A seeded source of random numbers (xorshift, 32 bit), so that a run of the model can be repeated exactly. */
export class Random {
  #state: number;

  constructor(seed: number) {
    // The generator never leaves 0, and neighbouring seeds must not give neighbouring runs.
    this.#state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) | 1;
    for (let round = 0; round < 8; round++) this.between(0, 1);
  }

  /** Evenly spread over [low, high). */
  between(low: number, high: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return low + (high - low) * ((x >>> 0) / 4_294_967_296);
  }

  /** Normally distributed around 0 with standard deviation `sd`. */
  normal(sd: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.between(0, 1)));
    return sd * radius * Math.cos(2 * Math.PI * this.between(0, 1));
  }
}
