import type { Controller } from './controller.js';

const SECOND_MS = 1000;
const FULL_CURRENT_MA = 16_000;
const LOWER_CURRENT_MA = 10_000;
/** s after which an act that waits for the charger goes on without it. */
const PATIENCE_S = 120;

interface Act {
  readonly name: string;
  /** What happens when the act begins. */
  begin?(hand: Hand): void;
  /** Seconds that it lasts, counted from the moment `until` is true. */
  readonly seconds: number;
  /** What it waits for first: one of these values of charger_state. */
  readonly until?: readonly number[];
}

// From the first act to the last it takes about five minutes.
const DAY: readonly Act[] = [
  { name: 'nobody there', seconds: 20 },
  {
    name: 'arrives and waits for release',
    begin: (hand) => {
      hand.setCurrent(0);
      hand.setVehicle({ connected: true, requesting: true });
    },
    until: [1, 2, 3],
    seconds: 20,
  },
  { name: 'released, charges', begin: (hand) => hand.setCurrent(FULL_CURRENT_MA), until: [3], seconds: 75 },
  { name: 'slows down', begin: (hand) => hand.setCurrent(LOWER_CURRENT_MA), until: [3], seconds: 60 },
  { name: 'full speed again', begin: (hand) => hand.setCurrent(FULL_CURRENT_MA), until: [3], seconds: 45 },
  { name: 'has enough', begin: (hand) => hand.setVehicle({ requesting: false }), until: [1, 2], seconds: 25 },
  { name: 'leaves', begin: (hand) => hand.setVehicle({ connected: false }), until: [0], seconds: 20 },
];

/** What the demo writes: each value only as long as nobody else has written it. */
interface Hand {
  setCurrent(current: number): void;
  setVehicle(change: { readonly connected?: boolean; readonly requesting?: boolean }): void;
}

/**
 * The demo: a vehicle comes, waits for its release, charges, follows a lower limit, has enough and leaves, again
 * and again. It gives way to others: once somebody else has written external_current, it never does so again. When
 * somebody else changes the vehicle, it pauses until that vehicle has been unplugged for a while.
 */
export class Scenario {
  #nextLook: number | undefined;
  #index = 0;
  #begun = false;
  #actSeconds = 0;
  #waitedSeconds = 0;
  #vehicleWrites = 0;
  #currentWrites = 0;
  #currentIsOurs = true;
  #paused = false;

  /** What goes on, in words. */
  get act(): string {
    return this.#paused ? 'paused: somebody else moves the vehicle' : this.#present.name;
  }

  /** Moves the world on to `now` (ms on the clock of the controller's tick); to be called before each tick. */
  step(controller: Controller, now: number): void {
    this.#nextLook ??= now + SECOND_MS;
    for (; this.#nextLook <= now; this.#nextLook += SECOND_MS) {
      controller.tick(this.#nextLook);
      this.#look(controller);
    }
  }

  get #present(): Act {
    const act = DAY[this.#index];
    if (act === undefined) throw new RangeError(`no act ${this.#index}`);
    return act;
  }

  #look(controller: Controller): void {
    const { vehicle, external_current } = controller.writes;
    if (external_current !== this.#currentWrites) this.#currentIsOurs = false;
    if (vehicle !== this.#vehicleWrites) {
      this.#paused = true;
      this.#vehicleWrites = vehicle;
      this.#goTo(0);
    }
    const { connected, cp_resistance } = controller.world.vehicle();
    if (this.#paused && (connected || cp_resistance !== null)) this.#goTo(0);
    else this.#play(controller);
  }

  #play(controller: Controller): void {
    const act = this.#present;
    if (!this.#begun) {
      this.#begun = true;
      act.begin?.(this.#handOn(controller));
    }
    const reached = act.until === undefined || act.until.includes(controller.state().charger_state);
    if (reached || this.#waitedSeconds >= PATIENCE_S) this.#actSeconds++;
    else this.#waitedSeconds++;
    if (this.#actSeconds < act.seconds) return;
    this.#paused = false;
    this.#goTo((this.#index + 1) % DAY.length);
  }

  #goTo(index: number): void {
    this.#index = index;
    this.#begun = false;
    this.#actSeconds = 0;
    this.#waitedSeconds = 0;
  }

  #handOn(controller: Controller): Hand {
    return {
      setCurrent: (current) => {
        if (!this.#currentIsOurs) return;
        controller.limits.setExternalCurrent(current);
        this.#currentWrites++;
      },
      setVehicle: (change) => {
        controller.world.setVehicle({ ...controller.world.vehicle(), ...change });
        this.#vehicleWrites++;
      },
    };
  }
}
