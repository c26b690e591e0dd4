import { equal, type Json } from '../../src/base/json.js';
import type { Executed } from './_charger.js';

/** One thing that somebody asked for by a message to the program. */
export interface Wish {
  readonly id: number;
  readonly at: number;
  readonly path: string;
  readonly payload: string;
  /** What the charger is to be told; undefined where it must never hear of it. */
  readonly value: Json | undefined;
  readonly action: boolean;
  readonly flash: boolean;
  readonly retain: boolean;
  /** ms. */
  readonly expiry: number | undefined;
  /** Whether an answer must come. */
  readonly answered: boolean;
  readonly deliveries: Delivery[];
  readonly executions: Executed[];
  readonly answers: Answer[];
}

/** The message has gone out on a connection of a process. */
interface Delivery {
  readonly at: number;
  readonly connection: object;
  readonly process: object | undefined;
  readonly retain: boolean;
}

export interface Answer {
  readonly at: number;
  readonly status: string;
  readonly code: string | undefined;
  readonly unchanged: boolean;
  readonly applied: boolean;
  readonly text: string;
}

export interface LedgerOptions {
  readonly now: () => number;
  readonly violated: (what: string) => void;
  /** Whether something stood between the broker and the program, or between it and the charger, since then. */
  readonly disturbedSince: (at: number) => boolean;
  /** The same, but for a charger that only takes its time. */
  readonly cutOffSince: (at: number) => boolean;
  /** Whether the program speaks MQTT 5 now, without which there is no answer on a topic of one's own. */
  readonly answersDirectly: () => boolean;
  /** Until when the charger showed `value` on `path`. */
  readonly shownUntil: (path: string, value: Json) => number;
}

/** How long a write may wait in the program, ms (contract 4.6), and what a busy machine may add. */
const MAX_AGE_MS = 15_000;
const SLACK_MS = 500;

/** Outcomes after which nothing of a write may ever reach the charger. */
const NEVER: readonly (string | undefined)[] = [
  'invalid',
  'retained',
  'expired',
  'unknown',
  'read_only',
  'denied',
  'superseded',
  'too_large',
  'rejected',
];

const describe = ({ id, path, payload, retain, at }: Wish): string =>
  `wish ${id} (${path} ${payload}${retain ? ', retained' : ''}, asked at ${seconds(at)})`;

export const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

/** Who asked for what, what the charger did, and what was answered; and whether these agree. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly wishes: Wish[] = [];

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  add(wish: Omit<Wish, 'id' | 'at' | 'deliveries' | 'executions' | 'answers'>): Wish {
    const made: Wish = {
      ...wish,
      id: this.wishes.length,
      at: this.#options.now(),
      deliveries: [],
      executions: [],
      answers: [],
    };
    this.wishes.push(made);
    return made;
  }

  delivered(id: number, connection: object, process: object | undefined, retain: boolean): void {
    this.wishes[id]?.deliveries.push({ at: this.#options.now(), connection, process, retain });
  }

  executed(command: Executed): void {
    const { violated } = this.#options;
    const what = `${command.path} ${JSON.stringify(command.value)} was carried out`;
    const wish = this.#askedFor(command);
    if (!wish) {
      violated(`${what}, but nobody asked for it`);
      return;
    }
    if (wish.deliveries.every(({ retain }) => retain))
      violated(`${what}, but ${describe(wish)} was retained`);
    const other = wish.executions.find(({ process }) => process !== command.process);
    if (other) violated(`${what} by two processes for ${describe(wish)}`);
    const twice = wish.executions.length >= copiesOf(wish);
    // A setting may be sent again where the connection was dead.
    if (twice && (wish.action || !isOpen(wish))) violated(`${what} twice for ${describe(wish)}`);
    const refusals = wish.answers.filter(({ code }) => NEVER.includes(code));
    const refusal = refusals.at(-1);
    // A message that came twice is two wishes, of which one may have been refused. What is carried out says nothing about
    // which of the two it was, so only as many refusals as deliveries say that nothing was to be.
    if (refusal && refusals.length >= wish.deliveries.length)
      violated(`${what}, but ${describe(wish)} had been answered ${refusal.code}`);
    this.#inTime(wish, command, what);
    wish.executions.push(command);
  }

  answered(id: number, answer: Omit<Answer, 'at'>): void {
    const { violated, now } = this.#options;
    const wish = this.wishes[id];
    if (!wish) {
      violated(`an answer to a wish ${id} that there is not`);
      return;
    }
    const made: Answer = { ...answer, at: now() };
    if (final(made) && wish.answers.filter(final).length >= wish.deliveries.length) {
      violated(`${describe(wish)} was answered again: ${answer.text}`);
    }
    wish.answers.push(made);
    this.#attribute(wish, made);
    const first = wish.executions[0];
    if (answer.status === 'ok' && answer.unchanged) {
      if (wish.value !== undefined && this.#options.shownUntil(wish.path, wish.value) < now() - MAX_AGE_MS) {
        violated(`${describe(wish)} was answered as unchanged, but the charger shows something else`);
      }
    } else if (answer.status === 'ok') {
      if (!first) violated(`${describe(wish)} was answered ok, but never reached the charger`);
      else if (answer.applied && !first.effective && !wish.action && !this.#isOutdated(wish)) {
        violated(`${describe(wish)} was answered ok, but no controller got it`);
      } else if (!answer.applied) this.#notApplied(wish, first);
    }
    if (first && wish.deliveries.length === 1 && neverSent(answer)) {
      violated(`${describe(wish)} was answered ${answer.text}, but the charger carried it out`);
    }
  }

  /**
   * Equal wishes look alike at the charger, which has no number of the message, and answers are late: only the answers
   * tell which of them it was that the charger carried out. It only goes to a wish that is open and got less than it has
   * messages, so the count of what was carried out stays what it was. One that is moved is missing where it was: no answer
   * there may claim it any more.
   */
  #attribute(wish: Wish, answer: Answer): void {
    if (wish.deliveries.length !== 1) return;
    const equals = this.wishes.filter(
      (other) =>
        other !== wish && other.path === wish.path && isOpen(other) && sameValue(other.value, wish.value),
    );
    const [execution] = wish.executions;
    if (execution && neverSent(answer)) {
      const heir = equals.find(
        ({ executions, deliveries }) =>
          executions.length < deliveries.filter(({ at, retain }) => !retain && at <= execution.at).length,
      );
      if (heir) heir.executions.push(...wish.executions.splice(0, 1));
    } else if (!execution && answer.status === 'ok' && !answer.unchanged) {
      const [delivery] = wish.deliveries;
      const holder = equals.find(({ executions }) =>
        executions.some(({ at }) => delivery && at >= delivery.at),
      );
      const at = holder?.executions.findIndex((one) => delivery && one.at >= delivery.at) ?? -1;
      if (holder && at >= 0) wish.executions.push(...holder.executions.splice(at, 1));
    }
  }

  /** Whether a newer wish for the same topic came before the answer: what the charger shows tells nothing then. */
  #isOutdated({ id, path, deliveries, answers }: Wish): boolean {
    // A message that came twice is two wishes.
    if (deliveries.length > answers.filter(final).length) return true;
    return this.wishes.some((other) => other.id > id && other.path === path && other.deliveries.length > 0);
  }

  /** Every wish that came to the program on a connection that is still the same has got an answer. */
  complain(connection: object | undefined, patience: number): void {
    for (const wish of this.wishes) {
      const last = wish.deliveries.at(-1);
      if (!wish.answered || !last || !this.#options.answersDirectly() || last.connection !== connection)
        continue;
      const waited = this.#options.now() - last.at;
      if (wish.answers.length === 0 && waited > patience) {
        this.#options.violated(`${describe(wish)} was never answered`);
      }
    }
  }

  /** Who asked for `command`: rather somebody who may, and who has not got it yet. */
  #askedFor(command: Executed): Wish | undefined {
    const same = this.wishes.filter(
      ({ path, value, deliveries }) =>
        path === command.path &&
        deliveries.some(({ process }) => process === command.process) &&
        value !== undefined &&
        equal(value, command.value),
    );
    const allowed = same.filter((wish) => wish.deliveries.some(({ retain }) => !retain) && isOpen(wish));
    return (
      allowed.find(({ executions, deliveries }) => executions.length < deliveries.length) ??
      allowed.find(({ action }) => !action) ??
      same.at(-1)
    );
  }

  #inTime(wish: Wish, { sentAt }: Executed, what: string): void {
    const arrived = wish.deliveries.at(-1)?.at ?? wish.at;
    if (
      wish.expiry !== undefined &&
      !this.#options.cutOffSince(arrived) &&
      sentAt > wish.at + wish.expiry + SLACK_MS
    ) {
      this.#options.violated(`${what}, but ${describe(wish)} had expired`);
    }
    if (!wish.flash && !this.#options.disturbedSince(arrived) && sentAt > arrived + MAX_AGE_MS + SLACK_MS) {
      this.#options.violated(`${what} ${seconds(sentAt - arrived)} s after ${describe(wish)}`);
    }
  }

  #notApplied(wish: Wish, execution: Executed): void {
    const { value, path } = wish;
    if (wish.action || value === undefined || this.#options.disturbedSince(execution.at)) return;
    // It was there for a while between being carried out and the answer.
    if (this.#options.shownUntil(path, value) > execution.at + 1_000) {
      this.#options.violated(`${describe(wish)} was answered as not applied, but the charger shows it`);
    }
  }
}

/** How many messages a process got for one wish: two processes of which only one works are to count for one. */
function copiesOf({ deliveries }: Wish): number {
  const counts = new Map<object | undefined, number>();
  for (const { process } of deliveries) counts.set(process, (counts.get(process) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

const final = ({ status }: Answer): boolean => status !== 'waiting';

/** Whether the answer says that the charger has heard nothing of the wish. */
const neverSent = ({ code, text }: Omit<Answer, 'at'>): boolean =>
  NEVER.includes(code) || (code === 'offline' && !text.includes('may or may not'));

const sameValue = (a: Json | undefined, b: Json | undefined): boolean =>
  a !== undefined && b !== undefined && equal(a, b);

/** Whether an answer is still to come. A message that came twice is two wishes. */
const isOpen = ({ answers, deliveries }: Wish): boolean => answers.filter(final).length < deliveries.length;
