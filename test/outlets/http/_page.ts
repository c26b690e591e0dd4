import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { ExecutionContext } from 'ava';
import type { ChargerOptions } from '../../../src/charger/charger.js';
import type { OutletContext } from '../../../src/charger/outlet.js';
import { webServer } from '../../../src/outlets/http/web-server.js';
import { FakeLink, FakeLog, type FakeSetup, fakeCharger } from '../../_fakes.js';
import { freePort } from '../../_ports.js';

/** Settings under which everybody on this machine may do everything. */
export const openAccess = {
  'http.host': '127.0.0.1',
  'http.username': undefined,
  'http.password': undefined,
  'http.trustedProxies': [] as readonly string[],
  'http.allowedHosts': [] as readonly string[],
  'http.readyShare': 1,
  'policy.readOnly': false,
};

/** One charger behind the page, with what a test moves. */
export interface Shown extends FakeSetup {
  readonly link: FakeLink;
}

export interface TestPage {
  readonly port: number;
  readonly chargers: readonly Shown[];
  /** What the server is given: live. */
  readonly contexts: OutletContext[];
  readonly close: () => Promise<void>;
}

/** A web server over fake chargers, one for each prefix, on a port of its own. */
export async function testPage(
  t: ExecutionContext,
  prefixes: readonly string[] = ['warp'],
  options: Partial<ChargerOptions> = {},
): Promise<TestPage> {
  const log = new FakeLog();
  const chargers = prefixes.map(() => ({ ...fakeCharger(options), link: new FakeLink() }));
  const clock = chargers[0]?.clock;
  if (!clock) throw new Error('a page shows at least one charger');
  const contexts: OutletContext[] = chargers.map(({ charger, link, log }, index) => ({
    prefix: prefixes[index] ?? '',
    name: undefined,
    charger,
    link,
    clock,
    log,
    backend: 'http',
    page: undefined,
    version: '1.2.3',
    started: '2026-11-24T00:00:00Z',
  }));
  const port = await freePort();
  const close = await webServer({ chargers: contexts, clock, log }, { ...openAccess, 'http.port': port });
  const page: TestPage = { port, chargers, contexts, close: async () => void (await close()) };
  t.teardown(async () => {
    await page.close();
    for (const { stop } of chargers) stop();
  });
  return page;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** One request; a write has what a browser sends from the page itself unless `headers` say otherwise. */
export async function ask(
  { port }: TestPage,
  method: string,
  path: string,
  body?: string,
  headers: Readonly<Record<string, string | undefined>> = {},
): Promise<TestAnswer> {
  const usual: Record<string, string | undefined> =
    body === undefined ? {} : { 'content-type': 'application/json', origin: `http://127.0.0.1:${port}` };
  const response = await answered(send(port, method, path, { ...usual, ...headers }, body));
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** The events of an open page. */
export interface Events {
  readonly status: number;
  next(): Promise<{ readonly event: string; readonly data: Record<string, unknown> }>;
  close(): void;
}

export async function openEvents(t: ExecutionContext, { port }: TestPage, query = ''): Promise<Events> {
  const sent = send(port, 'GET', `/api/events${query}`, {});
  t.teardown(() => sent.destroy());
  const response = await answered(sent);
  const lines = response.setEncoding('utf8')[Symbol.asyncIterator]();
  let rest = '';
  return {
    status: response.statusCode ?? 0,
    async next() {
      for (;;) {
        const at = rest.indexOf('\n\n');
        if (at >= 0) {
          const [event = '', data = ''] = rest.slice(0, at).split('\n');
          rest = rest.slice(at + 2);
          if (!event.startsWith('event: ')) continue;
          // The page's own server writes objects.
          const parsed = JSON.parse(data.slice('data: '.length)) as Record<string, unknown>;
          return { event: event.slice('event: '.length), data: parsed };
        }
        const { done, value } = await lines.next();
        if (done) throw new Error('the events ended');
        rest += value;
      }
    },
    close: () => sent.destroy(),
  };
}

function send(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string | undefined>>,
  body?: string,
): ClientRequest {
  const known = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: Object.fromEntries(known),
    agent: false,
  });
  sent.end(body);
  return sent;
}

function answered(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
}
