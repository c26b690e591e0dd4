import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.js';
import { messageOf } from '../../base/errors.js';
import { CannotListen, listen } from '../../base/listen.js';
import type { OutletContext, ProcessContext, ProcessOutlet } from '../../charger/outlet.js';
import { Access } from './access.js';
import { readiness } from './health.js';
import type { Metrics } from './metrics.js';
import type { Page } from './page.js';
import { Recorder } from './recorder.js';
import { isKnown, refusalOf, securityHeaders } from './request-guard.js';
import { type AddressSettings, isInContainer, SERVER, serverAddress, whereToOpen } from './server-address.js';
import { limitWaiting } from './waiting-connections.js';

interface Settings extends AddressSettings {
  readonly 'http.readyShare': number;
  readonly 'policy.readOnly': boolean;
}

/** The delay of the answer to a wrong login, ms, so that nobody can try many passwords. */
const WRONG_LOGIN_MS = 500;

/** A client that does not complete its request in this time is disconnected, ms. */
const LIMITS = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 2_000 };

/** The answer to a GET of one path. */
interface Route {
  /** Whether it is open to everybody, under any `Host`. Such an answer must tell a stranger no more than the health. */
  readonly open?: true;
  /** `known`: whether the `Host` of the request is accepted. */
  answer(response: ServerResponse, known: boolean): unknown;
}

/**
 * Serves the page, `/livez`, `/readyz` and `/metrics` (contract 6 and 7). Rejects if a port that the settings name is
 * in use.
 */
export const webServer: ProcessOutlet<Settings> = async (
  { chargers, missing = [], clock, log, check },
  settings,
) => {
  const address = serverAddress(settings);
  if (!address) return () => {};
  const { host, port: wanted, asked, note } = address;
  if (note !== undefined) log.warn(note);
  const access = new Access(settings);
  const routes = routesFor(chargers, missing, settings['http.readyShare']);
  const pages = pagesOf(chargers, settings['policy.readOnly'], clock, check);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/'] = (request.url ?? '/').split('?');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    const route = reads && Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route?.open) {
      const headers = Object.entries(securityHeaders(access.trusts(request)));
      for (const [name, value] of headers) response.setHeader(name, value);
      const refusal = refusalOf(request, access);
      if (refusal) return reply(response, refusal.status, { error: refusal.error });
      if (!access.admits(request)) return askForLogin(request, response, clock);
    }
    if (route) await route.answer(response, isKnown(request, access));
    else if (!(await pages.answer(request, response)))
      reply(response, 404, { error: `there are /, ${Object.keys(routes).join(', ')}` });
  };

  const server = createServer(LIMITS, (request, response) => {
    answer(request, response).catch((error) => {
      if (response.destroyed) return;
      // A bug, but not one by which a stranger may end the process.
      log.error(`this is a bug: the page failed at ${request.method} ${request.url}: ${messageOf(error)}`);
      if (!response.headersSent)
        reply(response, 500, { error: 'the page failed; see the log of the bridge' });
      else response.destroy();
    });
  });
  limitWaiting(server);
  try {
    const port = await listen(server, { host, port: wanted, ...SERVER });
    log.info(`${whereToOpen(host, port, isInContainer())}; health checks at /readyz`);
  } catch (error) {
    await pages.stop();
    if (!(error instanceof CannotListen) || asked) throw error;
    log.warn(`there will be no page: ${error.message}, or set HTTP_PORT=0`);
    return () => {};
  }
  return async () => {
    await pages.stop();
    await new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  };
};

function routesFor(
  chargers: readonly OutletContext[],
  missing: readonly string[],
  share: number,
): Readonly<Record<string, Route>> {
  // Loaded at the first request, and counting begins only then: without requests it costs nothing.
  let metrics: Promise<Metrics> | undefined;
  return {
    '/livez': {
      open: true,
      answer: (response) => reply(response, 200, { status: 'ok', program: 'evse-mqtt-bridge' }),
    },
    '/readyz': {
      open: true,
      answer(response, known) {
        const { status, body, reasons } = readiness(chargers, missing, share);
        // The reasons hold names and addresses of the house. Under an unknown `Host` another site may read them.
        const tells = known && reasons.length > 0;
        reply(response, status, tells ? { ...body, reasons } : body);
      },
    },
    '/metrics': {
      async answer(response) {
        metrics ??= import('./metrics.js').then(({ Metrics }) => new Metrics(chargers));
        const measured = await metrics;
        const text = await measured.text();
        response.writeHead(200, { 'content-type': measured.contentType }).end(text);
      },
    },
  };
}

/** The page, which is loaded at the first request, and the recorder for its history, which starts now. */
function pagesOf(
  chargers: readonly OutletContext[],
  readOnly: boolean,
  clock: Clock,
  check: ProcessContext['check'],
) {
  const recorder = new Recorder(chargers, clock);
  let page: Promise<Page> | undefined;
  return {
    async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
      page ??= import('./page.js').then(
        ({ Page }) =>
          new Page({ recorded: () => recorder.all, readOnly, clock, ...(check ? { check } : {}) }),
      );
      return (await page).answer(request, response);
    },
    async stop(): Promise<void> {
      recorder.stop();
      (await page)?.stop();
    },
  };
}

function askForLogin(request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  response.setHeader('www-authenticate', 'Basic realm="evse-mqtt-bridge", charset="UTF-8"');
  const refuse = () => reply(response, 401, { error: 'a login is needed: HTTP_USERNAME and HTTP_PASSWORD' });
  if (request.headers.authorization === undefined) refuse();
  else response.once('close', clock.after(WRONG_LOGIN_MS, refuse));
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
