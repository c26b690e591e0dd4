import { pause } from '../base/backoff.js';
import type { Incoming } from './link.js';
import { MqttJsSession, type SessionOptions } from './mqttjs-session.js';

/** For how long the other one must be away before its place is taken, ms: it may only be reconnecting. */
const GONE_FOR_MS = 5_000;

/** By how much that is lengthened by chance, ms, so that of two that wait one comes first. */
const SPREAD_MS = 5_000;

/** How long an `online` of the other one is waited for where what is retained may be old, ms. */
const LIVE_WITHIN_MS = 60_000;

/** Between two tries to reach the broker, ms. */
const RETRY_MS = 5_000;

/**
 * Waits, under a client id of its own, until the client that took our place is gone: until the last will is what its
 * topic shows (contract 8). So two bridges with one client id do not throw each other out for ever, and the second
 * one is a hot standby. Resolves then, or with the signal.
 */
export async function standBy(options: SessionOptions, signal: AbortSignal): Promise<void> {
  const { clock, will, chance = Math.random } = options;
  if (!will) return;
  // After a loss of our own connection the broker may have been away with all last wills: then only news counts.
  for (let first = true; !signal.aborted; first = false) {
    const gone = await watch(options, will.topic, will.payload, first, signal);
    if (gone || signal.aborted) return;
    await pause(clock, RETRY_MS * (0.5 + chance() / 2), signal);
  }
}

/** One connection: resolves to whether the other one was found to be gone, or to false when the connection ends. */
async function watch(
  options: SessionOptions,
  topic: string,
  offline: string,
  trustsRetained: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, chance = Math.random } = options;
  const { will: _, ...others } = options;
  let gone = false;
  const found = () => {
    gone = true;
    void session.farewell();
  };
  let cancel = () => {};
  const wait = (ms: number) => {
    cancel();
    cancel = clock.after(ms, found);
  };
  const heard = ({ payload, retained }: Incoming) => {
    if (Buffer.from(payload).toString() === offline) wait(GONE_FOR_MS + chance() * SPREAD_MS);
    else if (!retained || trustsRetained) cancel();
  };
  const session: MqttJsSession = new MqttJsSession(
    { ...others, clientId: `${options.clientId}-standby` },
    {
      accepted() {
        wait(LIVE_WITHIN_MS);
        const filter = { topic, qos: options.qos ?? 1, nl: false, rap: false, rh: 0 } as const;
        session.subscribe([filter]).then(
          (denied) => {
            // Who may not look can only try.
            if (denied.length > 0) wait(LIVE_WITHIN_MS);
          },
          (error: Error) => session.fail(error),
        );
      },
      received: heard,
      settled() {},
    },
  );
  const stop = () => void session.farewell();
  signal.addEventListener('abort', stop, { once: true });
  await session.ended;
  signal.removeEventListener('abort', stop);
  cancel();
  return gone;
}
