/** A change of one place in the source: `find` is there once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A fault that the program once had, or could have: with these edits it has it again. */
export interface Mutation {
  readonly name: string;
  /** What is wrong then, in a clause. */
  readonly fault: string;
  readonly edits: readonly Edit[];
  /** Faults of the world that bring it to light; default all. */
  readonly faults?: readonly string[];
}

const HTTP = 'src/backend/http';

/** For each fault that was found in the program: its mend taken out. */
export const MUTATIONS: readonly Mutation[] = [
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
    name: 'older-mqtt-for-good',
    fault: 'One hiccup makes it speak MQTT 3.1.1 for good',
    edits: [
      { file: 'src/mqtt/protocol-choice.ts', find: 'if (this.#worked5) return false;', replace: '' },
      {
        file: 'src/mqtt/protocol-choice.ts',
        find: 'if (accepted || this.#version === 4) {',
        replace: 'if (accepted && this.#version === 5) {',
      },
    ],
    faults: ['hangs_up', 'silent_broker', 'broker_net_cut'],
  },
  {
    name: 'packet-limit-ignored',
    fault: "The broker's limit for packets is ignored",
    edits: [
      {
        file: 'src/mqtt/outbox.ts',
        find: 'if (size <= maximumPacketSize) return fitting;',
        replace: 'return fitting;',
      },
    ],
  },
  {
    name: 'receive-maximum-ignored',
    fault: "The broker's limit for unacknowledged messages is ignored",
    edits: [
      {
        file: 'src/mqtt/outbox.ts',
        find: 'Math.min(limits.receiveMaximum, MAX_IN_FLIGHT)',
        replace: 'MAX_IN_FLIGHT',
      },
    ],
  },
  {
    name: 'maximum-qos-ignored',
    fault: 'A broker without QoS 1 or without retained messages gets them all the same',
    edits: [
      {
        file: 'src/mqtt/outbox.ts',
        find: 'qos <= limits.maximumQoS && (!retain || limits.retainAvailable)',
        replace: 'true',
      },
    ],
  },
  {
    name: 'puback-ignored',
    fault: 'What PUBACK says is ignored: a denied state is never published again',
    edits: [
      {
        file: 'src/mqtt/outbox.ts',
        find: 'code > 0 && code !== NO_SUBSCRIBERS',
        replace: 'false',
      },
    ],
    faults: ['denies_publish'],
  },
  {
    name: 'suback-ignored',
    fault: 'What SUBACK says is ignored: a denied subscription is never tried again',
    edits: [
      {
        file: 'src/mqtt/mqttjs-subscribing.ts',
        find: 'filters.filter((_, at) => Number(codes[at]) >= 0x80).map(({ topic }) => topic)',
        replace: '[]',
      },
    ],
    faults: ['denies_subscribe'],
  },
  {
    name: 'denials-rarer-with-each-connection',
    fault: 'Each try to connect makes the time longer until a denial is tried again',
    edits: [{ file: 'src/mqtt/denial-retry.ts', find: 'this.#waits.reset();\n    let', replace: 'let' }],
    faults: ['denied_again'],
  },
  {
    name: 'no-ack-watchdog',
    fault: 'Nobody notices that acknowledgements do not come',
    edits: [
      {
        file: 'src/mqtt/mqttjs-session.ts',
        find: 'const PUBLISHED_WITHIN_MS = 30_000;',
        replace: 'const PUBLISHED_WITHIN_MS = 30_000_000;',
      },
      {
        file: 'src/mqtt/known-broker.ts',
        find: 'const SUBSCRIBED_WITHIN_MS = 10_000;',
        replace: 'const SUBSCRIBED_WITHIN_MS = 10_000_000;',
      },
    ],
    faults: ['loses_acks', 'broker_net_cut'],
  },
  {
    name: 'online-before-suback',
    fault: 'It says online before the broker has answered for its subscriptions',
    edits: [
      {
        file: 'src/mqtt/link-connection.ts',
        find: 'if (!(await this.#answered(this.#subscriber.establish()))) return;',
        replace: 'void this.#answered(this.#subscriber.establish());',
      },
    ],
  },
  {
    name: 'overwritten-kept',
    fault: 'What others publish on its own topics stays',
    edits: [
      {
        file: 'src/outlets/bridge/strangers.ts',
        find: 'if (truth !== undefined) this.#overwritten(path, message, truth);',
        replace: 'if (truth !== undefined) return;',
      },
    ],
    faults: ['overwritten'],
  },
  {
    name: 'old-state-set-back',
    fault: 'An old state that somebody sets back stays',
    edits: [{ file: 'src/mqtt/echoes.ts', find: 'if (!isNewest) this.#doubt(known, message);', replace: '' }],
    faults: ['overwritten'],
  },
  {
    name: 'heartbeat-while-offline',
    fault: 'The sign of life is repeated while the charger is offline',
    edits: [
      {
        file: 'src/outlets/bridge/published-topics.ts',
        find: 'return !online && this.isSignOfLife(path) ? undefined : charger.store.get(path);',
        replace: 'return charger.store.get(path);',
      },
    ],
    faults: ['reboot', 'charger_net_refused', 'broker_net_cut'],
  },
  {
    name: 'heartbeat-never-expires',
    fault: 'The sign of life does not expire at the broker',
    edits: [
      {
        file: 'src/outlets/bridge/published-topics.ts',
        find: '{ expirySeconds: SIGN_OF_LIFE_EXPIRES_S }',
        replace: '{}',
      },
    ],
  },
  {
    name: 'farewell-lost',
    fault: 'It ends without a farewell',
    edits: [
      {
        file: 'src/mqtt/mqttjs-farewell.ts',
        find: 'const isTaken = !will || (await outbox.last(will));',
        replace: 'const isTaken = true;',
      },
    ],
  },
  {
    name: 'says-more-after-farewell',
    fault: 'It publishes after its farewell',
    edits: [
      {
        file: 'src/mqtt/outbox.ts',
        find: 'if (this.#drained || this.#closed) return;',
        replace: 'if (this.#closed) return;',
      },
    ],
  },
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
];
