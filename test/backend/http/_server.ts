import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Connect } from '../../../src/backend/http/connect.js';
import { MemorySocket, refusedSocket } from '../../_memory-socket.js';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: http.IncomingHttpHeaders;
  /** Which connection it came over, counted from 1. */
  readonly connection: number;
}

export interface ServerOptions {
  /** How the dump is sent: frames of a few lines with an empty line at the end, or one frame (up to 2.2.0). */
  readonly dump?: 'frames' | 'single';
  /** Status of the answer to a WebSocket handshake instead of push; 0: it is never answered. */
  readonly noPush?: number;
  readonly login?: { readonly username: string; readonly password: string };
  /** `once`: one nonce serves for ever, as on a real charger; `each`: a nonce is good for one request. */
  readonly nonce?: 'once' | 'each';
  /** Names of commands besides `<state>_update`. */
  readonly commands?: readonly string[];
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Answers a request in another way than usual; returns whether it did. */
type Fault = (request: Received, response: http.ServerResponse) => boolean;

/** A connection over loopback, or one in memory. */
type ServerSocket = Socket | MemorySocket;

const UPTIME = 'evse/low_level_state';

/** A small charger whose behaviour a test decides: states, commands, push, login and faults. */
export class ScriptedCharger {
  readonly states = new Map<string, string>();
  readonly requests: Received[] = [];
  readonly sockets = new Set<ServerSocket>();
  readonly pushes = new Set<WebSocket>();
  /** Handshakes for /ws, answered or not. */
  handshakes = 0;
  refusals = 0;
  mostSockets = 0;
  fault: Fault | undefined;
  /** Sent instead of the usual dump. */
  dump: ((push: WebSocket) => void) | undefined;
  /** Whether the charge controller has stopped: its uptime stands still. */
  frozen = false;
  /** What a good write does; by default it becomes the state at once. */
  take: (path: string, body: string) => void = (path, body) => this.set(path, body);
  options: ServerOptions;
  readonly #server: http.Server;
  readonly #ws = new WebSocketServer({ noServer: true });
  readonly #numbers = new WeakMap<object, number>();
  readonly #nonces = new Set<string>();
  readonly #counts = new Map<string, number>();
  #connections = 0;
  #nonce = '';
  #port = 0;
  #answers = false;

  constructor(states: Readonly<Record<string, unknown>>, options: ServerOptions = {}) {
    this.options = options;
    for (const [path, state] of Object.entries(states)) this.states.set(path, JSON.stringify(state));
    const { tls } = options;
    this.#server = tls ? https.createServer(tls) : http.createServer();
    this.#server.keepAliveTimeout = 0;
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: ServerSocket) =>
      this.#connected(socket),
    );
    this.#server.on('request', (request, response) => this.#read(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http${this.options.tls ? 's' : ''}://127.0.0.1:${this.#port}`;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Listens on a free port of loopback, or again on the one it had. */
  async start(): Promise<this> {
    await new Promise<void>((done) => this.#server.listen(this.#port, '127.0.0.1', done));
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** Takes connections in memory only, or again. */
  startInMemory(): this {
    this.#port = 8080;
    this.#answers = true;
    return this;
  }

  /** Connects in memory. */
  readonly connect: Connect = () => {
    if (!this.#answers) return refusedSocket();
    const [client, server] = MemorySocket.pair();
    setImmediate(() => {
      if (client.destroyed) return;
      client.emit('connect');
      this.#server.emit('connection', server);
    });
    return client;
  };

  /** Goes away as on a power cut: every connection breaks. */
  async stop(): Promise<void> {
    const listening = this.#server.listening;
    const closed = new Promise((done) => this.#server.close(done));
    this.#answers = false;
    this.drop();
    if (listening) await closed;
  }

  drop(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Changes a state and pushes it. */
  set(path: string, text: string): void {
    this.states.set(path, text);
    this.push(`${line(path, text)}\n`);
  }

  push(frame: string): void {
    for (const push of this.pushes) push.send(frame);
  }

  /** What comes each second: a sign of life, and the counters of the controller. */
  beat(): void {
    this.push(`${line('info/keep_alive', '{"uptime":5000}')}\n`);
    const counters = this.#shown(UPTIME);
    if (counters !== undefined && !this.frozen) this.push(`${line(UPTIME, counters)}\n`);
  }

  ping(): void {
    for (const push of this.pushes) push.ping();
  }

  /** Paths of the requests so far. */
  asked(method: string): string[] {
    return this.requests.filter((request) => request.method === method).map((request) => request.path);
  }

  #connected(socket: ServerSocket): void {
    this.#connections += 1;
    this.#numbers.set(socket, this.#connections);
    this.sockets.add(socket);
    this.mostSockets = Math.max(this.mostSockets, this.sockets.size);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  }

  #read(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const received: Received = {
        method: request.method ?? '',
        path: (request.url ?? '').slice(1),
        body: Buffer.concat(chunks).toString('utf8'),
        headers: request.headers,
        connection: this.#numbers.get(request.socket) ?? 0,
      };
      this.requests.push(received);
      response.sendDate = false;
      if (!this.#allowed(request)) response.writeHead(401, this.#challenge()).end();
      else if (!this.fault?.(received, response)) this.#answer(received, response);
    });
  }

  #answer({ method, path, body }: Received, response: http.ServerResponse): void {
    const reply = (status: number, text: string) =>
      response.writeHead(status, { 'Content-Length': Buffer.byteLength(text) }).end(text);
    if (method === 'GET') {
      const state = this.#shown(path);
      return void (state === undefined ? reply(404, 'not found') : reply(200, state));
    }
    const base = path.replace(/_update$/, '');
    if (this.options.commands?.includes(path) || (base !== path && this.states.has(base))) {
      this.take(base, body);
      reply(200, '');
    } else reply(this.states.has(path) ? 405 : 404, 'no such command');
  }

  #upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    this.handshakes += 1;
    const refuse = (status: number, headers: http.OutgoingHttpHeaders = {}) => {
      const fields = Object.entries({ ...headers, 'Content-Length': 0 }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      socket.end(`HTTP/1.1 ${status} No\r\n${fields.join('')}\r\n`);
    };
    const { noPush } = this.options;
    if (request.url !== '/ws') refuse(404);
    else if (!this.#allowed(request)) refuse(401, this.#challenge());
    else if (noPush) refuse(noPush);
    else if (noPush === undefined) this.#welcome(request, socket, head);
    else socket.on('end', () => socket.destroy()).resume();
  }

  #welcome(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#ws.handleUpgrade(request, socket, head, (push) => {
      this.pushes.add(push);
      push.on('close', () => this.pushes.delete(push));
      push.on('error', () => {});
      if (this.dump) this.dump(push);
      else for (const frame of this.dumpFrames()) push.send(frame);
    });
  }

  /** The dump as this firmware sends it (charger-wire 5). */
  dumpFrames(): string[] {
    const lines = [...this.states.keys()].map((path) => `${line(path, this.#shown(path) ?? '')}\n`);
    if (this.options.dump === 'single') return [lines.join('')];
    const frames = ['{"topic":"info/keep_alive","payload":{"uptime":5000}}\n'];
    for (let at = 0; at < lines.length; at += 3) frames.push(lines.slice(at, at + 3).join(''));
    frames.push(`${frames.pop() ?? ''}\n`);
    return frames;
  }

  /** What is told of a topic now; the uptime goes on each time that it is told. */
  #shown(path: string): string | undefined {
    const text = this.states.get(path);
    if (path !== UPTIME || this.frozen || text === undefined) return text;
    const moved = text.replace(/"uptime":(\d+)/, (_, uptime) => `"uptime":${Number(uptime) + 250}`);
    this.states.set(path, moved);
    return moved;
  }

  #challenge(): http.OutgoingHttpHeaders {
    this.refusals += 1;
    if (this.#nonce === '' || this.options.nonce === 'each') this.#nonce = randomBytes(16).toString('hex');
    this.#nonces.add(this.#nonce);
    return {
      'WWW-Authenticate': `Digest realm="esp32-lib", qop="auth", nonce="${this.#nonce}", opaque="${'0'.repeat(32)}"`,
    };
  }

  /** Checks a login as RFC 7616 3.4 says, and, unlike a real charger, that counts go up: else a new nonce. */
  #allowed(request: http.IncomingMessage): boolean {
    const { login, nonce: life } = this.options;
    if (!login) return true;
    const header = request.headers.authorization ?? '';
    if (!header.startsWith('Digest ')) return false;
    const field = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)"?`).exec(header)?.[1] ?? '';
    const nonce = field('nonce');
    const count = Number.parseInt(field('nc'), 16);
    const secret = md5(`${login.username}:esp32-lib:${login.password}`);
    const request2 = md5(`${request.method}:${request.url}`);
    const expected = md5(`${secret}:${nonce}:${field('nc')}:${field('cnonce')}:${field('qop')}:${request2}`);
    const known = this.#nonces.has(nonce);
    if (known && count <= (this.#counts.get(nonce) ?? 0)) {
      this.#nonce = '';
      return false;
    }
    if (!known || field('uri') !== request.url || field('response') !== expected) return false;
    this.#counts.set(nonce, count);
    if (life === 'each') this.#nonces.delete(nonce);
    return true;
  }
}

/** One line of push, without its line feed. */
export const line = (path: string, text: string): string => `{"topic":"${path}","payload":${text}}`;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
