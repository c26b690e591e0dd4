/** The answer to a request. */
export interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection ends with this answer. */
  readonly close?: true;
}

/** A request as the routes see it; `url` as it came, nothing decoded. */
export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export const PLAIN = 'text/plain; charset=utf-8';

/** An answer with a short text for people. */
export function textAnswer(status: number, body: string): Answer {
  return { status, type: PLAIN, body };
}

/** An answer with a JSON document. */
export function jsonAnswer(body: string): Answer {
  return { status: 200, type: 'application/json; charset=utf-8', body };
}
