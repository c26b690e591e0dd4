import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Cancel, Clock } from '../../base/clock.js';
import { CannotStart, messageOf } from '../../base/errors.js';
import { membersOf, parseJson } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import { eventLine, headerFault, headerLine, type RecordingEvent, readEvent } from './recording-events.js';

/** The time between two writes to the disk, ms. */
const FLUSH_MS = 1_000;

const LINE_FEED = 0x0a;

/** A recording being written. It is whole only when it has been closed. */
export class RecordingFile {
  readonly #file: FileHandle;
  readonly #name: string;
  readonly #log: Log;
  readonly #hash = createHash('sha256');
  readonly #cancel: Cancel;
  #lines = 0;
  #pending: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isBroken = false;

  private constructor(file: FileHandle, name: string, clock: Clock, log: Log) {
    this.#file = file;
    this.#name = name;
    this.#log = log;
    this.#cancel = clock.every(FLUSH_MS, () => this.#flush());
  }

  /** Begins a new file, which only this user may read. Throws CannotStart. */
  static async create(name: string, version: string, clock: Clock, log: Log): Promise<RecordingFile> {
    const file = await open(name, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      const why = error.code === 'EEXIST' ? 'it exists: name another file' : messageOf(error);
      throw new CannotStart(`can't record to ${name}: ${why}`);
    });
    const recording = new RecordingFile(file, name, clock, log);
    recording.#line(headerLine(version, new Date(clock.date())));
    recording.#flush();
    return recording;
  }

  get lines(): number {
    return this.#lines;
  }

  /** False once a write to the disk has failed. */
  get isWhole(): boolean {
    return !this.#isBroken;
  }

  add(event: RecordingEvent): void {
    this.#line(eventLine(event));
  }

  /** Writes the last line, which marks the recording as complete, and closes the file. `at`: ms since the begin. */
  async close(at: number): Promise<void> {
    this.#cancel();
    this.#flush();
    const sha256 = this.#hash.copy().digest('hex');
    this.#line(JSON.stringify({ at, type: 'end', lines: this.#lines, sha256 }));
    this.#flush();
    await this.#writing;
    await this.#file.close();
  }

  #line(text: string): void {
    if (this.#isBroken) return;
    const line = `${text}\n`;
    this.#hash.update(line);
    this.#lines++;
    this.#pending.push(line);
  }

  #flush(): void {
    const text = this.#pending.join('');
    this.#pending = [];
    if (text === '') return;
    this.#writing = this.#writing.then(async () => {
      if (this.#isBroken) return;
      try {
        await this.#file.appendFile(text);
      } catch (error) {
        this.#isBroken = true;
        this.#log.error(`the recording ends here: can't write ${this.#name}: ${messageOf(error)}`);
      }
    });
  }
}

/** What is known of a recording before it is played. */
export interface RecordingFacts {
  /** The last line's time, ms. */
  readonly duration: number;
  readonly lines: number;
  /** From the first `info/version` and `info/name` in it. */
  readonly firmware: string | undefined;
  readonly type: string | undefined;
}

/** Reads a recording to its end. Throws CannotStart if it is no recording, or was cut off or changed. */
export async function checkRecording(file: string): Promise<RecordingFacts> {
  const hash = createHash('sha256');
  const faulty = (why: string) => new CannotStart(`can't play ${file}: ${why}`);
  let facts: RecordingFacts | undefined;
  let lines = 0;
  let firmware: string | undefined;
  let type: string | undefined;
  for await (const line of linesOf(file)) {
    if (facts) throw faulty(`there is something after its last line, in line ${lines + 2}`);
    if (lines === 0) {
      const fault = headerFault(line);
      if (fault !== undefined) throw faulty(fault);
    } else {
      const event = readEvent(line);
      if (!event) throw faulty(`line ${lines + 1} is damaged`);
      if (event.type === 'end') {
        if (event.lines !== lines) throw faulty(`it has ${lines} lines, and ${event.lines} were written`);
        if (event.sha256 !== hash.digest('hex'))
          throw faulty('it was changed after it was recorded: its digest differs');
        facts = { duration: event.at, lines, firmware, type };
        continue;
      }
      if (event.type === 'state' && event.topic === 'info/version')
        firmware ??= releaseIn(membersOf(parseJson(event.text)).firmware);
      if (event.type === 'state' && event.topic === 'info/name') {
        const { type: told } = membersOf(parseJson(event.text));
        if (typeof told === 'string') type ??= told;
      }
    }
    hash.update(`${line}\n`);
    lines++;
  }
  if (facts) return facts;
  throw faulty(
    lines === 0
      ? 'it is empty'
      : `it was cut after line ${lines}: its last line is missing, which \`record\` writes when it is ended in order`,
  );
}

/** The events of a recording that has been checked, in their order. */
export async function* eventsOf(file: string): AsyncGenerator<RecordingEvent> {
  for await (const line of linesOf(file)) {
    const event = readEvent(line);
    if (event && event.type !== 'end') yield event;
  }
}

/** Splits only at line feeds: a payload may hold other characters that `readline` takes for the end of a line. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file)) {
      rest = Buffer.concat([rest, chunk]);
      for (let at = rest.indexOf(LINE_FEED); at >= 0; at = rest.indexOf(LINE_FEED)) {
        yield rest.toString('utf8', 0, at);
        rest = rest.subarray(at + 1);
      }
    }
  } catch (error) {
    throw new CannotStart(`can't play ${file}: ${messageOf(error)}`);
  }
  if (rest.length > 0) yield rest.toString();
}

/** `2.6.5` of `2.6.5+65e1a2c8`. */
function releaseIn(firmware: unknown): string | undefined {
  return typeof firmware === 'string' ? /^\d+\.\d+\.\d+/.exec(firmware)?.[0] : undefined;
}
