import { isUtf8 } from 'node:buffer';
import { type ClientRequest, type IncomingMessage, request as sendRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import type { WireTap } from '../wire-tap.js';
import { ChargerAgent } from './charger-agent.js';
import { type Connect, connectedEvent } from './connect.js';
import type { DigestLogin } from './digest.js';
import { fromError, isReset, overdue, RequestFailed } from './request-failed.js';
import { SerialQueue } from './serial-queue.js';
import type { Target } from './target.js';

/** Settings for requests. They have the same names below `charger.` in the configuration. */
export interface RequestSettings {
  /** ms that one request may take. */
  readonly timeout: number;
  /** Whether a certificate that no known authority has signed is refused. */
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
const MAX_BODY_BYTES = 262_144;

/** A request on a connection that the charger has dropped silently fails within this time, ms. */
const FORGOTTEN_WITHIN_MS = 1_000;

/** A reused connection turned out to be dead before a byte of an answer came. */
class Stale extends RequestFailed {}

export interface ClientOptions {
  readonly target: Target;
  readonly connect: Connect;
  readonly digest: DigestLogin | undefined;
  readonly clock: Clock;
  /** Aborts every request. */
  readonly signal: AbortSignal;
  readonly tap?: WireTap | undefined;
  /** Bytes arrived without a request: an answer may have been taken for that to another request. */
  readonly onStray: () => void;
}

/**
 * HTTP to one charger over at most two kept connections: one for reads, one for writes, each used by one
 * request at a time (charger-wire 4.5).
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #agent: ChargerAgent;
  readonly #reads = new SerialQueue();
  readonly #writes = new SerialQueue();
  /** Connections that have carried a request. Node's `reusedSocket` is not set if a request waited for its connection. */
  readonly #used = new WeakSet<Duplex>();
  readonly #running = new Set<ClientRequest>();

  /** Opens no connection yet. */
  constructor(options: ClientOptions) {
    const { clock, connect, target, onStray, signal } = options;
    this.#options = options;
    this.#agent = new ChargerAgent({ clock, connect: () => connect(target), onStray });
    // One listener for all: the `signal` option of Node would add about ten listeners for each request.
    signal.addEventListener('abort', () => this.#abort(), { once: true });
  }

  /** Reads a topic. Throws RequestFailed. */
  get(path: string): Promise<HttpAnswer> {
    return this.#reads.take(() => this.#tapped({ method: 'GET', path, repeatable: true }));
  }

  /**
   * Sends `body` to a command. A `repeatable` request may use a kept connection, and is sent again if that turns out to
   * be dead. Any other request goes over a new connection. Throws RequestFailed.
   */
  put(path: string, body: string, repeatable: boolean): Promise<HttpAnswer> {
    return this.#writes.take(() => this.#tapped({ method: 'PUT', path, body, repeatable }));
  }

  /** Ends the idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  #abort(): void {
    for (const request of this.#running) {
      request.destroy(Object.assign(new Error('aborted'), { code: 'ABORT_ERR' }));
    }
  }

  async #tapped({ path, ...rest }: Omit<Request, 'uri'> & { readonly path: string }): Promise<HttpAnswer> {
    const { target, tap } = this.#options;
    const { method, body } = rest;
    try {
      const answer = await this.#answered({ ...rest, uri: `${target.base}/${path}` });
      tap?.exchange({ method, path, body, status: answer.status, text: answer.text });
      return answer;
    } catch (error) {
      tap?.exchange({ method, path, body, status: undefined, text: messageOf(error) });
      throw error;
    }
  }

  /** Sends the request, with the login if the charger wants one. A new challenge is answered once. */
  async #answered(request: Request): Promise<HttpAnswer> {
    const { digest } = this.#options;
    const login = digest?.answer(request.method, request.uri);
    const first = await this.#delivered(request, login);
    if (first.status !== 401 || !digest?.accept(first.challenge, login)) return first;
    return this.#delivered(request, digest.answer(request.method, request.uri));
  }

  /**
   * Sends the request, and once more on a new connection if the kept one was dead: a charger drops idle connections
   * silently (charger-wire 4.5). A request that must not be sent twice never uses an idle connection: it would fail
   * there, and nobody could say whether the charger had got it.
   */
  async #delivered(request: Request, login: string | undefined): Promise<Raw> {
    if (!request.repeatable) this.#agent.forgetIdle();
    const { clock } = this.#options;
    const sentAt = clock.now();
    try {
      return await this.#once(request, login);
    } catch (error) {
      if (!(error instanceof Stale) || !request.repeatable) throw error;
      // So late an error means that this process was suspended: the charger may have carried out the request before.
      if (clock.now() - sentAt > FORGOTTEN_WITHIN_MS) throw error;
      this.#agent.forgetIdle();
      return this.#once(request, login).catch((again: unknown) => {
        // The second try did not reach the charger, but the first one may have: `sent` must be true.
        if (again instanceof RequestFailed && !again.sent) throw new RequestFailed(again.kind, again.message);
        throw again;
      });
    }
  }

  #once({ method, uri, body }: Request, login: string | undefined): Promise<Raw> {
    const { target, clock, signal } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new RequestFailed('stopped', 'the bridge is stopping', false));
        return;
      }
      let connected = false;
      let reused = false;
      let answered = false;
      const length = body === undefined ? undefined : Buffer.byteLength(body);
      const request = sendRequest({
        agent: this.#agent,
        defaultPort: target.secure ? 443 : 80,
        host: target.hostname,
        port: target.port,
        method,
        path: uri,
        headers: {
          ...(length === undefined ? {} : { 'Content-Length': length }),
          ...(login === undefined ? {} : { Authorization: login }),
        },
      });
      this.#running.add(request);
      const cancel = clock.after(target.timeout, () => {
        fail(overdue(target, target.timeout, connected));
        request.destroy();
      });
      const end = () => {
        this.#running.delete(request);
        cancel();
      };
      const fail = (error: unknown) => {
        end();
        const failure = fromError(error, target, connected);
        const stale = reused && !answered && isReset(error);
        reject(stale ? new Stale(failure.kind, failure.message) : failure);
      };
      request.on('error', fail);
      request.on('socket', (socket) => {
        reused = this.#used.has(socket);
        connected = reused;
        if (reused) return;
        this.#used.add(socket);
        socket.once(connectedEvent(target), () => {
          connected = true;
        });
      });
      request.on('response', (response) => {
        answered = true;
        collect(response, target.shown, (error, bytes) => {
          end();
          try {
            if (error) throw error;
            const { statusCode: status = 0, headers } = response;
            if (status === 200 && !isUtf8(bytes))
              throw new RequestFailed('invalid_response', `${target.shown} sent bytes that are not UTF-8`);
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

/** Reads a body of bounded length; `done` may be called more than once, only the first call counts. */
function collect(
  response: IncomingMessage,
  shown: string,
  done: (error: unknown, bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else
      done(
        new RequestFailed('invalid_response', `${shown} sent an answer of more than ${MAX_BODY_BYTES} bytes`),
        Buffer.of(),
      );
  });
  response.on('error', (error) => done(error, Buffer.of()));
  response.on('end', () => done(undefined, Buffer.concat(chunks)));
}
