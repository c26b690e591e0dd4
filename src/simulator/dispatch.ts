import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Routes } from './api/routes.js';
import { type Answer, type Request, textAnswer } from './http/answer.js';
import type { DigestServer } from './http/digest-server.js';
import { type HttpServerOptions, refuse } from './http/http-server.js';
import type { MainLoop } from './main-loop.js';
import type { NetworkProcessor } from './network-processor.js';
import type { Pages } from './pages.js';
import type { Profile } from './profile.js';
import type { PushServer } from './push-server.js';
import type { WorldApi } from './world-api.js';
import type { WriteLog } from './write-log.js';

export interface DispatchParts {
  readonly writeLog: WriteLog;
  readonly profile: Profile;
  /** Absent if no login is needed. */
  readonly digest: DigestServer | undefined;
  readonly loop: MainLoop;
  readonly processor: NetworkProcessor;
  readonly push: PushServer;
  readonly pages: Pages;
  readonly world: WorldApi;
  readonly routes: Routes;
}

/** 16 random bytes in base64 (RFC 6455, 4.1). */
const WEBSOCKET_KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Pages that need no login (charger-wire 4.4). */
const EXEMPT = ['/', '/login_state'];

/** Passes each request on: to the login, then to the pages, the simulated world, and last to the charger's topics. */
export function dispatch(parts: DispatchParts): Pick<HttpServerOptions, 'admit' | 'answer' | 'upgrade'> {
  const { writeLog, profile, digest, loop, processor, push, pages, world, routes } = parts;

  const loggedIn = ({ method, headers }: Pick<Request, 'method' | 'headers'>): boolean => {
    const { authorization } = headers;
    return digest?.accepts(method, typeof authorization === 'string' ? authorization : undefined) ?? true;
  };

  const admit = (head: Omit<Request, 'body'>): Answer | undefined => {
    if (!digest || (head.method === 'GET' && EXEMPT.includes(head.url)) || loggedIn(head)) return undefined;
    return { status: 401, headers: { 'WWW-Authenticate': digest.challenge() } };
  };

  const answer = async (request: Request): Promise<Answer> => {
    if (request.url === '/ws') {
      const status = request.method === 'GET' ? profile.plainWebSocketStatus : 405;
      return textAnswer(status, 'only for WebSocket clients');
    }
    const given = pages(request, loggedIn(request)) ?? (await world(request)) ?? (await routes(request));
    writeLog.answered(request, given);
    return given;
  };

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const unwelcome = admit({ method, url, headers });
    if (unwelcome) return refuse(socket, unwelcome);
    // On the path of a topic the charger does not look at the upgrade.
    if (method === 'GET' && url !== '/ws') {
      const given = await routes({ method, url, headers, body: new Uint8Array() });
      if (given.status !== 404) return refuse(socket, given);
    }
    const refusal = badHandshake(request, profile);
    if (refusal) return refuse(socket, refusal);
    // The dump needs the main loop, as any read does.
    if (!(await loop.enter())) return refuse(socket, textAnswer(500, 'the main loop did not answer in time'));
    if (processor.state !== 'up') return refuse(socket, textAnswer(503, 'shutting down'));
    if (push.full) return refuse(socket, textAnswer(503, 'too many WebSocket clients'));
    push.upgrade(request, socket, head);
  };

  return { admit, answer, upgrade: (...of) => void upgrade(...of) };
}

function badHandshake({ method, url, headers }: IncomingMessage, profile: Profile): Answer | undefined {
  if (method !== 'GET' || url !== '/ws') return textAnswer(400, 'there is no WebSocket here');
  if (headers.upgrade?.toLowerCase() !== 'websocket')
    return textAnswer(profile.plainWebSocketStatus, 'only for WebSocket clients');
  const key = headers['sec-websocket-key'] ?? '';
  if (headers['sec-websocket-version'] !== '13' || !WEBSOCKET_KEY.test(key))
    return textAnswer(400, 'bad WebSocket handshake');
  return undefined;
}
