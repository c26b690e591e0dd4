import type { RefusalCode } from '../base/errors.js';
import type { Charger } from '../charger/charger.js';
import { issueText } from '../topics/issues.js';
import { int, object, oneOf, optional, type ValueOf } from '../topics/members.js';
import { type Answer, jsonAnswer, type Request, textAnswer } from './http/answer.js';

/** What can go wrong at the charger's end (charger-wire 10.10). */
export const modes = ['none', 'reboot', 'stall', 'no_controller', 'evict'] as const;
export type Mode = (typeof modes)[number];

export interface Fault {
  readonly mode: Mode;
  /** ms that a reboot or a stall takes. */
  readonly duration: number | undefined;
}

export interface WorldApiOptions {
  readonly charger: Charger;
  /** The fault that lasts at the moment. */
  readonly lasting: () => Mode;
  readonly fault: (fault: Fault) => void;
  /** The modelled charger has lost its power, or all its settings as well. */
  readonly powerLost: (forget: boolean) => void;
}

const MAX_DURATION = 3_600_000;

const faultMembers = { mode: oneOf(...modes), duration: optional(int(1, MAX_DURATION, 'ms')) };
const faultMember = object(faultMembers);

const STATUS: Readonly<Partial<Record<RefusalCode, number>>> = {
  unknown: 404,
  read_only: 403,
  denied: 403,
  offline: 503,
  too_large: 413,
};

/** The simulated world under `/simulator/`: contract 5, checked as strictly as our own writes are. */
export class WorldApi {
  readonly #options: WorldApiOptions;

  constructor(options: WorldApiOptions) {
    this.#options = options;
  }

  /** The answer, or undefined for a path that is not the simulator's. */
  async answer({ method, url, body }: Request): Promise<Answer | undefined> {
    if (!url.startsWith('/simulator/')) return undefined;
    const path = url.slice(1);
    const writes = method === 'PUT' || method === 'POST';
    if (path === 'simulator/fault') {
      if (writes) return this.#fault(body);
      return method === 'GET'
        ? jsonAnswer(JSON.stringify({ mode: this.#options.lasting() }))
        : notPossible(method);
    }
    const row = this.#options.charger.topics.get(path);
    if (!row) return textAnswer(404, 'there is no such part of the simulated world');
    if (writes && row.command) return this.#write(path, body);
    if (method !== 'GET' || !row.state) return notPossible(method);
    const shown = this.#options.charger.store.get(path);
    return shown === undefined ? textAnswer(503, 'the model has not started yet') : jsonAnswer(shown);
  }

  async #write(path: string, payload: Uint8Array): Promise<Answer> {
    const receipt = await this.#options.charger.write({ path, payload, retained: false });
    if (receipt.status === 'error') return textAnswer(STATUS[receipt.code] ?? 400, receipt.error);
    if (path === 'simulator/power_cycle' || path === 'simulator/factory_reset') {
      this.#options.powerLost(path === 'simulator/factory_reset');
    }
    return textAnswer(200, '');
  }

  #fault(body: Uint8Array): Answer {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(body).toString());
    } catch {
      return textAnswer(400, 'not JSON: expected e.g. {"mode":"stall","duration":15000}');
    }
    const faults = faultMember.check(value, 'write');
    if (faults) return textAnswer(400, issueText(faults));
    // The check has just found it to be one.
    const { mode, duration } = value as ValueOf<typeof faultMembers>;
    this.#options.fault({ mode, duration });
    return textAnswer(200, '');
  }
}

function notPossible(method: string): Answer {
  return textAnswer(405, `${method} is not possible here`);
}
