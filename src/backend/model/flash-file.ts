import { accessSync, constants, statSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Cancel, Clock } from '../../base/clock.js';
import { CannotStart, messageOf } from '../../base/errors.js';
import type { Log } from '../../base/log.js';

/** After a write that failed, as on a full disk, the next try comes this much later, ms. */
const RETRY_MS = 10_000;

/** Why a file can't be the model's flash, one line each: it must be an ordinary one in a folder that can be written. */
export function flashFileFaults(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  const folder = dirname(file);
  const fault = (why: string) => [`MODEL_STATE_FILE: ${why}`];
  try {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      return fault(`there is no folder ${folder}`);
    }
    const found = statSync(file, { throwIfNoEntry: false });
    if (found && !found.isFile()) return fault(`${file} is a ${found.isDirectory() ? 'folder' : 'device'}`);
    // The file is replaced as a whole, so the folder is what has to be writable.
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (found) accessSync(file, constants.R_OK);
  } catch {
    return fault(`this user may not write in ${folder}`);
  }
  return [];
}

/** The model's flash on disk: always a whole image, the newest that could be written. */
export class FlashFile {
  readonly #file: string;
  readonly #log: Log;
  readonly #clock: Clock;
  #pending: string | undefined;
  #writing: Promise<void> | undefined;
  #fault: string | undefined;
  #retry: Cancel | undefined;

  constructor(file: string, clock: Clock, log: Log) {
    this.#file = file;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * The image that an earlier process saved; undefined if there is none, or if it is not JSON (then the file is renamed
   * to `….unreadable`, with a warning). Throws CannotStart if the file can't be read or renamed.
   */
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
      try {
        await rename(this.#file, aside);
      } catch (error) {
        const why = messageOf(error);
        throw new CannotStart(`MODEL_STATE_FILE ${this.#file} is not JSON and can't be moved aside: ${why}`);
      }
      this.#log.warn(
        `MODEL_STATE_FILE ${this.#file} is not JSON: moved to ${aside}, the model starts factory-new`,
      );
      return undefined;
    }
  }

  /** Writes `image` soon; if several wait, only the newest. After a failure it is tried again. */
  save(image: unknown): void {
    this.#pending = `${JSON.stringify(image, null, 1)}\n`;
    this.#start();
  }

  /** Resolves when everything that was saved is on disk, or could not be put there after a last try. */
  async written(): Promise<void> {
    await this.#writing;
    this.#start();
    await this.#writing;
    this.#retry?.();
  }

  #start(): void {
    if (this.#pending === undefined) return;
    this.#retry?.();
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#pending !== undefined) {
      const text = this.#pending;
      this.#pending = undefined;
      try {
        await this.#replace(text);
        if (this.#fault !== undefined) this.#log.info(`MODEL_STATE_FILE ${this.#file} is written again`);
        this.#fault = undefined;
      } catch (error) {
        this.#failed(messageOf(error));
        this.#pending ??= text;
        this.#retry = this.#clock.after(RETRY_MS, () => this.#start());
        return;
      }
    }
  }

  #failed(fault: string): void {
    if (fault !== this.#fault) {
      this.#log.error(`can't write MODEL_STATE_FILE ${this.#file}, trying again: ${fault}`);
    }
    this.#fault = fault;
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
