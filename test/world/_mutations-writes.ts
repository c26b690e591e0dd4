import type { Mutation } from './_mutation.js';

const HTTP = 'src/backend/http';

/** For each fault that was found in writing: its mend taken out. */
export const WRITE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'retained-executed',
    fault: 'A retained write is executed',
    edits: [
      {
        file: 'src/charger/write-policy.ts',
        find: 'if (retained && !(isSetting && acceptRetained)) {',
        replace: 'if (retained && isSetting && acceptRetained) {',
      },
    ],
  },
  {
    name: 'expired-executed',
    fault: 'A write that has expired is executed',
    edits: [
      {
        file: 'src/charger/write-queue.ts',
        find: 'readySince === undefined ? expiresAt : Math.min(expiresAt, readySince + MAX_WAIT_MS)',
        replace: 'readySince === undefined ? Number.POSITIVE_INFINITY : readySince + MAX_WAIT_MS',
      },
    ],
    faults: ['hurried'],
  },
  {
    name: 'superseded-executed',
    fault: 'A write that was answered as superseded is executed',
    edits: [
      {
        file: 'src/charger/write-queue.ts',
        find: 'older?.failed(new Refused(',
        replace: 'if (older) void older.send();\n      older?.failed(new Refused(',
      },
    ],
  },
  {
    name: 'write-repeated',
    fault: 'A write whose answer got lost is sent again',
    edits: [
      {
        file: `${HTTP}/client.ts`,
        find: 'if (!(error instanceof Stale) || !request.repeatable) throw error;',
        replace: '',
      },
    ],
    faults: ['lost_answers'],
  },
  {
    name: 'flood-starves',
    fault: 'A flood of writes starves a polite writer',
    edits: [
      {
        file: 'src/charger/write-queue.ts',
        find: 'ready.find((entry) => now - servedAt(entry) >= YIELD_MS) ??',
        replace: 'ready.findLast((entry) => !entry.path.endsWith("external_current")) ??',
      },
    ],
    faults: ['flood'],
  },
  {
    name: 'answered-before-the-read',
    fault: 'A write is answered before anybody has looked for its effect',
    edits: [
      {
        file: 'src/charger/confirmation.ts',
        find: 'return this.#first(row, value, looking, ending);',
        replace: 'return true;',
      },
    ],
    faults: ['frozen', 'no_controller'],
  },
  {
    name: 'unseen-effect-claimed',
    fault: 'A write is answered ok although the charger went away before anybody saw its effect',
    edits: [
      {
        file: 'src/charger/confirmation.ts',
        find: 'end(reason instanceof Unavailable ? reason : true);',
        replace: 'end(true);',
      },
    ],
    faults: ['frozen', 'no_controller'],
  },
  {
    name: 'answers-anywhere',
    fault: 'It answers on topics of its own, and sends large correlation data back',
    edits: [
      {
        file: 'src/outlets/bridge/writers.ts',
        find: 'return mayAnswerTo(topic, [prefix, ...reserved]) && (correlation?.byteLength ?? 0) <= MAX_CORRELATION;',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'qos-of-subscriptions',
    fault: 'Its subscriptions do not have the QoS of the settings',
    edits: [
      {
        file: 'src/mqtt/subscriptions.ts',
        find: 'return { topic, qos: this.#qos, nl: othersOnly, rap: true, rh: othersOnly ? 2 : 0 };',
        replace: 'return { topic, qos: 1, nl: othersOnly, rap: true, rh: othersOnly ? 2 : 0 };',
      },
    ],
  },
  {
    name: 'untold-is-applied',
    fault: 'A write counts as applied where the charger has not told that topic yet',
    edits: [
      {
        file: 'src/charger/confirmation.ts',
        find: 'if (shown !== undefined) return !shown;',
        replace: 'return shown === false;',
      },
    ],
    from: 206722,
  },
];
