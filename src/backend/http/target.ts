import type { RequestSettings } from './client.js';

/** Where the charger is, and how to send requests to it. */
export interface Target extends RequestSettings {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** Path in front of every topic, without a final slash; empty unless something stands before the charger. */
  readonly base: string;
  /** The address as people may see it: without the login. */
  readonly shown: string;
  readonly login: { readonly username: string; readonly password: string } | undefined;
}

export interface TargetOptions extends RequestSettings {
  /** `http://host` or `https://host`, which may hold a login and a path. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Parses the charger's URL. A login in the settings has priority over one in the URL. Throws TypeError if it is no URL. */
export function targetOf({
  url: address,
  username: user,
  password: word,
  ...settings
}: TargetOptions): Target {
  const url = new URL(address);
  const secure = url.protocol === 'https:';
  const base = url.pathname.replace(/\/+$/, '');
  const username = user ?? (url.username === '' ? undefined : decodeURIComponent(url.username));
  const password = word ?? decodeURIComponent(url.password);
  return {
    ...settings,
    secure,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (secure ? 443 : 80),
    base,
    shown: url.origin + base,
    login: username === undefined ? undefined : { username, password },
  };
}

/** Whether `path` may stand in a URL as it is: the charger decodes nothing and knows no query (charger-wire 4.1). */
export const isPlainPath = (path: string): boolean => /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(path);
