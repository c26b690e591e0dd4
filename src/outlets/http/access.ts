import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../../base/listen.js';

export interface AccessSettings {
  readonly 'http.username': string | undefined;
  readonly 'http.password': string | undefined;
  readonly 'http.trustedProxies': readonly string[];
  readonly 'http.allowedHosts': readonly string[];
}

/** Who may see more than whether the program is alive (contract 2). */
export class Access {
  readonly #login: Buffer | undefined;
  readonly #proxies = new BlockList();
  readonly #names: ReadonlySet<string>;

  constructor(settings: AccessSettings) {
    const { 'http.username': username, 'http.password': password } = settings;
    this.#login =
      username === undefined || password === undefined ? undefined : digest(`${username}:${password}`);
    for (const entry of settings['http.trustedProxies']) {
      const [address = '', bits] = entry.split('/');
      const longest = isIP(address) === 6 ? 128 : 32;
      this.#proxies.addSubnet(address, bits === undefined ? longest : Number(bits), familyOf(address));
    }
    this.#names = new Set(settings['http.allowedHosts'].map((name) => name.toLowerCase()));
  }

  /** Whether strangers are kept out, so that others than this machine may be served. */
  get hasLogin(): boolean {
    return this.#login !== undefined;
  }

  /** Whether the request needs no login, or shows the right one. */
  admits(request: IncomingMessage): boolean {
    if (!this.#login || this.#isFromProxy(request)) return true;
    const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    return timingSafeEqual(digest(Buffer.from(encoded, 'base64').toString()), this.#login);
  }

  /**
   * Whether a proxy that has done the login answers for the names under which the request came. On this machine it
   * can't: a browser that was sent here by another site comes from the same address.
   */
  trusts(request: IncomingMessage): boolean {
    return this.#isFromProxy(request) && !isLoopback(addressOf(request));
  }

  /** Whether the server may be called so. An address can't be rebound, so only names have to be known. */
  knows(name: string): boolean {
    return name === 'localhost' || isIP(name) !== 0 || this.allows(name);
  }

  /** Whether the name is one that was set. */
  allows(name: string): boolean {
    return this.#names.has(name);
  }

  #isFromProxy(request: IncomingMessage): boolean {
    const address = addressOf(request);
    return isIP(address) !== 0 && this.#proxies.check(address, familyOf(address));
  }
}

const addressOf = ({ socket }: IncomingMessage): string =>
  (socket.remoteAddress ?? '').replace(/^::ffff:/, '');

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Equal lengths whatever was sent, so that comparing tells nothing. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
