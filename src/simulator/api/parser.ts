/** A parsed JSON value. Unlike JSON.parse, it distinguishes whole numbers from those with a point or exponent. */
export type Node =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer' | 'decimal'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, Node> };

/** Why a text can't be read (charger-wire 3.2). */
export type ParseFault = 'empty' | 'incomplete' | 'invalid' | 'too deep' | 'no memory';

const MAX_DEPTH = 10;
const MAX_NUMBER = 63;
const SPACE = ' \t\r\n';
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads `text` as leniently, and as strictly, as the charger does (charger-wire 3.2): single quotes, bare keys
 * and anything behind a finished value pass, a bare number must stand alone. `room` is how many members and
 * elements the charger has memory for.
 */
export function parse(text: string, room: number): Node | ParseFault {
  try {
    return new Reader(text, room).document();
  } catch (error) {
    if (error instanceof Unreadable) return error.fault;
    throw error;
  }
}

class Unreadable extends Error {
  readonly fault: ParseFault;

  constructor(fault: ParseFault) {
    super(fault);
    this.fault = fault;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;
  #room: number;

  constructor(text: string, room: number) {
    this.#text = text;
    this.#room = room;
  }

  document(): Node {
    this.#skipSpace();
    if (this.#peek() === '') throw new Unreadable('empty');
    const value = this.#value(MAX_DEPTH);
    const isNumber = value.kind === 'integer' || value.kind === 'decimal';
    if (isNumber && this.#peek() !== '') throw new Unreadable('invalid');
    return value;
  }

  #value(depth: number): Node {
    this.#skipSpace();
    const first = this.#peek();
    switch (first) {
      case '[':
        return this.#array(depth);
      case '{':
        return this.#object(depth);
      case '"':
      case "'":
        return { kind: 'text', value: this.#quoted() };
      case 't':
        this.#word('true');
        return { kind: 'boolean', value: true };
      case 'f':
        this.#word('false');
        return { kind: 'boolean', value: false };
      case 'n':
        this.#word('null');
        return { kind: 'null' };
      case '':
        throw new Unreadable('incomplete');
      default:
        return this.#number();
    }
  }

  #array(depth: number): Node {
    if (depth === 0) throw new Unreadable('too deep');
    this.#at += 1;
    const items: Node[] = [];
    this.#skipSpace();
    if (this.#takes(']')) return { kind: 'array', items };
    for (;;) {
      this.#takeRoom();
      items.push(this.#value(depth - 1));
      this.#skipSpace();
      if (this.#takes(']')) return { kind: 'array', items };
      this.#expect(',');
    }
  }

  #object(depth: number): Node {
    if (depth === 0) throw new Unreadable('too deep');
    this.#at += 1;
    const members = new Map<string, Node>();
    this.#skipSpace();
    if (this.#takes('}')) return { kind: 'object', members };
    for (;;) {
      this.#skipSpace();
      const key = this.#key();
      this.#skipSpace();
      this.#expect(':');
      if (!members.has(key)) this.#takeRoom();
      const value = this.#value(depth - 1);
      // If a key comes twice, the last value counts, but null does not replace an earlier value.
      if (value.kind !== 'null' || !members.has(key)) members.set(key, value);
      this.#skipSpace();
      if (this.#takes('}')) return { kind: 'object', members };
      this.#expect(',');
    }
  }

  #key(): string {
    const first = this.#peek();
    if (first === '"' || first === "'") return this.#quoted();
    const start = this.#at;
    while (/[0-9A-Za-z_]/.test(this.#peek())) this.#at += 1;
    if (this.#at === start) throw new Unreadable(first === '' ? 'incomplete' : 'invalid');
    return this.#text.slice(start, this.#at);
  }

  #quoted(): string {
    const quote = this.#peek();
    this.#at += 1;
    let value = '';
    for (;;) {
      const char = this.#next();
      if (char === quote) return value;
      value += char === '\\' ? this.#escaped() : char;
    }
  }

  #escaped(): string {
    const char = this.#next();
    if (char !== 'u') {
      const plain = SIMPLE_ESCAPES[char];
      if (plain === undefined) throw new Unreadable('invalid');
      return plain;
    }
    const digits = this.#next() + this.#next() + this.#next() + this.#next();
    if (!/^[0-9A-Fa-f]{4}$/.test(digits)) throw new Unreadable('invalid');
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #word(word: string): void {
    for (const letter of word) if (this.#next() !== letter) throw new Unreadable('invalid');
  }

  #number(): Node {
    const start = this.#at;
    while (this.#at - start < MAX_NUMBER && /[0-9+\-.eE]/.test(this.#peek())) this.#at += 1;
    const digits = this.#text.slice(start, this.#at);
    if (/^[+-]?\d+$/.test(digits)) return { kind: 'integer', value: Number(digits) + 0 };
    if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(digits))
      return { kind: 'decimal', value: Number(digits) };
    throw new Unreadable('invalid');
  }

  #takeRoom(): void {
    if (this.#room === 0) throw new Unreadable('no memory');
    this.#room -= 1;
  }

  #skipSpace(): void {
    while (this.#peek() !== '' && SPACE.includes(this.#peek())) this.#at += 1;
  }

  #expect(char: string): void {
    if (this.#takes(char)) return;
    throw new Unreadable(this.#peek() === '' ? 'incomplete' : 'invalid');
  }

  #takes(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const char = this.#peek();
    if (char === '') throw new Unreadable('incomplete');
    this.#at += 1;
    return char;
  }

  /** The character at hand, empty at the end. A NUL ends the text, as it does on the charger. */
  #peek(): string {
    const char = this.#text.charAt(this.#at);
    return char === '\0' ? '' : char;
  }
}
