import WebSocket from 'ws';
import type { Cancel, Clock } from '../../base/clock.js';
import { hostAndPort } from '../../base/listen.js';
import type { WireTap } from '../wire-tap.js';
import type { Connect } from './connect.js';
import type { DigestLogin } from './digest.js';
import { type PushFrameEvents, PushFrameReader } from './push-frames.js';
import { fromError, fromStatus, overdue, RequestFailed } from './request-failed.js';
import type { Target } from './target.js';

/** Is told what happens on a push connection. */
export interface PushEvents extends PushFrameEvents {
  /** The charger has accepted the handshake. */
  opened(): void;
  /** A frame of any kind came, at this time of the clock. */
  frame(now: number): void;
}

export interface PushSessionOptions {
  readonly target: Target;
  readonly connect: Connect;
  readonly digest: DigestLogin | undefined;
  readonly clock: Clock;
  readonly tap?: WireTap | undefined;
}

/** The largest message, bytes: the dump of an old firmware is one of about 100 kB (charger-wire 5). */
const MAX_FRAME_BYTES = 1_048_576;

/** ms without a frame after which a connection is dead; the charger pings every second (charger-wire 5). */
const SILENCE_MS = 10_000;

/** ms within which the dump has to be there. */
const DUMP_MS = 30_000;

/**
 * Opens one push connection and reads it until it ends; resolves to the reason of the end and never rejects.
 * If the charger asks for a login, the handshake is repeated once with the login.
 */
export async function openPushSession(
  options: PushSessionOptions,
  events: PushEvents,
  signal: AbortSignal,
): Promise<RequestFailed> {
  const { digest, target } = options;
  const uri = `${target.base}/ws`;
  const login = digest?.answer('GET', uri);
  const first = await session(options, uri, login, events, signal);
  if (first.challenge === undefined || !digest?.accept(first.challenge, login)) return first.why;
  return (await session(options, uri, digest.answer('GET', uri), events, signal)).why;
}

interface End {
  readonly why: RequestFailed;
  readonly challenge?: string | undefined;
}

function session(
  { target, connect, clock, tap }: PushSessionOptions,
  uri: string,
  login: string | undefined,
  events: PushEvents,
  signal: AbortSignal,
): Promise<End> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ why: new RequestFailed('stopped', 'the bridge is stopping') });
    const socket = new WebSocket(
      `${target.secure ? 'wss' : 'ws'}://${hostAndPort(target.hostname, target.port)}${uri}`,
      {
        perMessageDeflate: false,
        maxPayload: MAX_FRAME_BYTES,
        // One byte that is not UTF-8 would end the connection; PushFrameReader drops only its line.
        skipUTF8Validation: true,
        createConnection: () => connect(target),
        headers: login === undefined ? {} : { Authorization: login },
      },
    );
    const dump = new PushFrameReader(events);
    const timers = new Timers(clock);
    let why: RequestFailed | undefined;
    let challenge: string | undefined;
    let heardAt = 0;
    let textAt = 0;

    const end = (reason: RequestFailed) => {
      why ??= reason;
      socket.terminate();
    };
    const stop = () => end(new RequestFailed('stopped', 'the bridge is stopping'));
    const watch = () => {
      const left = heardAt + SILENCE_MS - clock.now();
      if (left > 0) timers.after(left, watch);
      else
        end(new RequestFailed('timeout', `${target.shown} sent no push message for ${SILENCE_MS / 1000} s`));
    };
    const heard = () => {
      heardAt = clock.now();
      events.frame(heardAt);
    };

    signal.addEventListener('abort', stop, { once: true });
    timers.after(target.timeout, () => {
      if (socket.readyState === WebSocket.CONNECTING) end(overdue(target, target.timeout, true));
    });
    socket.on('open', () => {
      events.opened();
      heard();
      watch();
      timers.after(DUMP_MS, () => {
        if (!dump.complete)
          end(new RequestFailed('invalid_response', `${target.shown} never ended its first push dump`));
      });
    });
    socket.on('ping', heard);
    socket.on('message', (data, isBinary) => {
      heard();
      const before = textAt;
      textAt = heardAt;
      if (isBinary || !Buffer.isBuffer(data)) return;
      tap?.frame(data.length);
      dump.frame(data, textAt - before);
    });
    socket.on('unexpected-response', (request, response) => {
      const status = response.statusCode ?? 0;
      if (status === 401) challenge = response.headers['www-authenticate'];
      why ??=
        status === 401 || status === 403
          ? fromStatus(status, target)
          : new RequestFailed('unsupported', `${target.shown} offers no push (HTTP ${status} for /ws)`);
      request.destroy();
      socket.terminate();
    });
    socket.on('error', (error) => {
      why ??= fromError(error, target, true);
    });
    socket.on('close', (code) => {
      timers.end();
      signal.removeEventListener('abort', stop);
      resolve({
        why: why ?? new RequestFailed('disconnected', `${target.shown} closed the push connection (${code})`),
        challenge,
      });
    });
  });
}

/** Timers that end together. */
class Timers {
  readonly #clock: Clock;
  readonly #running = new Set<Cancel>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(ms: number, run: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#running.delete(cancel);
      run();
    });
    this.#running.add(cancel);
  }

  end(): void {
    for (const cancel of this.#running) cancel();
    this.#running.clear();
  }
}
