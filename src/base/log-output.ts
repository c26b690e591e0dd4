import type { Clock } from './clock.js';

/** The stream for the lines: a pipe, a file, a terminal. */
export interface OutputStream {
  readonly writableLength: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error & { readonly code?: string }) => void): unknown;
}

/** This many characters may wait for a slow reader. Further lines are dropped and counted. */
const MAX_WAITING = 262_144;

/** How often flushed() looks whether everything has been written, ms. */
const LOOK_MS = 20;

/** Writes lines to a stream. Its reader may be slow, stuck or gone: that must neither block nor end the program. */
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

  /** How many lines were dropped since the last call; 0 as long as others still wait, so the number must come later. */
  takeMissing(): number {
    if (this.#missing === 0 || this.#stream.writableLength > 0) return 0;
    const missing = this.#missing;
    this.#missing = 0;
    return missing;
  }

  /** Resolves when everything has been written, when the reader is gone, or after `ms`. */
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
