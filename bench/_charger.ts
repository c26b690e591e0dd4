import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

const CHALLENGE = `Digest realm="esp32-lib", qop="auth", nonce="${'0'.repeat(32)}", opaque="${'1'.repeat(32)}"`;

/** A charger for benchmarks: pushes what it is told to push, and takes every write. */
export class BenchCharger {
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #sockets = new WebSocketServer({
    server: this.#server,
    path: '/ws',
    verifyClient: ({ req }, done) =>
      this.#allowed(req) ? done(true) : done(false, 401, '', { 'WWW-Authenticate': CHALLENGE }),
  });
  readonly #states = new Map<string, string>();
  readonly #login: boolean;
  #alive: NodeJS.Timeout | undefined;
  /** How often everything was told over a push connection. */
  dumps = 0;
  onWrite: (path: string, body: string) => void = () => {};

  /** With `login` every request needs an Authorization header, which is not looked into. */
  constructor(states: Readonly<Record<string, unknown>>, login = false) {
    this.#login = login;
    // A charger keeps idle connections (charger-wire 4.5); Node would end them after 5 s.
    this.#server.keepAliveTimeout = 0;
    const all = { 'info/features': ['evse'], ...states };
    for (const [path, value] of Object.entries(all)) this.#states.set(path, JSON.stringify(value));
    this.#sockets.on('connection', (socket) => this.#dump(socket));
  }

  async listen(): Promise<number> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    // A charge controller whose uptime stands still counts as frozen.
    this.#alive = setInterval(() => this.#signOfLife(), 1_000);
    return (this.#server.address() as AddressInfo).port;
  }

  push(path: string, text: string): void {
    this.pushAll([[path, text]]);
  }

  /** Pushes changes in one frame, a line each. */
  pushAll(changes: readonly (readonly [path: string, text: string])[]): void {
    for (const [path, text] of changes) this.#states.set(path, text);
    const frame = changes.map(([path, text]) => lineOf(path, text)).join('');
    for (const socket of this.#sockets.clients) socket.send(frame);
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
  }

  #allowed(request: IncomingMessage): boolean {
    return !this.#login || request.headers.authorization !== undefined;
  }

  /** What a charger tells each second, besides its states: a ping and a line that says how long it has been up. */
  #signOfLife(): void {
    const uptime = Math.round(performance.now());
    for (const socket of this.#sockets.clients) {
      socket.ping();
      socket.send(lineOf('info/keep_alive', `{"uptime":${uptime}}`));
    }
    const path = 'evse/low_level_state';
    const text = this.#states.get(path);
    if (text !== undefined) this.push(path, text.replace(/"uptime":\d+/, `"uptime":${uptime}`));
  }

  async close(): Promise<void> {
    clearInterval(this.#alive);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #dump(socket: WebSocket): void {
    const lines = [...this.#states].map(([path, text]) => lineOf(path, text));
    for (let at = 0; at < lines.length; at += 20) socket.send(lines.slice(at, at + 20).join(''));
    socket.send('\n');
    this.dumps += 1;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#allowed(request)) {
      response.writeHead(401, { 'WWW-Authenticate': CHALLENGE, 'Content-Length': 0 });
      response.end();
      return;
    }
    const path = (request.url ?? '/').slice(1);
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      if (request.method === 'GET') {
        const text = this.#states.get(path);
        response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/json' });
        response.end(text ?? '');
      } else {
        this.onWrite(path, body);
        response.writeHead(200, { 'content-length': '0' });
        response.end();
      }
    });
  }
}

const lineOf = (path: string, text: string): string => `{"topic":"${path}","payload":${text}}\n`;
