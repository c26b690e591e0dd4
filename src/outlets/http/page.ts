import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import type { Cancel, Clock } from '../../base/clock.js';
import { membersOf, parseJson } from '../../base/json.js';
import type { Receipt } from '../../charger/write.js';
import { type Asset, assets } from './page-assets.js';
import { feed } from './page-feed.js';
import type { CheckStep, TopicView } from './page-protocol.js';
import type { Recorded } from './recorder.js';

/** The most pages that may be open at once. */
const MAX_PAGES = 20;

/** The largest body of a write request, bytes: more than the largest payload that a charger accepts, in JSON. */
const MAX_BODY = 64 * 1024;

const NO_CHARGER = { error: 'there is no such charger' };

export interface PageOptions {
  readonly recorded: () => readonly Recorded[];
  readonly readOnly: boolean;
  readonly clock: Clock;
  /** Runs the command `check` and reports each step; absent if it can't run beside this process. */
  readonly check?: (tell: (step: CheckStep) => void) => Promise<unknown>;
}

/** Serves the page: its files, its live data, and its writes, which go through `Charger.write` as all others. */
export class Page {
  readonly #options: PageOptions;
  readonly #open = new Map<ServerResponse, Cancel>();
  #checking = false;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  /** Answers a request that the guard has let through. Resolves to false, without an answer, if the path is unknown. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    // Split by hand: `new URL` would throw at some paths that strangers send.
    const [pathname = '/', query] = (request.url ?? '/').split('?', 2);
    const prefix = new URLSearchParams(query).get('charger');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads) {
      const file = pathname === '/' ? 'index.html' : pathname.slice(1);
      const asset = assets.get(file);
      if (asset) sendAsset(request, response, asset);
      else if (pathname === '/api/events') this.#events(response, prefix);
      else if (pathname === '/api/topics') this.#topics(response, prefix);
      else return false;
      return true;
    }
    if (request.method !== 'POST') return false;
    if (pathname === '/api/write') await this.#write(request, response);
    else if (pathname === '/api/check') await this.#check(response);
    else return false;
    return true;
  }

  /** Ends every open page's connection. */
  stop(): void {
    for (const cancel of this.#open.values()) cancel();
    this.#open.clear();
  }

  #events(response: ServerResponse, prefix: string | null): void {
    const { recorded, readOnly, clock } = this.#options;
    const shown = this.#find(prefix);
    if (!shown) sendJson(response, 404, NO_CHARGER);
    else if (this.#open.size >= MAX_PAGES) {
      sendJson(response, 503, { error: `${MAX_PAGES} pages are open: close one of them` });
    } else {
      const cancel = feed(response, { all: recorded, shown, readOnly, clock });
      this.#open.set(response, cancel);
      response.on('close', () => {
        cancel();
        this.#open.delete(response);
      });
    }
  }

  #topics(response: ServerResponse, prefix: string | null): void {
    const shown = this.#find(prefix);
    if (!shown) {
      sendJson(response, 404, NO_CHARGER);
      return;
    }
    const topics: TopicView[] = [...shown.context.charger.topics.values()].map(({ path, doc, command }) => ({
      path,
      doc,
      writable: command !== undefined,
    }));
    sendJson(response, 200, topics);
  }

  /** The charger of this prefix; without one, the first. */
  #find(prefix: string | null): Recorded | undefined {
    const all = this.#options.recorded();
    return prefix === null ? all[0] : all.find(({ context }) => context.prefix === prefix);
  }

  async #write(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    if (text === undefined) {
      sendJson(response, 413, { error: `at most ${MAX_BODY} bytes are taken` });
      return;
    }
    const { prefix, path, payload } = membersOf(parseJson(text));
    const target = this.#options.recorded().find(({ context }) => context.prefix === prefix);
    if (!target || typeof path !== 'string' || typeof payload !== 'string') {
      sendJson(response, 400, { error: 'expected {"prefix":…,"path":…,"payload":"…"}' });
      return;
    }
    // A write that has to wait is answered at once with `waiting`; its outcome comes as an event.
    const answer = (receipt: Receipt) => {
      if (!response.headersSent) sendJson(response, 200, receipt);
    };
    const { charger } = target.context;
    answer(await charger.write({ path, payload: Buffer.from(payload), retained: false, onWaiting: answer }));
  }

  /** Sends each step as a line of JSON as soon as it is done. */
  async #check(response: ServerResponse): Promise<void> {
    const { check } = this.#options;
    if (!check || this.#checking) {
      sendJson(response, 409, { error: check ? 'a check is running already' : 'not possible here' });
      return;
    }
    this.#checking = true;
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    try {
      await check((step) => response.write(`${JSON.stringify(step)}\n`));
    } finally {
      this.#checking = false;
      response.end();
    }
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const headers = { 'content-type': asset.type, 'cache-control': 'no-cache', etag: asset.etag };
  if (request.headers['if-none-match'] === asset.etag) {
    response.writeHead(304, headers).end();
  } else if (/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    response.writeHead(200, { ...headers, 'content-encoding': 'gzip', vary: 'accept-encoding' });
    response.end(asset.gzip);
  } else {
    response.writeHead(200, { ...headers, vary: 'accept-encoding' });
    response.end(gunzipSync(asset.gzip));
  }
}

/** The whole body as text; undefined if it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // A request without an encoding gives Buffers.
    const bytes = chunk as Buffer;
    size += bytes.byteLength;
    if (size > MAX_BODY) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
