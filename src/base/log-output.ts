import type { Clock } from './clock.js';

/** What lines are written to: a pipe, a file, a terminal. */
export interface OutputStream {
  readonly writableLength: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error & { readonly code?: string }) => void): unknown;
}

/** Characters that may wait for a reader that does not keep up. */
const MAX_WAITING = 262_144;

/** Between two looks whether everything has been read, ms. */
const LOOK_MS = 20;

/** Lines to a stream whose reader may be slow, stuck or gone: it must neither block the program nor end it. */
export class LogOutput {
  readonly #stream: OutputStream;
  #missing = 0;
  #gone = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
    stream.on('error', ({ code }) => {
      // A full disk may have room again; a reader that closed its end does not come back.
      this.#gone ||= code === 'EPIPE';
    });
  }

  /** Writes a line, or counts it as missing while too many wait. */
  write(line: string): void {
    if (this.#gone) return;
    if (this.#stream.writableLength > MAX_WAITING) this.#missing += 1;
    else this.#stream.write(`${line}\n`);
  }

  /** How many lines are missing since the last call, if it can be said now; otherwise 0. */
  takeMissing(): number {
    if (this.#missing === 0 || this.#stream.writableLength > 0) return 0;
    const missing = this.#missing;
    this.#missing = 0;
    return missing;
  }

  /** Resolves when everything has been handed over, or after `ms`. */
  flushed(clock: Clock, ms: number): Promise<void> {
    const end = clock.now() + ms;
    return new Promise((resolve) => {
      const look = () => {
        if (this.#gone || this.#stream.writableLength === 0 || clock.now() >= end) resolve();
        else clock.after(LOOK_MS, look);
      };
      look();
    });
  }
}
