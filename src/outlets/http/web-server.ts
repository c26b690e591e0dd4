import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CannotStart } from '../../base/errors.js';
import type { Charger } from '../../charger/charger.js';
import type { Metrics } from './metrics.js';

/** One charger and its way to the broker, as seen by a health check. */
export interface Watched {
  readonly prefix: string;
  readonly charger: Charger;
  readonly link: { readonly up: boolean };
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `/livez`, `/readyz` and `/metrics` (contract 6). Rejects when it can't listen. */
export async function startHealth(
  host: string,
  port: number,
  watched: readonly Watched[],
): Promise<HealthServer> {
  // Counted from the first time that somebody asks, which costs nothing where nobody does.
  let metrics: Promise<Metrics> | undefined;
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    const [pathname] = (request.url ?? '/').split('?');
    if (request.method !== 'GET' && request.method !== 'HEAD') reply(response, 405, { error: 'only GET' });
    else if (pathname === '/livez') reply(response, 200, { status: 'ok' });
    else if (pathname === '/readyz') ready(response, watched);
    else if (pathname === '/metrics') {
      metrics ??= import('./metrics.js').then(({ Metrics }) => new Metrics(watched));
      void measure(response, metrics);
    } else reply(response, 404, { error: 'there are /livez, /readyz and /metrics' });
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function ready(response: ServerResponse, watched: readonly Watched[]): void {
  const reasons = watched.flatMap(({ prefix, charger, link }) => [
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

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'it is in use' : (error.code ?? error.message);
      reject(
        new CannotStart(
          `can't listen on ${host}:${port} for health checks (${why}): set HTTP_HOST and HTTP_PORT`,
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
