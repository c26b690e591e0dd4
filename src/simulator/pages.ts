import { membersOf, parseJson } from '../base/json.js';
import type { States } from './api/states.js';
import { type Answer, jsonAnswer, type Request, textAnswer } from './http/answer.js';
import type { NetworkProcessor } from './network-processor.js';
import type { Profile } from './profile.js';
import type { PushServer } from './push-server.js';
import type { WebInterface } from './web-interface.js';

export interface PagesParts {
  readonly states: States;
  readonly profile: Profile;
  readonly push: PushServer;
  readonly processor: NetworkProcessor;
  /** The web interface that is shown at `/`, if the user has one. */
  readonly web: WebInterface | undefined;
}

/** Answers a request for a page, or undefined for a path without one. */
export type Pages = (request: Request, loggedIn: boolean) => Answer | undefined;

/** What the graphs of the charger's own web interface ask for: a list of samples for each meter. */
const NO_SAMPLES: Readonly<Record<string, string>> = {
  '/meters/live': '{"offset":0,"samples_per_second":0,"samples":[[],[]]}',
  '/meters/history': '{"offset":0,"samples":[[],[]]}',
};

/** Clients that the debug page of the WebSocket has room for. */
const SEATS = [0, 1, 2, 3, 4];

/** Pages with an address of their own, which come before all topics (charger-wire 4.1 and 4.7). */
export function pages({ states, profile, push, processor, web }: PagesParts): Pages {
  const find = ({ url, headers }: Request, loggedIn: boolean): (() => Answer) | undefined => {
    switch (url) {
      case '/':
        return () =>
          web?.answer(headers['if-none-match']) ??
          startPage(titleOf(states), profile.firmware, headers['if-none-match']);
      case '/login_state':
        return () => textAnswer(200, loggedIn ? 'Logged in' : 'Not logged in');
      case '/credential_check':
        return () => textAnswer(200, '');
      case '/event_log':
        return () => {
          const boot = states.get('event_log/boot_id') ?? '';
          return textAnswer(200, `${processor.uptime()} boot ${boot} of a simulated charger\n`);
        };
      case '/info/ws':
        return () => webSocketPage(push.seats(), processor.uptime(), profile.since('2.8.9'));
      case '/meters/live':
      case '/meters/history':
        return profile.since('2.1.90') ? () => jsonAnswer(NO_SAMPLES[url] ?? '') : undefined;
      case '/force_reboot':
        return () => {
          processor.restart({ orderly: true, forget: false });
          return textAnswer(200, 'Forced reboot.');
        };
      default:
        return undefined;
    }
  };
  return (request, loggedIn) => {
    const page = find(request, loggedIn);
    if (!page) return undefined;
    return request.method === 'GET' ? page() : textAnswer(405, `${request.method} is not possible here`);
  };
}

function startPage(title: string, firmware: string, known: string | string[] | undefined): Answer {
  const etag = `"${firmware}"`;
  if (known === etag) return { status: 304, headers: { ETag: etag } };
  const body = `<!doctype html><meta charset="utf-8"><title>${escapeHtml(title)}</title><h1>${escapeHtml(title)}</h1><p>A simulated charger: only its API is here, not its web interface.</p>\n`;
  return { status: 200, type: 'text/html; charset=utf-8', body, headers: { ETag: etag } };
}

/** The debug page about the clients of the WebSocket. */
function webSocketPage(seats: ReturnType<PushServer['seats']>, uptime: number, hasPeers: boolean): Answer {
  return jsonAnswer(
    JSON.stringify({
      keep_alive_fds: SEATS.map((at) => (at < seats.length ? 54 + at : -1)),
      ...(hasPeers ? { keep_alive_peers: SEATS.map((at) => seats[at]?.peer ?? '') } : {}),
      keep_alive_pongs: SEATS.map((at) => seats[at]?.pong ?? 0),
      worker_active: 2,
      last_worker_run: uptime,
      queue_len: 0,
    }),
  );
}

function titleOf(states: States): string {
  const { display_type } = membersOf(parseJson(states.get('info/name') ?? ''));
  return typeof display_type === 'string' ? display_type : 'simulated charger';
}

function escapeHtml(raw: string): string {
  return raw.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
