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

/** Decides who may use the page and the metrics (contract 2); health checks are open to all. */
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

  /** Whether a login is set. Without one the server listens only for this machine. */
  get hasLogin(): boolean {
    return this.#login !== undefined;
  }

  /** Whether the request needs no login, or has the right one. */
  admits(request: IncomingMessage): boolean {
    if (!this.#login || this.#isFromProxy(request)) return true;
    const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    return timingSafeEqual(digest(Buffer.from(encoded, 'base64').toString()), this.#login);
  }

  /**
   * Whether a trusted proxy has sent the request, so that `Host` and `Origin` need no check. A proxy on this machine is
   * not enough: a local browser that another site has sent here comes from the same address.
   */
  trusts(request: IncomingMessage): boolean {
    return this.#isFromProxy(request) && !isLoopback(addressOf(request));
  }

  /** Whether `name` is accepted as the server's. Addresses are safe from DNS rebinding; names must be in the settings. */
  knows(name: string): boolean {
    return name === 'localhost' || isIP(name) !== 0 || this.allows(name);
  }

  /** Whether the settings allow this name. */
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

/** A digest has the same length for every text, so the time of a comparison tells nothing about the login. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
