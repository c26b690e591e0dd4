import WebSocket, { type RawData } from 'ws';
import type { Cancel, Clock } from '../../base/clock.js';
import { type Json, membersOf, parseJson } from '../../base/json.js';
import type { DigestLogin } from './digest.js';
import { fromError, fromStatus, overdue, RequestFailed } from './request-failed.js';
import type { Target } from './target.js';

/** What a push connection tells. */
export interface PushEvents {
  /** A frame of any kind came. */
  frame(): void;
  /** The first dump is complete: from now on only changes come. */
  complete(): void;
  /** `text` is JSON and parses to `value`. */
  state(path: string, text: string, value: Json): void;
  /** A line that is not a charger's; its topic is not known. */
  unreadable(line: string): void;
}

export interface PushSessionOptions {
  readonly target: Target;
  readonly digest: DigestLogin | undefined;
  readonly clock: Clock;
}

/** The largest message, bytes: the dump of an old firmware is one of about 100 kB (charger-wire 5). */
const MAX_FRAME = 1_048_576;

/** ms without a frame after which a connection is dead; the charger pings every second (charger-wire 5). */
const SILENCE = 10_000;

/** ms within which the dump has to be there. */
const DUMP = 30_000;

/** ms after which a line that comes alone is a change: the frames of a dump follow each other at once. */
const DUMP_PAUSE = 1_000;

/** Told only over the WebSocket; signs of life and log lines, no states (charger-wire 5). */
const KEEP_ALIVE: readonly string[] = ['info/keep_alive', 'keep-alive'];
const NO_STATES: readonly string[] = [...KEEP_ALIVE, 'event_log/message'];

/**
 * One push connection, from the handshake until it is over; resolves with the reason and never rejects.
 * A charger that asks for a login is answered once.
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
  { target, clock }: PushSessionOptions,
  uri: string,
  login: string | undefined,
  events: PushEvents,
  signal: AbortSignal,
): Promise<End> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ why: new RequestFailed('stopped', 'the bridge is stopping') });
    const host = target.hostname.includes(':') ? `[${target.hostname}]` : target.hostname;
    const socket = new WebSocket(`${target.secure ? 'wss' : 'ws'}://${host}:${target.port}${uri}`, {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME,
      rejectUnauthorized: target.rejectUnauthorized,
      headers: login === undefined ? {} : { Authorization: login },
    });
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
      const left = heardAt + SILENCE - clock.now();
      if (left > 0) timers.after(left, watch);
      else end(new RequestFailed('silent', `${target.shown} sent no push message for ${SILENCE / 1000} s`));
    };
    const heard = () => {
      heardAt = clock.now();
      events.frame();
    };

    signal.addEventListener('abort', stop, { once: true });
    timers.after(target.timeout, () => {
      if (socket.readyState === WebSocket.CONNECTING) end(overdue(target, target.timeout, true));
    });
    socket.on('open', () => {
      heard();
      watch();
      timers.after(DUMP, () => {
        if (!dump.complete)
          end(new RequestFailed('nonsense', `${target.shown} never ended its first push dump`));
      });
    });
    socket.on('ping', heard);
    socket.on('message', (data, isBinary) => {
      heard();
      const before = textAt;
      textAt = clock.now();
      if (!isBinary) dump.frame(textOf(data), textAt - before);
    });
    socket.on('unexpected-response', (request, response) => {
      const status = response.statusCode ?? 0;
      if (status === 401) challenge = response.headers['www-authenticate'];
      why ??=
        status === 401 || status === 403
          ? fromStatus(status, target)
          : new RequestFailed('unoffered', `${target.shown} offers no push (HTTP ${status} for /ws)`);
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
        why: why ?? new RequestFailed('cut', `${target.shown} closed the push connection (${code})`),
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

/**
 * Takes frames apart into lines, and knows when the first dump is over: newer firmware ends it with an empty
 * line; up to 2.2.0 it is one frame, after which the first keep-alive comes alone (charger-wire 5). Of a server that
 * does neither, the first change ends it.
 */
export class PushFrameReader {
  readonly #events: PushEvents;
  #complete = false;
  #begun = false;

  constructor(events: PushEvents) {
    this.#events = events;
  }

  get complete(): boolean {
    return this.#complete;
  }

  /**
   * One text frame, `pause` ms after the one before: any number of lines, of which the last may lack its line feed.
   */
  frame(text: string, pause = 0): void {
    let lines = 0;
    let keepAlives = 0;
    let blank = false;
    for (let from = 0; from < text.length; ) {
      const at = text.indexOf('\n', from);
      const to = at < 0 ? text.length : at;
      const line = text.slice(from, to).trim();
      from = to + 1;
      if (line === '') {
        blank = true;
        continue;
      }
      lines += 1;
      const read = readLine(line);
      if (!read) this.#events.unreadable(line);
      else if (KEEP_ALIVE.includes(read.path)) keepAlives += 1;
      else if (!NO_STATES.includes(read.path)) this.#events.state(read.path, read.text, read.value);
    }
    if (this.#complete) return;
    const alone = lines > 0 && keepAlives === lines;
    const change = lines === 1 && pause >= DUMP_PAUSE;
    if (blank || ((alone || change) && this.#begun)) {
      this.#complete = true;
      this.#events.complete();
    }
    if (lines > keepAlives) this.#begun = true;
  }
}

export interface Line {
  readonly path: string;
  readonly text: string;
  readonly value: Json;
}

const HEAD = '{"topic":"';
const MIDDLE = '","payload":';

/**
 * One line: its topic and its payload as text, just as it came wherever the line has the usual form. Undefined
 * for anything else than a topic with a JSON payload.
 */
export function readLine(line: string): Line | undefined {
  if (line.startsWith(HEAD) && line.endsWith('}')) {
    const at = line.indexOf('"', HEAD.length);
    if (line.startsWith(MIDDLE, at)) {
      const path = line.slice(HEAD.length, at);
      const text = line.slice(at + MIDDLE.length, -1);
      const value = path.includes('\\') ? undefined : parseJson(text);
      if (value !== undefined) return { path, text, value };
    }
  }
  const { topic, payload } = membersOf(parseJson(line));
  if (typeof topic !== 'string' || payload === undefined) return undefined;
  return { path: topic, text: JSON.stringify(payload), value: payload };
}

const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString('utf8') : '');
