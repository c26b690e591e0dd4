import { setTimeout } from 'node:timers/promises';

/** How often it is looked whether the condition holds, ms. */
const EVERY_MS = 5;

/**
 * Looks in vain after which a test fails. They are counted, not timed: where the processor is busy elsewhere they
 * take longer, as does what is waited for.
 */
const LOOKS = 12_000;

/** Waits for a condition, looking again and again; throws when it never comes true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  for (let looks = 0; !(await condition()); looks++) {
    if (looks === LOOKS) throw new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    await setTimeout(EVERY_MS);
  }
}
