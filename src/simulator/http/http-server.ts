import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import type { Answer, Request } from './answer.js';
import { readBody } from './body.js';
import type { Sockets } from './sockets.js';

export interface HttpServerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly sockets: Sockets;
  /** Bytes that a body may have. */
  readonly maxBody: (url: string) => number;
  /** False while the network processor is down: connections are closed at once. */
  readonly up: () => boolean;
  /** Checks a request before its body is read. If it returns an answer, that is sent instead. */
  readonly admit: (head: Omit<Request, 'body'>) => Answer | undefined;
  readonly answer: (request: Request) => Promise<Answer>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Sizes that the charger's server takes (charger-wire 4.2): its URI, and all header lines of a WARP1 together. */
const MAX_URI_BYTES = 512;
const MAX_HEADERS_BYTES = 1_024;

/** Faults of the protocol, by the code of Node's parser. */
const PROTOCOL_FAULTS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_INVALID_METHOD: 501,
  HPE_INVALID_VERSION: 505,
};

/** A web server that behaves as the charger's does (charger-wire 4). It does not listen yet. */
export function createHttp(options: HttpServerOptions): Server {
  const server = createServer({
    // `oversized` checks the charger's own limits, which are smaller. Beyond this one Node refuses by itself.
    maxHeaderSize: 8 * MAX_HEADERS_BYTES,
    keepAliveTimeout: 0,
    headersTimeout: 0,
    requestTimeout: 0,
    requireHostHeader: false,
    noDelay: true,
  });
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    void serve(options, request, response);
  server.on('connection', (socket) => {
    if (options.up()) options.sockets.add(socket);
    else socket.destroy();
  });
  server.on('request', handle);
  // The charger never answers 100 Continue: clients send the body after a wait of their own (charger-wire 4.3).
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('upgrade', (request, socket, head) => {
    options.sockets.used(socket);
    if (options.up()) options.upgrade(request, socket, head);
    else socket.destroy();
  });
  server.on('connect', (_, socket) => refuse(socket, { status: 501 }));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = PROTOCOL_FAULTS[error.code ?? ''] ?? 400;
    refuse(socket, { status, type: 'text/html', body: STATUS_CODES[status] ?? '' });
  });
  return server;
}

async function serve(
  options: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { sockets, log } = options;
  if (!options.up()) {
    request.socket.destroy();
    return;
  }
  sockets.used(request.socket);
  try {
    send(request, response, await respond(options, request));
  } catch (error) {
    log.error(`${request.method} ${request.url}: ${messageOf(error)}`);
    send(request, response, { status: 500 });
  }
}

async function respond(options: HttpServerOptions, request: IncomingMessage): Promise<Answer> {
  const { method = '', url = '', headers } = request;
  const tooLarge = oversized(url, request.rawHeaders);
  if (tooLarge !== undefined)
    return { status: tooLarge, type: 'text/html', body: STATUS_CODES[tooLarge] ?? '', close: true };
  const refusal = options.admit({ method, url, headers });
  if (refusal) return refusal;
  if (method !== 'PUT' && method !== 'POST')
    return options.answer({ method, url, headers, body: new Uint8Array() });
  const body = await readBody(request, options.maxBody(url), options.clock);
  if (body === 413) return { status: 413 };
  if (body === 400) return { status: 400, close: true };
  const answer = await options.answer({ method, url, headers, body });
  // After a chunked body, which was not read, no further request can be found on the connection.
  return headers['transfer-encoding'] === undefined ? answer : { ...answer, close: true };
}

function oversized(url: string, rawHeaders: readonly string[]): 414 | 431 | undefined {
  if (Buffer.byteLength(url) > MAX_URI_BYTES) return 414;
  const bytes = rawHeaders.reduce((sum, part) => sum + Buffer.byteLength(part) + 2, 0);
  return bytes > MAX_HEADERS_BYTES ? 431 : undefined;
}

/** Sends an answer without Node's own headers. The connection is kept open, whatever the client asked for. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body = '', headers, close }: Answer,
): void {
  if (response.destroyed) return;
  response.sendDate = false;
  response.removeHeader('Connection');
  if (close) response.shouldKeepAlive = false;
  else if (request.httpVersion === '1.1') response.shouldKeepAlive = true;
  const length = Buffer.byteLength(body);
  response.writeHead(status, {
    ...(type ? { 'Content-Type': type } : {}),
    'Content-Length': length,
    ...headers,
  });
  response.end(body);
}

/** Answers on a bare socket and ends the connection. */
export function refuse(socket: Duplex, { status, type, body = '', headers }: Answer): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...(type ? [`Content-Type: ${type}`] : []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  // Only a socket that is read notices that the other side has gone.
  socket.resume();
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]));
}
