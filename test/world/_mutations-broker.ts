import type { Mutation } from './_mutation.js';

/** For each fault that was found on the side of the broker: its mend taken out. */
export const BROKER_MUTATIONS: readonly Mutation[] = [
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
    name: 'claims-cross',
    fault: 'Two processes that start at the same moment both work',
    edits: [
      {
        file: 'src/mqtt/standby.ts',
        find: "return state === 'active' && !this.#claimHeard && instance !== this.#activeId;",
        replace: 'return false;',
      },
    ],
    from: 214407,
  },
  {
    name: 'speaks-after-standing-still',
    fault: 'A process that has stood still says what it knew before',
    edits: [
      {
        file: 'src/mqtt/mqttjs-link.ts',
        find: 'if (this.#others.hasFrozen()) return;',
        replace: '',
      },
    ],
    from: 207293,
  },
];
