import { type Answer, jsonAnswer, type Request, textAnswer } from './http/answer.js';

export interface PagesOptions {
  /** `display_type` of the charger. */
  readonly title: () => string;
  readonly firmware: string;
  readonly pongs: () => readonly number[];
  readonly uptime: () => number;
  readonly bootId: () => string;
  readonly reboot: () => void;
}

/** Clients that the debug page of the WebSocket has room for. */
const SEATS = 5;

/** Pages with an address of their own, which come before all topics (charger-wire 4.1 and 4.7). */
export class Pages {
  readonly #options: PagesOptions;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  /** The answer, or undefined for a path without a page. */
  answer({ method, url, headers }: Request, loggedIn: boolean): Answer | undefined {
    const page = this.#find(url);
    if (!page) return undefined;
    return method === 'GET' ? page(headers, loggedIn) : textAnswer(405, `${method} is not possible here`);
  }

  #find(url: string): ((headers: Request['headers'], loggedIn: boolean) => Answer) | undefined {
    switch (url) {
      case '/':
        return (headers) => this.#start(headers['if-none-match']);
      case '/login_state':
        return (_, loggedIn) => textAnswer(200, loggedIn ? 'logged in' : 'not logged in');
      case '/credential_check':
        return () => textAnswer(200, '');
      case '/event_log':
        return () =>
          textAnswer(
            200,
            `${this.#options.uptime()} boot ${this.#options.bootId()} of a simulated charger\n`,
          );
      case '/info/ws':
        return () => this.#sockets();
      case '/force_reboot':
        return () => {
          this.#options.reboot();
          return textAnswer(200, 'rebooting');
        };
      default:
        return undefined;
    }
  }

  #start(known: string | string[] | undefined): Answer {
    const { title, firmware } = this.#options;
    const etag = `"${firmware}"`;
    if (known === etag) return { status: 304, headers: { ETag: etag } };
    const body = `<!doctype html><meta charset="utf-8"><title>${escapeHtml(title())}</title><h1>${escapeHtml(title())}</h1><p>A simulated charger: only its API is here, not its web interface.</p>\n`;
    return { status: 200, type: 'text/html; charset=utf-8', body, headers: { ETag: etag } };
  }

  #sockets(): Answer {
    const pongs = this.#options.pongs();
    const seats = Array.from({ length: SEATS }, (_, at) => at);
    return jsonAnswer(
      JSON.stringify({
        keep_alive_fds: seats.map((at) => (at < pongs.length ? 54 + at : -1)),
        keep_alive_pongs: seats.map((at) => pongs[at] ?? 0),
        worker_active: 2,
        last_worker_run: this.#options.uptime(),
        queue_len: 0,
      }),
    );
  }
}

function escapeHtml(raw: string): string {
  return raw.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
