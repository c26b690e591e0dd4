import { open, readFile, rename } from 'node:fs/promises';
import { CannotStart, messageOf } from '../../base/errors.js';
import type { Log } from '../../base/log.js';

/** The model's flash on disk: always a whole image, the newest that could be written. */
export class FlashFile {
  readonly #file: string;
  readonly #log: Log;
  #pending: string | undefined;
  #writing: Promise<void> | undefined;
  #fault: string | undefined;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
  }

  /** The image of an earlier life, or undefined: none yet, or not readable (then it is kept aside and said). */
  async load(): Promise<unknown> {
    let text: string;
    try {
      text = await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new CannotStart(`can't read MODEL_STATE_FILE ${this.#file}: ${messageOf(error)}`);
    }
    try {
      return JSON.parse(text);
    } catch {
      const aside = `${this.#file}.unreadable`;
      await rename(this.#file, aside);
      this.#log.warn(
        `MODEL_STATE_FILE ${this.#file} is not JSON: moved to ${aside}, the model starts factory-new`,
      );
      return undefined;
    }
  }

  /** Writes `image` soon; of several only the newest. */
  save(image: unknown): void {
    this.#pending = `${JSON.stringify(image, null, 1)}\n`;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when everything that was saved is on disk, or could not be put there. */
  async written(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#pending !== undefined) {
      const text = this.#pending;
      this.#pending = undefined;
      try {
        await this.#replace(text);
        this.#fault = undefined;
      } catch (error) {
        const fault = messageOf(error);
        if (fault !== this.#fault) this.#log.error(`can't write MODEL_STATE_FILE ${this.#file}: ${fault}`);
        this.#fault = fault;
      }
    }
  }

  /** A power cut leaves the old image or the new one, never half of one. */
  async #replace(text: string): Promise<void> {
    const fresh = `${this.#file}.new`;
    const handle = await open(fresh, 'w');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, this.#file);
  }
}
