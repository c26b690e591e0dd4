import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BadConfiguration, messageOf } from '../base/errors.js';
import type { Answer } from './http/answer.js';

const GZIP = [0x1f, 0x8b];

/**
 * A web interface of the user's own: one HTML file, plain or compressed with gzip. The charger's firmware has its web
 * interface in such a file.
 */
export class WebInterface {
  readonly #body: Uint8Array;
  readonly #etag: string;
  readonly #isCompressed: boolean;

  constructor(body: Uint8Array) {
    this.#body = body;
    this.#etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    this.#isCompressed = GZIP.every((byte, at) => body[at] === byte);
  }

  /** The file, or 304 if the browser has it already; `known` is the header If-None-Match. */
  answer(known: string | string[] | undefined): Answer {
    const headers = {
      ETag: this.#etag,
      ...(this.#isCompressed ? { 'Content-Encoding': 'gzip' } : {}),
    };
    if (known === this.#etag) return { status: 304, headers: { ETag: this.#etag } };
    return { status: 200, type: 'text/html; charset=utf-8', body: this.#body, headers };
  }
}

/** Reads the file once. Throws BadConfiguration where it can't be read. */
export async function readWebInterface(file: string): Promise<WebInterface> {
  const body = await readFile(file).catch((error) => {
    throw new BadConfiguration([
      `SIMULATE_WEB (simulate.web): can't read ${file}: ${messageOf(error)}; it takes one HTML file, plain or .gz`,
    ]);
  });
  return new WebInterface(body);
}
