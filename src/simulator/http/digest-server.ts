import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const REALM = 'esp32-lib';

/** Methods that the charger can put into its hash; no other one can ever log in (charger-wire 4.4). */
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
   * Whether an Authorization header logs in. As on the charger neither nonce, nc, opaque nor uri are compared
   * with anything, so a client may choose a nonce of its own and keep it.
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
