import type { CurrentCharge, NfcTag } from '../api-types.js';
import type { Board } from '../board/board.js';
import { slot, UNLIMITED_MA, USER } from '../board/slots.js';
import type { Snapshot } from '../board/snapshot.js';

const NOBODY = -1;
const ANONYMOUS = 0;
const AUTHORISED = 1;

type Authorization = Pick<CurrentCharge, 'authorization_type' | 'authorization_info'>;
const NO_AUTHORIZATION: Authorization = { authorization_type: 0, authorization_info: null };

const NO_CHARGE: CurrentCharge = {
  user_id: NOBODY,
  meter_start: 0,
  evse_uptime_start: 0,
  timestamp_minutes: 0,
  ...NO_AUTHORIZATION,
};

/** Which user charges: records the charge and keeps slot 6 (controller-model 1.4). */
export class Users {
  #charge = NO_CHARGE;
  #authorization: Authorization = NO_AUTHORIZATION;
  #wasReady = false;
  #wasConnected = false;
  readonly #board: Board;

  constructor(board: Board) {
    this.#board = board;
  }

  get charge(): CurrentCharge {
    return this.#charge;
  }

  get charging(): boolean {
    return this.#charge.user_id !== NOBODY;
  }

  /** Whether a user must be authorized before charging. */
  get isEnabled(): boolean {
    return this.#board.slots.at(USER).active;
  }

  /** Authorizes a user for `current` mA. The charge is recorded at the next call of second(). */
  authorise(current: number, authorization_type: number, authorization_info: NfcTag, time: number): void {
    this.#authorization = { authorization_type, authorization_info };
    this.#board.writeSlot(USER, { max_current: current }, time);
  }

  /** Ends the charge of an authorized user. */
  stop(time: number): void {
    this.#charge = NO_CHARGE;
    this.#authorization = NO_AUTHORIZATION;
    this.#board.writeSlot(USER, { max_current: 0 }, time);
  }

  /** Looks at the last poll once a second; `energy` in kWh, null without a meter. */
  second(snapshot: Snapshot, energy: number | null, time: number): void {
    const user = this.#board.slots.at(USER);
    const charger = snapshot.chargerState;
    const ready = charger === 2 || charger === 3;
    if (user.active) {
      if (ready && user.max_current > 0) this.#begin(AUTHORISED, snapshot, energy);
    } else if (ready && !this.#wasReady) {
      this.#begin(ANONYMOUS, snapshot, energy);
      this.#board.writeSlot(USER, { max_current: UNLIMITED_MA }, time);
    }
    if (charger === 0 && this.#wasConnected) {
      this.#charge = NO_CHARGE;
      this.#authorization = NO_AUTHORIZATION;
      this.#board.writeSlot(USER, { max_current: 0 }, time);
    }
    this.#wasReady = ready;
    this.#wasConnected = charger !== 0;
  }

  /** `evse/user_enabled`: the value that the last poll has shown changes nothing (controller-model 10; 17, E2). */
  enable(enabled: boolean, shown: Snapshot, time: number): void {
    if (shown.slots[USER]?.active === enabled) return;
    if (enabled) this.#charge = NO_CHARGE;
    const change = enabled ? slot(0, true, true) : slot(UNLIMITED_MA, false, false);
    this.#board.writeSlotAndDefault(USER, change, time);
  }

  #begin(user_id: number, snapshot: Snapshot, meter_start: number | null): void {
    if (this.charging) return;
    const authorization = user_id === AUTHORISED ? this.#authorization : NO_AUTHORIZATION;
    this.#charge = {
      ...NO_CHARGE,
      ...authorization,
      user_id,
      meter_start,
      evse_uptime_start: snapshot.uptime,
    };
  }
}
