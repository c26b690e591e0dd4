import type { RefusalCode } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import type { Charger } from '../charger/charger.js';
import { issueText } from '../topics/issues.js';
import { object, optional, type ValueOf } from '../topics/members.js';
import { int, oneOf } from '../topics/scalars.js';
import { type FaultInjector, modes } from './fault.js';
import { type Answer, jsonAnswer, type Request, textAnswer } from './http/answer.js';
import type { NetworkProcessor } from './network-processor.js';

export interface WorldApiParts {
  readonly charger: Charger;
  readonly processor: NetworkProcessor;
  readonly faults: FaultInjector;
}

/** Answers a request about the simulated world, or undefined for a path that is not the simulator's. */
export type WorldApi = (request: Request) => Promise<Answer | undefined>;

const MAX_DURATION_MS = 3_600_000;

const faultMembers = { mode: oneOf(...modes), duration: optional(int(1, MAX_DURATION_MS, 'ms')) };
const faultMember = object(faultMembers);

const STATUS: Readonly<Partial<Record<RefusalCode, number>>> = {
  unknown: 404,
  read_only: 403,
  denied: 403,
  offline: 503,
  too_large: 413,
};

/** The simulated world under `/simulator/` (contract 5). Writes are checked as strictly as those of the bridge. */
export function worldApi({ charger, processor, faults }: WorldApiParts): WorldApi {
  const write = async (path: string, payload: Uint8Array): Promise<Answer> => {
    const receipt = await charger.write({ path, payload, retained: false });
    if (receipt.status === 'error') return textAnswer(STATUS[receipt.code] ?? 400, receipt.error);
    const forget = path === 'simulator/factory_reset';
    if (forget || path === 'simulator/power_cycle') processor.restart({ orderly: false, forget });
    return textAnswer(200, '');
  };

  const inject = (body: Uint8Array): Answer => {
    const value = parseJson(Buffer.from(body).toString());
    if (value === undefined)
      return textAnswer(400, 'not JSON: expected e.g. {"mode":"stall","duration":15000}');
    const found = faultMember.check(value, 'write');
    if (found) return textAnswer(400, issueText(found));
    // The value has just passed the check.
    const { mode, duration } = value as ValueOf<typeof faultMembers>;
    faults.apply({ mode, duration });
    return textAnswer(200, '');
  };

  return async ({ method, url, body }) => {
    if (!url.startsWith('/simulator/')) return undefined;
    const path = url.slice(1);
    const writes = method === 'PUT' || method === 'POST';
    if (path === 'simulator/fault') {
      if (writes) return inject(body);
      return method === 'GET' ? jsonAnswer(JSON.stringify({ mode: faults.lasting() })) : notPossible(method);
    }
    const row = charger.topics.get(path);
    if (!row) return textAnswer(404, 'there is no such part of the simulated world');
    if (writes && row.command) return write(path, body);
    if (method !== 'GET' || !row.state) return notPossible(method);
    const shown = charger.store.get(path);
    return shown === undefined ? textAnswer(503, 'the model has not started yet') : jsonAnswer(shown);
  };
}

function notPossible(method: string): Answer {
  return textAnswer(405, `${method} is not possible here`);
}
