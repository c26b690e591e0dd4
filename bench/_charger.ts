import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A charger for benchmarks: pushes what it is told to push, and takes every write. */
export class BenchCharger {
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#server, path: '/ws' });
  readonly #states = new Map<string, string>();
  onWrite: (path: string, body: string) => void = () => {};

  constructor(states: Readonly<Record<string, unknown>>) {
    for (const [path, value] of Object.entries(states)) this.#states.set(path, JSON.stringify(value));
    this.#sockets.on('connection', (socket) => this.#dump(socket));
  }

  async listen(): Promise<number> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return (this.#server.address() as AddressInfo).port;
  }

  push(path: string, text: string): void {
    this.#states.set(path, text);
    for (const socket of this.#sockets.clients) socket.send(`{"topic":"${path}","payload":${text}}\n`);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #dump(socket: WebSocket): void {
    const lines = [...this.#states].map(([path, text]) => `{"topic":"${path}","payload":${text}}\n`);
    for (let at = 0; at < lines.length; at += 20) socket.send(lines.slice(at, at + 20).join(''));
    socket.send('\n');
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
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
