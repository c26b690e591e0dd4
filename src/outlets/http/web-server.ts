import { createServer, type ServerResponse } from 'node:http';
import { listen } from '../../base/listen.js';
import type { OutletContext, ProcessOutlet } from '../../charger/outlet.js';
import type { Metrics } from './metrics.js';

interface Settings {
  readonly 'http.host': string;
  readonly 'http.port': number | undefined;
}

/** Serves `/livez`, `/readyz` and `/metrics` (contract 6). Rejects when it can't listen. */
export const webServer: ProcessOutlet<Settings> = async ({ chargers, log }, settings) => {
  const { 'http.host': host, 'http.port': wanted } = settings;
  if (wanted === undefined) return () => {};
  // Counted from the first time that somebody asks, which costs nothing where nobody does.
  let metrics: Promise<Metrics> | undefined;
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    const [pathname] = (request.url ?? '/').split('?');
    if (request.method !== 'GET' && request.method !== 'HEAD') reply(response, 405, { error: 'only GET' });
    else if (pathname === '/livez') reply(response, 200, { status: 'ok' });
    else if (pathname === '/readyz') ready(response, chargers);
    else if (pathname === '/metrics') {
      metrics ??= import('./metrics.js').then(({ Metrics }) => new Metrics(chargers));
      void measure(response, metrics);
    } else reply(response, 404, { error: 'there are /livez, /readyz and /metrics' });
  });
  const at = { host, port: wanted, what: 'health checks', settings: 'HTTP_HOST and HTTP_PORT' };
  const port = await listen(server, at);
  log.info(`health checks at http://${host}:${port}/readyz`);
  return () =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
};

function ready(response: ServerResponse, chargers: readonly OutletContext[]): void {
  const reasons = chargers.flatMap(({ prefix, charger, link }) => [
    ...(link.up ? [] : [`${prefix}: no connection to the broker`]),
    ...(charger.connection.online ? [] : [`${prefix}: ${charger.connection.why}`]),
  ]);
  if (reasons.length === 0) reply(response, 200, { status: 'ok' });
  else reply(response, 503, { status: 'not ready', reasons });
}

async function measure(response: ServerResponse, metrics: Promise<Metrics>): Promise<void> {
  const measured = await metrics;
  const text = await measured.text();
  response.writeHead(200, { 'content-type': measured.contentType });
  response.end(text);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
