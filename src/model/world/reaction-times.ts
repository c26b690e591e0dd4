import type { Random } from '../random.js';

/** ms from a cause to what the vehicle does about it: least and most (controller-model 12.2). */
const REACTIONS_MS = {
  closeS2: [1000, 5000],
  startUp: [2000, 8000],
  followLimit: [500, 2500],
  obeyStop: [300, 1000],
} as const;

type Reaction = keyof typeof REACTIONS_MS;

/** How long a vehicle takes for what it does. */
export class ReactionTimes {
  readonly #random: Random | undefined;

  /** Without `random` every reaction takes its mean time. */
  constructor(random: Random | undefined) {
    this.#random = random;
  }

  /** How long the reaction takes this time, ms. */
  to(reaction: Reaction): number {
    const [least, most] = REACTIONS_MS[reaction];
    return this.#random?.between(least, most) ?? (least + most) / 2;
  }

  /** The shortest time that the reaction takes, ms. */
  atLeast(reaction: Reaction): number {
    return REACTIONS_MS[reaction][0];
  }
}
