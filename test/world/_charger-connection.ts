import { createHash } from 'node:crypto';
import type { SimSocket } from './_net.js';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What the charger sends back; `undefined` sends nothing and ends the connection. */
export type HttpReply = { readonly status: number; readonly body: string } | undefined;

export interface ConnectionHandler {
  /** A request came; the reply may be given much later. */
  request(request: HttpRequest, connection: ChargerConnection): void;
  /** Somebody wants a WebSocket; true accepts. */
  upgrade(connection: ChargerConnection): boolean;
  /** The WebSocket client answered a ping. */
  pong(connection: ChargerConnection): void;
  closed(connection: ChargerConnection): void;
}

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 401: 'Unauthorized', 404: 'Not Found' };

/** One TCP connection at the charger's end: HTTP requests one after the other, then perhaps a WebSocket. */
export class ChargerConnection {
  readonly socket: SimSocket;
  readonly #handler: ConnectionHandler;
  #received: Buffer = Buffer.alloc(0);
  webSocket = false;
  /** Bytes that have been written and not yet sent are none here: a simulated network takes everything. */
  closed = false;
  usedAt = 0;

  constructor(socket: SimSocket, handler: ConnectionHandler) {
    this.socket = socket;
    this.#handler = handler;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.closed) return;
      this.closed = true;
      handler.closed(this);
    });
  }

  reply(reply: HttpReply): void {
    if (this.closed) return;
    if (!reply) {
      this.drop();
      return;
    }
    const { status, body } = reply;
    const type = body.startsWith('{') || body.startsWith('[') ? 'application/json' : 'text/html';
    const head = `HTTP/1.1 ${status} ${REASONS[status] ?? 'Status'}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    this.socket.write(head + body);
  }

  /** One text frame. */
  text(text: string): void {
    this.#frame(0x81, Buffer.from(text));
  }

  textBytes(bytes: Buffer): void {
    this.#frame(0x81, bytes);
  }

  ping(): void {
    this.#frame(0x89, Buffer.alloc(0));
  }

  close(code: number): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#frame(0x88, payload);
  }

  /** Ends the connection at once. */
  drop(): void {
    this.socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    this.usedAt = this.socket.network.clock.now();
    while (!this.closed && (this.webSocket ? this.#readFrame() : this.#readRequest()));
  }

  #readRequest(): boolean {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.#received.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const total = end + 4 + length;
    if (this.#received.length < total) return false;
    const body = this.#received.toString('utf8', end + 4, total);
    this.#received = this.#received.subarray(total);
    const [method = '', target = ''] = head.slice(0, head.indexOf('\r\n')).split(' ');
    const key = /\r\nsec-websocket-key: *(\S+)/i.exec(head)?.[1];
    if (target === '/ws' && key !== undefined) this.#upgrade(key);
    else this.#handler.request({ method, path: target.slice(1), body }, this);
    return true;
  }

  #upgrade(key: string): void {
    this.accept = () => {
      if (this.closed) return;
      this.webSocket = true;
      const accept = createHash('sha1')
        .update(key + MAGIC)
        .digest('base64');
      this.socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    };
    if (this.#handler.upgrade(this)) this.accept();
  }

  /** Completes the handshake of a WebSocket. */
  accept: () => void = () => {};

  #readFrame(): boolean {
    const bytes = this.#received;
    if (bytes.length < 2) return false;
    const length = (bytes[1] ?? 0) & 0x7f;
    const total = 2 + (length === 126 ? 2 + bytes.readUInt16BE(2) : length) + 4;
    if (bytes.length < total) return false;
    const opcode = (bytes[0] ?? 0) & 0x0f;
    this.#received = bytes.subarray(total);
    if (opcode === 0xa) this.#handler.pong(this);
    else if (opcode === 8) this.drop();
    return true;
  }

  #frame(first: number, payload: Buffer): void {
    if (this.closed || !this.webSocket) return;
    const { length } = payload;
    const head =
      length < 126 ? Buffer.from([first, length]) : Buffer.from([first, 126, length >> 8, length & 255]);
    this.socket.write(length === 0 ? head : Buffer.concat([head, payload]));
  }
}
