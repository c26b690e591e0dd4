import { isUtf8 } from 'node:buffer';
import { type Json, membersOf, parseJson } from '../../base/json.js';

/** Is told what the lines of a push connection say. */
export interface PushFrameEvents {
  /**
   * The first dump is complete: from now on only changes come. If this was a guess, it is called again when the charger
   * itself says so.
   */
  complete(): void;
  /** Whether the payload of `path` must be parsed; not needed for topics that the bridge does not use. */
  reads(path: string): boolean;
  /** The payload of `path` came. If `reads(path)`, `text` is JSON and `value` its parsed value; else it is unchecked. */
  state(path: string, text: string, value: Json | undefined): void;
  /** A line that can't be understood; `path` is its topic, where at least that can be read. */
  unreadable(line: string, path: string | undefined): void;
}

/** A frame of one line is a change if so many ms have passed since the last one: the frames of a dump come at once. */
const DUMP_PAUSE_MS = 1_000;

/** Topics that exist only on the WebSocket: signs of life and log lines, no states (charger-wire 5). */
const KEEP_ALIVE: readonly string[] = ['info/keep_alive', 'keep-alive'];
const NO_STATES: readonly string[] = [...KEEP_ALIVE, 'event_log/message'];

/**
 * Splits frames into lines, and finds the end of the first dump. Newer firmware ends the dump with an empty line. Up to
 * 2.2.0 the dump is one frame, and a frame with nothing but a keep-alive follows it (charger-wire 5). If a server does
 * neither, the first change counts as the end.
 */
export class PushFrameReader {
  readonly #events: PushFrameEvents;
  #complete = false;
  /** Whether the charger itself has said that the dump is complete. */
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
   * Reads a text frame, which came `pause` ms after the one before. It has any number of lines; the last line feed may
   * be missing. A name of a network or a log line that was cut may hold bytes that are not UTF-8: only its line is
   * lost.
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
    // Not before any state has come: the first frame of a dump may be late and have one line, too.
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
  /** Undefined if the payload was not parsed. */
  readonly value: Json | undefined;
}

const HEAD = '{"topic":"';
const TOPIC = /^\{"topic":"([^"\\]*)"/;
const MIDDLE = '","payload":';

/**
 * Parses one line, `{"topic":…,"payload":…}`. If it has the usual form, `text` is the payload exactly as it came; else
 * the payload is written anew. Undefined if there is no topic or the payload is not JSON. The payload of a topic for
 * which `reads` says false is not parsed.
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
