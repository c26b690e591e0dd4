import { isUtf8 } from 'node:buffer';
import { type Json, membersOf, parseJson } from '../../base/json.js';

/** What the lines of a push connection say. */
export interface PushFrameEvents {
  /**
   * The first dump is complete: from now on only changes come. Where that was a guess, it is told again when the charger
   * itself says so.
   */
  complete(): void;
  /** Whether the payload of `path` has to be read: nobody needs to parse what nobody wants. */
  reads(path: string): boolean;
  /** What came of `path`. If it has to be read, `text` is JSON and parses to `value`; if not, it is as it came. */
  state(path: string, text: string, value: Json | undefined): void;
  /** A line that can't be understood; `path` is its topic, where at least that can be read. */
  unreadable(line: string, path: string | undefined): void;
}

/** ms after which a line that comes alone is a change: the frames of a dump follow each other at once. */
const DUMP_PAUSE_MS = 1_000;

/** Told only over the WebSocket; signs of life and log lines, no states (charger-wire 5). */
const KEEP_ALIVE: readonly string[] = ['info/keep_alive', 'keep-alive'];
const NO_STATES: readonly string[] = [...KEEP_ALIVE, 'event_log/message'];

/**
 * Takes frames apart into lines, and knows when the first dump is over: newer firmware ends it with an empty
 * line; up to 2.2.0 it is one frame, after which the first keep-alive comes alone (charger-wire 5). Of a server that
 * does neither, the first change ends it.
 */
export class PushFrameReader {
  readonly #events: PushFrameEvents;
  #complete = false;
  /** The charger itself has said that it is complete. */
  #ended = false;
  #begun = false;

  readonly #reads: (path: string) => boolean;

  constructor(events: PushFrameEvents) {
    this.#events = events;
    this.#reads = (path) => !NO_STATES.includes(path) && events.reads(path);
  }

  get complete(): boolean {
    return this.#complete;
  }

  /**
   * One text frame, `pause` ms after the one before: any number of lines, of which the last may lack its line feed.
   * Names of networks and log lines that were cut bring bytes that are not UTF-8: that costs their line, no other.
   */
  frame(data: Buffer, pause = 0): void {
    let lines = 0;
    let keepAlives = 0;
    let blank = false;
    const whole = isUtf8(data);
    for (let from = 0; from < data.length; ) {
      const at = data.indexOf(LINE_FEED, from);
      const start = from;
      const end = at < 0 ? data.length : at;
      const text = data.toString('utf8', start, end).trim();
      from = end + 1;
      if (text === '') {
        blank = true;
        continue;
      }
      lines += 1;
      const isText = whole || isUtf8(data.subarray(start, end));
      const read = isText ? readLine(text, this.#reads) : undefined;
      if (!read) this.#unreadable(text);
      else if (!NO_STATES.includes(read.path)) this.#events.state(read.path, read.text, read.value);
      else if (KEEP_ALIVE.includes(read.path)) keepAlives += 1;
    }
    if (this.#ended) return;
    if (blank) {
      this.#ended = true;
      this.#complete = true;
      this.#events.complete();
      return;
    }
    if (this.#complete) return;
    const alone = lines > 0 && keepAlives === lines;
    const change = lines === 1 && pause >= DUMP_PAUSE_MS;
    // A frame that the network held up may have one line too.
    if ((alone || change) && this.#begun) {
      this.#complete = true;
      this.#events.complete();
    }
    if (lines > keepAlives) this.#begun = true;
  }

  #unreadable(line: string): void {
    const path = TOPIC.exec(line)?.[1];
    if (path === undefined || !NO_STATES.includes(path)) this.#events.unreadable(line, path);
  }
}

const LINE_FEED = 0x0a;

export interface Line {
  readonly path: string;
  readonly text: string;
  /** Undefined where nobody wants to know. */
  readonly value: Json | undefined;
}

const HEAD = '{"topic":"';
const TOPIC = /^\{"topic":"([^"\\]*)"/;
const MIDDLE = '","payload":';

/**
 * One line: its topic and its payload as text, just as it came wherever the line has the usual form. Undefined
 * for anything else than a topic with a JSON payload; of a topic that `reads` leaves out the payload is not looked at.
 */
export function readLine(line: string, reads: (path: string) => boolean = () => true): Line | undefined {
  if (line.startsWith(HEAD) && line.endsWith('}')) {
    const at = line.indexOf('"', HEAD.length);
    if (line.startsWith(MIDDLE, at)) {
      const path = line.slice(HEAD.length, at);
      const text = line.slice(at + MIDDLE.length, -1);
      const usual = !path.includes('\\');
      if (usual && !reads(path)) return { path, text, value: undefined };
      const value = usual ? parseJson(text) : undefined;
      if (value !== undefined) return { path, text, value };
    }
  }
  const { topic, payload } = membersOf(parseJson(line));
  if (typeof topic !== 'string' || payload === undefined) return undefined;
  return { path: topic, text: JSON.stringify(payload), value: payload };
}
