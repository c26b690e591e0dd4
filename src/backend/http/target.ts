/** Where the charger is and how it is spoken to. */
export interface Target {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Path in front of every topic, without a final slash; empty unless something stands before the charger. */
  readonly base: string;
  /** The address as people may see it: without the login. */
  readonly shown: string;
  readonly login: { readonly username: string; readonly password: string } | undefined;
  /** ms that one request may take. */
  readonly timeout: number;
  readonly rejectUnauthorized: boolean;
}

export interface TargetOptions {
  /** `http://host` or `https://host`, which may hold a login. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly timeout: number;
  readonly rejectUnauthorized: boolean;
}

/** Takes the charger's URL apart. Throws TypeError where it is none. */
export function targetOf(options: TargetOptions): Target {
  const url = new URL(options.url);
  const secure = url.protocol === 'https:';
  const base = url.pathname.replace(/\/+$/, '');
  const username = options.username ?? (url.username === '' ? undefined : decodeURIComponent(url.username));
  const password = options.password ?? decodeURIComponent(url.password);
  return {
    secure,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (secure ? 443 : 80),
    base,
    shown: url.origin + base,
    login: username === undefined ? undefined : { username, password },
    timeout: options.timeout,
    rejectUnauthorized: options.rejectUnauthorized,
  };
}

/** Whether `path` may stand in a URL as it is: the charger decodes nothing and knows no query (charger-wire 4.1). */
export const isPlainPath = (path: string): boolean => /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(path);
