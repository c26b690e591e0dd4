import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const REALM = 'esp32-lib';

/** The methods that the charger can hash: with any other one no login succeeds (charger-wire 4.4). */
const METHODS = ['GET', 'PUT', 'POST'];

/** Digest login as the charger asks for it and checks it (charger-wire 4.4). */
export class DigestServer {
  readonly #username: string;
  readonly #ha1: string;

  constructor(username: string, password: string) {
    this.#username = username;
    this.#ha1 = md5(`${username}:${REALM}:${password}`);
  }

  /** Value of WWW-Authenticate. */
  challenge(): string {
    const random = () => randomBytes(16).toString('hex');
    return `Digest realm="${REALM}", qop="auth", nonce="${random()}", opaque="${random()}"`;
  }

  /**
   * Whether an Authorization header is a valid login. As on the charger, nonce, nc, opaque and uri are not compared
   * with anything: a client may choose its own nonce and use it for ever.
   */
  accepts(method: string, authorization: string | undefined): boolean {
    if (!METHODS.includes(method) || !authorization?.startsWith('Digest ')) return false;
    const given = parameters(authorization.slice('Digest '.length));
    const { username, nonce, nc, cnonce, qop, uri, response } = given;
    if (username !== this.#username || !nonce || !nc || !cnonce || !qop || !uri || !response) return false;
    const expected = md5(`${this.#ha1}:${nonce}:${nc}:${cnonce}:${qop}:${md5(`${method}:${uri}`)}`);
    const [a, b] = [Buffer.from(expected), Buffer.from(response)];
    return a.length === b.length && timingSafeEqual(a, b);
  }
}

/** Splits at every comma, quoted or not, as the charger does. */
function parameters(header: string): Readonly<Record<string, string>> {
  const pairs = header.split(',').map((part): [string, string] => {
    const at = part.indexOf('=');
    return [
      part.slice(0, at).trim(),
      part
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    ];
  });
  return Object.fromEntries(pairs);
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
