import { parseShard, type Shard } from './shard.js';

/** How one setting is read. `read` gets the value of a file, a variable or an option; undefined: it can't be used. */
export interface Kind<T> {
  /** Finishes the sentence "expected …". */
  readonly words: string;
  /** As an option it needs no value: `--read-only` means true. */
  readonly flag?: true;
  /** The placeholder of the value in the help: `FILE`, `1..65535`. */
  readonly sign: string;
  /** All values, if there are only a few: for the completion of a shell. */
  readonly values?: readonly string[];
  read(raw: unknown): T | undefined;
  /** The value as it is written in a settings file; default: unchanged. */
  write?(value: T): unknown;
  /** Faulty values that an error may show: a slip of the pen, not a password in the wrong place. */
  readonly harmless?: RegExp;
  /** The part of a faulty value that may be shown. */
  shown?(raw: string): string | undefined;
  /** What a faulty value was probably meant to be. */
  hint?(raw: string): string | undefined;
}

/** A short word, or a number with or without a unit. */
const SLIP = /^(?:[A-Za-z]{1,10}|[-+]?[\d.,]{1,12} ?[A-Za-z]{0,4})$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** A text in one line. A line feed at its end is cut off: YAML's `|` and most editors add one. */
export const textKind: Kind<string> = {
  sign: 'TEXT',
  words: 'a text in one line',
  read(raw) {
    if (typeof raw !== 'string' && typeof raw !== 'number') return undefined;
    const text = String(raw).replace(/[\r\n]+$/, '');
    return text === '' || CONTROL.test(text) ? undefined : text;
  },
};

/** A user name for HTTP. Its logins separate name and password by a colon, so the name can't have one. */
export const digestUserKind: Kind<string> = {
  sign: 'NAME',
  words: 'a name without a colon, in one line',
  read(raw) {
    const text = textKind.read(raw);
    return text?.includes(':') ? undefined : text;
  },
};

/** The name of a file. A URL is refused, and so is the content of a key or certificate. */
export const fileKind: Kind<string> = {
  sign: 'FILE',
  words: 'the name of a file',
  read(raw) {
    const text = textKind.read(raw);
    return text !== undefined && /:\/\/|-----BEGIN/.test(text) ? undefined : text;
  },
  hint: (raw) =>
    raw.includes('-----BEGIN') ? 'this looks like the content: put it in a file and name that' : undefined,
};

/** True or false; also yes, on and 1, or no, off and 0. */
export const flagKind: Kind<boolean> = {
  words: 'true or false',
  sign: 'true|false',
  values: ['true', 'false'],
  flag: true,
  harmless: SLIP,
  read(raw) {
    if (typeof raw === 'boolean') return raw;
    const word = String(raw).toLowerCase();
    if (['true', 'yes', 'on', '1'].includes(word)) return true;
    return ['false', 'no', 'off', '0'].includes(word) ? false : undefined;
  },
};

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): Kind<number> {
  return {
    words: `a whole number ${min}..${max}`,
    sign: `${min}..${max}`,
    harmless: SLIP,
    read(raw) {
      const number = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
      if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

/** A share of a whole, 0..1; also in percent. */
export const shareKind: Kind<number> = {
  sign: '0..1',
  words: 'a share 0..1, or a percentage such as 90%',
  harmless: SLIP,
  read(raw) {
    if (typeof raw !== 'string' && typeof raw !== 'number') return undefined;
    const [, number, percent] = /^(\d+(?:\.\d+)?) *(%)?$/.exec(String(raw).trim()) ?? [];
    const share = Number(number) / (percent ? 100 : 1);
    return share >= 0 && share <= 1 ? share : undefined;
  },
};

/** A share of the chargers: `0/3`. */
export const shardKind: Kind<Shard> = {
  sign: 'I/N',
  words: 'a share i/n such as 0/3 (i from 0 to n-1; i can be the name of a pod of a StatefulSet: bridge-0/3)',
  harmless: /^[\w./-]{1,80}$/,
  read: (raw) => (typeof raw === 'string' ? parseShard(raw.trim()) : undefined),
  write: ({ index, count }) => `${index}/${count}`,
};

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * A time, which is read as ms, from `min` to `max` ms: `500ms`, `1s`, `2m`, `1h`. A number alone is in `unit`, which
 * the doc of the setting has to name.
 */
export function duration(unit: 'ms' | 's', min: number, max: number): Kind<number> {
  return {
    harmless: SLIP,
    sign: `${inUnits(min)}..${inUnits(max)}`,
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

/** A time of `ms` as text: `5s` for whole seconds, else `250ms`. */
export function inUnits(ms: number): string {
  const unit = ms % UNITS_MS.s === 0 ? 's' : 'ms';
  return `${ms / UNITS_MS[unit]}${unit}`;
}

/** One of these words or numbers; upper and lower case are the same. */
export function choice<const W extends string | number>(...words: readonly W[]): Kind<W> {
  return {
    words: words.join(', '),
    sign: words.join('|'),
    values: words.map(String),
    harmless: SLIP,
    read: (raw) => words.find((word) => String(word) === String(raw).trim().toLowerCase()),
  };
}

/** Texts, as a list or with commas between them. Empty ones are left out. */
export const listKind: Kind<readonly string[]> = {
  sign: 'LIST',
  words: 'a comma list of names',
  read(raw) {
    const items = typeof raw === 'string' ? raw.split(',') : raw;
    if (!Array.isArray(items) || !items.every((item) => typeof item === 'string')) return undefined;
    return items.map((item) => item.trim()).filter((item) => item !== '');
  },
};

/** A topic prefix. MQTT allows nearly all characters, but wildcards and empty levels would break subscriptions. */
export const prefixKind: Kind<string> = {
  sign: 'PREFIX',
  words: 'a topic prefix without wildcards (+ #), without / at either end and not starting with $',
  harmless: /^[\w/+#$. -]{1,64}$/,
  read(raw) {
    const text = textKind.read(raw);
    if (text === undefined || text.length > 128) return undefined;
    return /[+#]|^\/|\/$|\/\/|^\$/.test(text) ? undefined : text;
  },
};
