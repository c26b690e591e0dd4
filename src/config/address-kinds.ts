import { isIP, isIPv6 } from 'node:net';
import { type Kind, listKind, textKind } from './kinds.js';

const HOST_AND_PORT = /^([\w.-]+)(?::(\d{1,5}))?$/;

/** A host name or an address, without port and login. */
export const hostKind: Kind<string> = {
  sign: 'HOST',
  words: 'a host name or an address, without port',
  read(raw) {
    const text = textKind.read(raw)?.replace(/^\[(.*)\]$/, '$1');
    return text !== undefined && (/^[\w.-]+$/.test(text) || isIPv6(text)) ? text : undefined;
  },
  harmless: HOST_AND_PORT,
  hint: (raw) => (/^\w+:\/\//.test(raw) ? 'write the host alone, or use a setting for URLs' : undefined),
};

/** Host names, each as `hostKind` reads it. */
export const hostsKind: Kind<readonly string[]> = {
  sign: 'LIST',
  words: 'a comma list of host names, without http:// and without port',
  harmless: /^[\w.:/, -]{1,200}$/,
  read(raw) {
    const hosts = listKind.read(raw)?.map((item) => hostKind.read(item));
    return hosts?.every((host) => host !== undefined) ? hosts : undefined;
  },
};

/** URL schemes of other programs, and ours in their place: for hints. */
const SCHEMES: Readonly<Record<string, string>> = { tcp: 'mqtt', ssl: 'mqtts', tls: 'mqtts' };

/** A list of IP addresses, or of ranges such as `10.0.0.0/8`. */
export const addressesKind: Kind<readonly string[]> = {
  sign: 'LIST',
  words: 'a comma list of addresses such as 172.30.32.2 or 10.0.0.0/8',
  // Only the characters of addresses: any other text may be a login that was written in the wrong place.
  harmless: /^[\da-f.:/, ]{1,200}$/i,
  read(raw) {
    const items = listKind.read(raw);
    return items?.every(isAddressRange) ? items : undefined;
  },
};

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32));
}

/** Whether the user name or password of a URL can be used: it has to obey the rules of a setting of its own. */
function isLoginPart(part: string): boolean {
  const text = decoded(part);
  return text === '' || (text !== undefined && textKind.read(text) === text);
}

/** A URL with one of these protocols (`mqtt`, without `://`); the first one is suggested. */
export function url(...protocols: readonly string[]): Kind<string> {
  return {
    sign: 'URL',
    words: `a URL such as ${protocols[0]}://192.168.1.10 (${protocols.map((name) => `${name}://`).join(', ')}; in a login % is written %25)`,
    read(raw) {
      const text = textKind.read(raw);
      if (text === undefined || /\s/.test(text) || !URL.canParse(text)) return undefined;
      const { protocol, hostname, username, password } = new URL(text);
      if (!isLoginPart(username) || !isLoginPart(password)) return undefined;
      return protocols.includes(protocol.slice(0, -1)) && hostname !== '' ? text : undefined;
    },
    // A single word with a digit in it may be a password.
    harmless: /^(?!\w*\d\w*$)(?:[a-z]{1,8}:\/\/)?[\w.-]+(?::\d{1,5})?(?:\/[\w./-]*)?$/,
    shown(raw) {
      const [, scheme, host] = /^([a-z]{1,8}:\/\/).*@([\w.-]+(?::\d{1,5})?)\/?$/.exec(raw) ?? [];
      return scheme === undefined ? undefined : `${scheme}…@${host}`;
    },
    hint(raw) {
      if (HOST_AND_PORT.test(raw) && this.harmless?.test(raw))
        return `did you mean ${protocols[0]}://${raw}?`;
      const [, scheme = ''] = /^([a-z]+):\/\//.exec(raw) ?? [];
      const ours = SCHEMES[scheme];
      return ours && protocols.includes(ours) ? `${scheme}:// is written ${ours}://` : undefined;
    },
  };
}

/** The items of a comma list of URLs. A password may contain a comma, so only one before a scheme separates. */
const itemsOf = (text: string): string[] => text.split(/,\s*(?=[a-z]{1,8}:\/\/)/i).map((item) => item.trim());

/** One URL or several: as a list, or separated by commas. */
export function urls(...protocols: readonly string[]): Kind<readonly string[]> {
  const one = url(...protocols);
  const isGood = (item: string) => {
    const text = one.read(item);
    return text !== undefined && !new URL(text).hostname.includes(',');
  };
  /** What `say` says of each item that can't be used, with the number of the item if there are several. */
  const each = (raw: string, say: (item: string) => string | undefined) => {
    const items = itemsOf(raw);
    const told = items.flatMap((item, at) => {
      const text = isGood(item) ? undefined : say(item);
      return text === undefined ? [] : [items.length === 1 ? text : `${text} (no. ${at + 1})`];
    });
    return told.length === 0 ? undefined : told.join(', ');
  };
  return {
    sign: 'URL[,URL]',
    words: one.words.replace(' (', ', or several with commas between them ('),
    read(raw) {
      const items = typeof raw === 'string' ? itemsOf(raw) : raw;
      if (!Array.isArray(items) || items.length === 0) return undefined;
      return items.every((item): item is string => typeof item === 'string' && isGood(item))
        ? items.map((item) => one.read(item) ?? item)
        : undefined;
    },
    write: (value) => (value.length === 1 ? value[0] : value),
    shown(raw) {
      if (itemsOf(raw).length === 1) return one.shown?.(raw);
      return each(
        raw,
        (item) => one.shown?.(item) ?? (one.harmless?.test(item) ? item : `${item.length} characters`),
      );
    },
    ...(one.harmless ? { harmless: one.harmless } : {}),
    hint: (raw) => each(raw, (item) => one.hint?.(item)),
  };
}

/** Decodes percent-encoding. Undefined for a `%` without two hex digits: that text was never encoded. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
