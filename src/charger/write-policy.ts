import { Refused } from '../base/errors.js';
import type { Topic } from '../topics/topic.js';
import { matcher } from './globs.js';

/** What may be written, as the settings say. */
export interface Policy {
  readonly readOnly: boolean;
  /** Globs over topic names (`external_*`) or whole paths (`simulator/*`). */
  readonly writable: readonly string[];
  /** ms between two writes of one flash topic once its burst is used up. */
  readonly flashInterval: number;
  /** Whether a retained message may set a setting. Actions never. */
  readonly acceptRetained: boolean;
  /** Whether a write may start a charge with somebody's tag or vehicle. Default: no. */
  readonly injectTags?: boolean;
}

/** Throws Refused if the policy does not let a message write `row`. */
export type Permit = (row: Topic, retained: boolean) => void;

/** The check of a policy: whether it lets a message write a topic. */
export function permitOf(policy: Policy): Permit {
  const { readOnly, writable, acceptRetained } = policy;
  const isWritable = matcher(writable);
  return (row, retained) => {
    const isSetting = row.state !== undefined && row.command?.action === false;
    if (retained && !(isSetting && acceptRetained)) {
      throw new Refused(
        'retained',
        'retained messages are not executed, the broker replays them at every connect: publish without the retain flag, and clear this one by publishing an empty retained message to the same topic',
      );
    }
    if (readOnly) throw new Refused('read_only', 'the bridge is read-only (READ_ONLY)');
    const name = row.path.replace(/^evse\//, '');
    if (!isWritable(name) && !isWritable(row.path)) {
      throw new Refused('denied', `${name} is not among WRITABLE_TOPICS (${writable.join(',')})`);
    }
    if (row.command?.gate && !policy[row.command.gate]) {
      throw new Refused('denied', `${name} is switched off: INJECT_TAGS switches it on`);
    }
  };
}
