import type { Mutation } from './_mutation.js';
import { BROKER_MUTATIONS } from './_mutations-broker.js';
import { CHARGER_MUTATIONS } from './_mutations-charger.js';
import { WRITE_MUTATIONS } from './_mutations-writes.js';

/** For each fault that was found in the program: its mend taken out. */
export const MUTATIONS: readonly Mutation[] = [...CHARGER_MUTATIONS, ...BROKER_MUTATIONS, ...WRITE_MUTATIONS];
