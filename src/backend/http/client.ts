import { isUtf8 } from 'node:buffer';
import http from 'node:http';
import https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../../base/clock.js';
import type { DigestLogin } from './digest.js';
import { fromError, isReset, overdue, RequestFailed } from './request-failed.js';
import type { Target } from './target.js';

/** What can be set about requests: the settings `charger.*` of these names. */
export interface RequestSettings {
  /** ms that one request may take. */
  readonly timeout: number;
  /** Whether a certificate that nobody vouches for is refused. */
  readonly rejectUnauthorized: boolean;
}

/** What the charger answered, whatever the status. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

interface Request {
  readonly method: 'GET' | 'PUT';
  readonly uri: string;
  readonly body?: string;
  /** Whether doing it twice is the same as doing it once. */
  readonly repeatable: boolean;
}

type Raw = HttpAnswer & { readonly challenge: string | undefined };

/** The largest body that is read, bytes; the largest state of a real charger is about 10 kB. */
const MAX_BODY = 262_144;

/** ms after which an unused connection is given back: a charger has ten in all (charger-wire 4.5). */
const IDLE = 15_000;

/** A reused connection turned out to be dead before a byte of an answer came. */
class Stale extends RequestFailed {}

/**
 * HTTP to one charger over at most two kept connections: one for reads, one for writes, each used by one
 * request at a time (charger-wire 4.5).
 */
export class Client {
  readonly #target: Target;
  readonly #digest: DigestLogin | undefined;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #agent: http.Agent;
  readonly #reads = new SerialQueue();
  readonly #writes = new SerialQueue();

  /**
   * Opens nothing yet. Every request ends with the signal; close() ends the idle connections. `onStray` hears
   * of bytes that nobody asked for: answers may have been taken for others then.
   */
  constructor(
    target: Target,
    digest: DigestLogin | undefined,
    clock: Clock,
    signal: AbortSignal,
    onStray: () => void,
  ) {
    this.#target = target;
    this.#digest = digest;
    this.#clock = clock;
    this.#signal = signal;
    const { Agent } = target.secure ? https : http;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 2,
      rejectUnauthorized: target.rejectUnauthorized,
    });
    watchIdle(this.#agent, clock, onStray);
  }

  /** Reads a topic. Throws NoAnswer. */
  get(path: string): Promise<HttpAnswer> {
    const uri = `${this.#target.base}/${path}`;
    return this.#reads.take(() => this.#answered({ method: 'GET', uri, repeatable: true }));
  }

  /**
   * Sends `body` to a command. A `repeatable` one is sent again when a kept connection turns out to be dead.
   * Throws NoAnswer.
   */
  put(path: string, body: string, repeatable: boolean): Promise<HttpAnswer> {
    const uri = `${this.#target.base}/${path}`;
    return this.#writes.take(() => this.#answered({ method: 'PUT', uri, body, repeatable }));
  }

  /** Ends the idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** With the login where the charger wants one; a new challenge is answered once. */
  async #answered(request: Request): Promise<HttpAnswer> {
    const login = this.#digest?.answer(request.method, request.uri);
    const first = await this.#delivered(request, login);
    if (first.status !== 401 || !this.#digest?.accept(first.challenge, login)) return first;
    return this.#delivered(request, this.#digest.answer(request.method, request.uri));
  }

  /** The charger forgets idle connections without a word (charger-wire 4.5): then once more on a new one. */
  async #delivered(request: Request, login: string | undefined): Promise<Raw> {
    try {
      return await this.#once(request, login);
    } catch (error) {
      if (!(error instanceof Stale) || !request.repeatable) throw error;
      for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy();
      return this.#once(request, login);
    }
  }

  #once({ method, uri, body }: Request, login: string | undefined): Promise<Raw> {
    const target = this.#target;
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) {
        reject(new RequestFailed('stopped', 'the bridge is stopping', false));
        return;
      }
      let connected = false;
      let answered = false;
      const length = body === undefined ? undefined : Buffer.byteLength(body);
      const request = (target.secure ? https : http).request({
        agent: this.#agent,
        host: target.hostname,
        port: target.port,
        method,
        path: uri,
        signal: this.#signal,
        headers: {
          ...(length === undefined ? {} : { 'Content-Length': length }),
          ...(login === undefined ? {} : { Authorization: login }),
        },
      });
      const cancel = this.#clock.after(target.timeout, () => {
        fail(overdue(target, target.timeout, connected));
        request.destroy();
      });
      const fail = (error: unknown) => {
        cancel();
        const failure = fromError(error, target, connected);
        const stale = request.reusedSocket && !answered && isReset(error);
        reject(stale ? new Stale(failure.kind, failure.message) : failure);
      };
      request.on('error', fail);
      request.on('socket', (socket) => {
        connected = request.reusedSocket;
        if (connected) return;
        socket.once(target.secure ? 'secureConnect' : 'connect', () => {
          connected = true;
        });
      });
      request.on('response', (response) => {
        answered = true;
        collect(response, target.shown, (error, bytes) => {
          cancel();
          try {
            if (error) throw error;
            const { statusCode: status = 0, headers } = response;
            if (status === 200 && !isUtf8(bytes))
              throw new RequestFailed('nonsense', `${target.shown} sent bytes that are not UTF-8`);
            resolve({ status, text: bytes.toString('utf8'), challenge: headers['www-authenticate'] });
          } catch (reason) {
            fail(reason);
            request.destroy();
          }
        });
      });
      request.end(body);
    });
  }
}

/** Tasks one after the other. */
class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Reads a body of bounded length; `done` may be called more than once, only the first call counts. */
function collect(
  response: http.IncomingMessage,
  shown: string,
  done: (error: unknown, bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
    else
      done(
        new RequestFailed('nonsense', `${shown} sent an answer of more than ${MAX_BODY} bytes`),
        Buffer.of(),
      );
  });
  response.on('error', (error) => done(error, Buffer.of()));
  response.on('end', () => done(undefined, Buffer.concat(chunks)));
}

/**
 * Closes connections that have been idle for long, or that say something without having been asked. Newer
 * versions of Node close the latter themselves before anybody can see the bytes, so these are counted.
 */
function watchIdle(agent: http.Agent, clock: Clock, onStray: () => void): void {
  const ends = new WeakMap<Duplex, Cancel>();
  const keep = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => unknown;
  const reuse = agent.reuseSocket.bind(agent);
  agent.keepSocketAlive = (socket) => {
    const bytes = bytesRead(socket);
    const close = () => socket.destroy();
    const cancel = clock.after(IDLE, close);
    const closed = () => {
      cancel();
      if (bytesRead(socket) !== bytes) onStray();
    };
    socket.once('data', close);
    socket.once('close', closed);
    ends.set(socket, () => {
      cancel();
      socket.off('data', close);
      socket.off('close', closed);
    });
    return keep(socket) !== false;
  };
  agent.reuseSocket = (socket, request) => {
    ends.get(socket)?.();
    reuse(socket, request);
  };
}

const bytesRead = (socket: Duplex): number | undefined =>
  socket instanceof Socket ? socket.bytesRead : undefined;
