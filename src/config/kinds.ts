/** How one setting is read: `read` takes what a file, a variable or an option holds, undefined if it can't be. */
export interface Kind<T> {
  /** Finishes the sentence "expected …". */
  readonly words: string;
  readonly flag?: true;
  read(raw: unknown): T | undefined;
  /** How a value is written in a file; without it as it is. */
  write?(value: T): unknown;
}

export const textKind: Kind<string> = {
  words: 'a text',
  read: (raw) => (typeof raw === 'string' || typeof raw === 'number' ? String(raw) : undefined),
};

export const flagKind: Kind<boolean> = {
  words: 'true or false',
  flag: true,
  read(raw) {
    if (typeof raw === 'boolean') return raw;
    const word = String(raw).toLowerCase();
    if (['true', 'yes', 'on', '1'].includes(word)) return true;
    return ['false', 'no', 'off', '0'].includes(word) ? false : undefined;
  },
};

export function whole(min: number, max: number): Kind<number> {
  return {
    words: `a whole number ${min}..${max}`,
    read(raw) {
      const number = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
      return Number.isInteger(number) && (number as number) >= min && (number as number) <= max
        ? (number as number)
        : undefined;
    },
  };
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * A span of time in ms, between `min` and `max` ms: `500ms`, `1s`, `2m`, `1h`, or a number alone in `unit`, which the
 * doc of the setting has to name.
 */
export function duration(unit: 'ms' | 's', min: number, max: number): Kind<number> {
  return {
    words: `a time from ${inUnits(min)} to ${inUnits(max)}; a number alone is in ${unit}`,
    read(raw) {
      if (typeof raw !== 'string' && typeof raw !== 'number') return undefined;
      const [, number, named] = /^(\d+(?:\.\d+)?) *(ms|s|m|h)?$/.exec(String(raw).trim()) ?? [];
      if (number === undefined) return undefined;
      // The pattern has taken only names of units.
      const ms = Math.round(Number(number) * UNITS_MS[(named ?? unit) as keyof typeof UNITS_MS]);
      return ms >= min && ms <= max ? ms : undefined;
    },
    write: inUnits,
  };
}

function inUnits(ms: number): string {
  const unit = ms % UNITS_MS.s === 0 ? 's' : 'ms';
  return `${ms / UNITS_MS[unit]}${unit}`;
}

export function choice<const W extends string | number>(...words: readonly W[]): Kind<W> {
  return { words: words.join(', '), read: (raw) => words.find((word) => String(word) === String(raw)) };
}

export const listKind: Kind<readonly string[]> = {
  words: 'a comma list of names',
  read(raw) {
    const items = typeof raw === 'string' ? raw.split(',') : raw;
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) return undefined;
    return items.map((item) => item.trim()).filter((item) => item !== '');
  },
};

export function url(...protocols: readonly string[]): Kind<string> {
  return {
    words: `a URL such as ${protocols[0]}://192.168.1.10 (${protocols.map((name) => `${name}://`).join(', ')}; in a login % is written %25)`,
    read(raw) {
      if (typeof raw !== 'string' || !URL.canParse(raw)) return undefined;
      const { protocol, hostname, username, password } = new URL(raw);
      if (!canDecode(username) || !canDecode(password)) return undefined;
      return protocols.includes(protocol.slice(0, -1)) && hostname !== '' ? raw : undefined;
    },
  };
}

/** A login in a URL is percent-encoded; a lone % is a password written as it is. */
function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The start of topics: MQTT allows nearly everything, but wildcards and empty levels would break subscriptions. */
export const prefixKind: Kind<string> = {
  words: 'a topic prefix without wildcards (+ #), without / at either end and not starting with $',
  read(raw) {
    if (typeof raw !== 'string' || raw === '' || raw.length > 128) return undefined;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character belongs into a topic
    return /[+#\u0000-\u001f]|^\/|\/$|\/\/|^\$/.test(raw) ? undefined : raw;
  },
};
