import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Cancel } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import { listen } from '../../base/listen.js';
import type { OutletContext, ProcessOutlet } from '../../charger/outlet.js';
import { ActivityHistory, SAMPLE_EVERY_MS } from './activity-history.js';
import { ConnectionRecord } from './connection-record.js';
import type { Metrics } from './metrics.js';
import type { Page } from './page.js';
import type { Recorded } from './page-feed.js';
import { type GuardRules, isTrusted, refusalOf, securityHeaders } from './request-guard.js';

interface Settings {
  readonly 'http.host': string;
  readonly 'http.port': number | undefined;
  readonly 'policy.readOnly': boolean;
}

/** Names by which a page on this machine may always be called. */
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/** Serves the page, `/livez`, `/readyz` and `/metrics` (contract 6 and 7). Rejects when it can't listen. */
export const webServer: ProcessOutlet<Settings> = async ({ chargers, log }, settings) => {
  const { 'http.host': host, 'http.port': wanted, 'policy.readOnly': readOnly } = settings;
  const [first] = chargers;
  if (wanted === undefined || !first) return () => {};
  const { clock } = first;
  const recorded: Recorded[] = chargers.map((context) => ({
    context,
    history: new ActivityHistory(context.charger, clock),
    connections: new ConnectionRecord(context, clock),
  }));
  const cancels: Cancel[] = [
    clock.every(SAMPLE_EVERY_MS, () => {
      for (const { history } of recorded) history.sample();
    }),
  ];
  const rules: GuardRules = { hosts: new Set([...LOOPBACK_NAMES, host]), trustedProxies: new Set() };
  // Both are loaded, and counted from, the first time that somebody asks: it costs nothing where nobody does.
  let metrics: Promise<Metrics> | undefined;
  let page: Promise<Page> | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [pathname] = (request.url ?? '/').split('?');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && pathname === '/livez') return reply(response, 200, { status: 'ok' });
    if (reads && pathname === '/readyz') return ready(response, chargers);
    if (reads && pathname === '/metrics') {
      metrics ??= import('./metrics.js').then(({ Metrics }) => new Metrics(chargers));
      return measure(response, await metrics);
    }
    for (const [name, value] of Object.entries(securityHeaders(isTrusted(request, rules)))) {
      response.setHeader(name, value);
    }
    const refusal = refusalOf(request, rules);
    if (refusal) return reply(response, refusal.status, { error: refusal.error });
    page ??= import('./page.js').then(({ Page }) => new Page({ recorded: () => recorded, readOnly, clock }));
    if (await (await page).answer(request, response)) return;
    reply(response, 404, { error: 'there are /, /livez, /readyz and /metrics' });
  };

  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    answer(request, response).catch((error) => {
      if (response.destroyed) return;
      // A bug, but not one by which a stranger may end the process.
      log.error(`this is a bug: the page failed at ${request.method} ${request.url}: ${messageOf(error)}`);
      if (!response.headersSent)
        reply(response, 500, { error: 'the page failed; see the log of the bridge' });
      else response.destroy();
    });
  });
  const at = { host, port: wanted, what: 'the page and health checks', settings: 'HTTP_HOST and HTTP_PORT' };
  const port = await listen(server, at);
  log.info(`open http://${host}:${port} to see and control; health checks at /readyz`);
  return async () => {
    for (const cancel of cancels) cancel();
    for (const { history, connections } of recorded) {
      history.stop();
      connections.stop();
    }
    (await page)?.stop();
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  };
};

function ready(response: ServerResponse, chargers: readonly OutletContext[]): void {
  const reasons = chargers.flatMap(({ prefix, charger, link }) => [
    ...(link.up ? [] : [`${prefix}: no connection to the broker`]),
    ...(charger.connection.online ? [] : [`${prefix}: ${charger.connection.why}`]),
  ]);
  if (reasons.length === 0) reply(response, 200, { status: 'ok' });
  else reply(response, 503, { status: 'not ready', reasons });
}

async function measure(response: ServerResponse, measured: Metrics): Promise<void> {
  const text = await measured.text();
  response.writeHead(200, { 'content-type': measured.contentType });
  response.end(text);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
