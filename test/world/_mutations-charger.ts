import type { Mutation } from './_mutation.js';

const HTTP = 'src/backend/http';

/** For each fault that was found on the side of the charger: its mend taken out. */
export const CHARGER_MUTATIONS: readonly Mutation[] = [
  {
    name: 'no-audit',
    fault: 'What changes while a charger sends its dump stays stale',
    edits: [
      {
        file: `${HTTP}/index.ts`,
        find: 'running: [poller, push, push && audit]',
        replace: 'running: [poller, push]',
      },
    ],
    faults: ['reboot', 'charger_net_cut', 'evicted'],
  },
  {
    name: 'older-over-newer',
    fault: 'An answer to an older question overwrites newer news',
    edits: [{ file: `${HTTP}/state-ordering.ts`, find: 'if (question.stale) return false;', replace: '' }],
    faults: ['overtaken'],
  },
  {
    name: 'frozen-believed',
    fault: 'A frozen charge controller counts as online',
    edits: [
      {
        file: `${HTTP}/controller-watch.ts`,
        find: "return new RequestFailed('frozen', FROZEN);",
        replace: 'return undefined;',
      },
    ],
    faults: ['frozen'],
  },
  {
    name: 'missing-believed',
    fault: 'A charger without its charge controller counts as online',
    edits: [
      {
        file: `${HTTP}/controller-watch.ts`,
        find: 'const MISSING_MS = 3_000;',
        replace: 'const MISSING_MS = 3_000_000;',
      },
    ],
    faults: ['no_controller'],
  },
  {
    name: 'any-server-believed',
    fault: 'Any web server that answers 200 counts as the charger',
    edits: [
      {
        file: `${HTTP}/recognition.ts`,
        find: 'return this.#proven;',
        replace: 'return true;',
      },
    ],
    faults: ['stranger'],
  },
  {
    name: 'page-taken',
    fault: 'A page that answers a write counts as its success',
    edits: [{ file: `${HTTP}/writer.ts`, find: "if (text.trim() === '') return;", replace: 'return;' }],
    faults: ['stranger'],
  },
  {
    name: 'found-late',
    fault: 'A charger that comes back is found up to 27 s late',
    edits: [
      {
        file: `${HTTP}/retry-schedule.ts`,
        find: 'const LONGEST_RETRY_MS = 5_000;',
        replace: 'const LONGEST_RETRY_MS = 54_000;',
      },
    ],
    faults: ['reboot', 'charger_net_refused', 'charger_net_silent'],
  },
  {
    name: 'starting-denial-believed',
    fault: 'What a starting charger denies is not read again',
    edits: [
      {
        file: `${HTTP}/poller.ts`,
        find: 'if (!this.#told) this.#withheld = true;',
        replace: '',
      },
    ],
    faults: ['charger_net_slow', 'reboot'],
  },
  {
    name: 'held-against-charger',
    fault: 'Topics that only another device had are held against the charger for ever',
    edits: [
      {
        file: `${HTTP}/recognition.ts`,
        find: 'if (this.#missed.has(path)) return;',
        replace: '',
      },
    ],
    faults: ['stranger'],
  },
  {
    name: 'bad-line-ends-push',
    fault: 'One line that is no UTF-8 ends the connection',
    edits: [
      {
        file: `${HTTP}/push-session.ts`,
        find: 'skipUTF8Validation: true,',
        replace: 'skipUTF8Validation: false,',
      },
    ],
    faults: ['nonsense'],
  },
  {
    name: 'command-read',
    fault: 'A command is read, and so carried out',
    edits: [
      {
        file: 'src/charger/confirmation.ts',
        find: '(one) => charger.topics.get(one)?.state || charger.read(one) !== undefined,',
        replace: '() => true,',
      },
    ],
  },
  {
    name: 'dump-end-guessed',
    fault: 'A frame of the dump that the network held up counts as the end of the dump',
    edits: [
      {
        file: `${HTTP}/push-frames.ts`,
        find: 'if (this.#ended) return;',
        replace: 'if (this.#complete) return;',
      },
    ],
    from: 202993,
  },
];
