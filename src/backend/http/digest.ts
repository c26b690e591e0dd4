import { createHash, randomBytes } from 'node:crypto';

interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
}

/** The longest challenge that is parsed, characters; that of a charger has about 120. */
const MAX_CHALLENGE = 1_024;

/**
 * Digest login with qop=auth and MD5, the only kind that a charger accepts (charger-wire 4.4). One challenge is used
 * for all later requests, over HTTP and WebSocket, with a growing `nc`, so that a 401 is rare.
 */
export class DigestLogin {
  readonly #username: string;
  readonly #password: string;
  #challenge: Challenge | undefined;
  #count = 0;

  constructor(username: string, password: string) {
    this.#username = username;
    this.#password = password;
  }

  /** The Authorization header of a request, or undefined before the first challenge. `uri` is the path as sent. */
  answer(method: 'GET' | 'PUT', uri: string): string | undefined {
    if (!this.#challenge) return undefined;
    const { realm, nonce, opaque } = this.#challenge;
    this.#count += 1;
    const nc = this.#count.toString(16).padStart(8, '0');
    const cnonce = randomBytes(8).toString('hex');
    const secret = md5(`${this.#username}:${realm}:${this.#password}`);
    const response = md5(`${secret}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${uri}`)}`);
    const fields = [
      // Node sends headers as Latin-1; the charger compares UTF-8.
      `username=${quoted(Buffer.from(this.#username).toString('latin1'))}`,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `uri=${quoted(uri)}`,
      `response="${response}"`,
      ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
      'qop=auth',
      `nc=${nc}`,
      `cnonce="${cnonce}"`,
    ];
    return `Digest ${fields.join(', ')}`;
  }

  /**
   * Takes the `WWW-Authenticate` header of a 401. `refused` is the Authorization header of the refused request. Returns
   * whether a second try makes sense: not if that request answered this very challenge, and not if the challenge is of
   * a kind that no charger sends.
   */
  accept(header: string | undefined, refused: string | undefined): boolean {
    const challenge = parse(header ?? '');
    if (!challenge) return false;
    if (refused?.includes(`realm=${quoted(challenge.realm)}, nonce=${quoted(challenge.nonce)},`))
      return false;
    if (challenge.nonce !== this.#challenge?.nonce) this.#count = 0;
    this.#challenge = challenge;
    return true;
  }
}

function parse(header: string): Challenge | undefined {
  if (header.length > MAX_CHALLENGE) return undefined;
  const fields = /(?:^|,\s*)Digest\s+(.*)$/i.exec(header)?.[1];
  if (fields === undefined) return undefined;
  const found = new Map<string, string>();
  for (const [, name = '', inQuotes, bare] of fields.matchAll(
    /(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, inQuotes?.replace(/\\(.)/g, '$1') ?? bare ?? '');
  }
  const realm = found.get('realm');
  const nonce = found.get('nonce');
  const methods = (found.get('qop') ?? '').split(',').map((method) => method.trim());
  const algorithm = found.get('algorithm') ?? 'MD5';
  if (
    realm === undefined ||
    nonce === undefined ||
    !methods.includes('auth') ||
    algorithm.toUpperCase() !== 'MD5'
  ) {
    return undefined;
  }
  return { realm, nonce, opaque: found.get('opaque') };
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
