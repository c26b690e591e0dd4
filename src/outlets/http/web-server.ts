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

/** How long an answer to a wrong login takes, so that nobody tries many, ms. */
const WRONG_LOGIN_MS = 500;

/** A client that does not end its request in time is cut off, ms. */
const LIMITS = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 2_000 };

/** What is read at one path. */
interface Route {
  /** For everybody, under any name: it tells strangers nothing but how the program is. */
  readonly open?: true;
  /** `known` says whether the request came under a name by which the server may be called. */
  answer(response: ServerResponse, known: boolean): unknown;
}

/** Serves the page, `/livez`, `/readyz` and `/metrics` (contract 6 and 7). Rejects when a port that was set is in use. */
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
  // Loaded, and counted from, the first time that somebody asks: it costs nothing where nobody does.
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
        // The reasons have names and addresses of the house; a page of a stranger may have sent the browser.
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

/** The page and what it shows of the past, recorded from now on. */
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
