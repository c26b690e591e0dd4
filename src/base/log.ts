import { createLogger, format, type Logger, transports } from 'winston';
import type { LogOutput } from './log-output.js';

/** The program's log. `fields` become members of a JSON line; in a pretty line they follow the text. */
export interface Log {
  error(text: string, fields?: Fields): void;
  warn(text: string, fields?: Fields): void;
  info(text: string, fields?: Fields): void;
  debug(text: string, fields?: Fields): void;
  /** The same log, with every line marked as being about `charger`. */
  child(charger: string): Log;
}

/** The log of the program itself. */
export interface RootLog extends Log {
  /** From now on no line shows these values either. */
  hide(secrets: readonly string[]): void;
}

/** Further values of a line, by name. */
export type Fields = Readonly<Record<string, unknown>>;
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export interface LogOptions {
  readonly level: LogLevel;
  /** Lines for people (with colours on a terminal), or JSON. */
  readonly format: 'pretty' | 'coloured' | 'json';
  /** Values that no line may show, in clear or percent-encoded. */
  readonly secrets: readonly string[];
  readonly output: Pick<LogOutput, 'write' | 'takeMissing'>;
}

const HIDDEN = '[secret]';

/** The root log. Redaction happens here, so that no caller can forget it. */
export function createLog(options: LogOptions): RootLog {
  const secrets = new Set(options.secrets);
  let redact = redactor([...secrets]);
  const hide = (text: string) => redact(text);
  const line = format.printf((entry) => {
    const { level, message, charger, ...fields } = entry;
    if (options.format !== 'json') {
      return prettyLine(level, options.format, hide(String(message)), charger, hide(fieldText(fields)));
    }
    const json = JSON.stringify(
      { time: new Date().toISOString(), level, charger, message, ...fields },
      (key, value) => (typeof value === 'string' && key !== 'time' && key !== 'level' ? hide(value) : value),
    );
    // JSON.stringify does not escape the control characters U+007F to U+009F.
    return json.replace(/[\u007f-\u009f]/g, escaped);
  });
  const winston = createLogger({
    level: options.level,
    format: line,
    transports: [outputTransport((text) => options.output.write(text))],
  });
  return {
    ...wrap(winston, options.output, {}),
    hide(more) {
      for (const secret of more) secrets.add(secret);
      redact = redactor([...secrets]);
    },
  };
}

function wrap(winston: Logger, output: LogOptions['output'], about: Fields): Log {
  const at = (level: LogLevel) => (text: string, fields?: Fields) => {
    // winston would format the line first, and then drop it.
    if (!winston.isLevelEnabled(level)) return;
    const missing = output.takeMissing();
    if (missing > 0) {
      const message = `${missing} lines are missing here: the log was read too slowly`;
      winston.log({ level: 'warn', message });
    }
    winston.log({ level, message: text, ...about, ...fields });
  };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (charger) => wrap(winston, output, { charger }),
  };
}

function outputTransport(write: (line: string) => void) {
  const transport = new transports.Console();
  transport.log = (entry: Record<symbol, unknown>, next: () => void) => {
    write(String(entry[Symbol.for('message')]));
    next();
  };
  return transport;
}

const COLOURS: Readonly<Record<string, string>> = { error: '31', warn: '33', info: '32', debug: '90' };

function prettyLine(
  level: string,
  format: string,
  message: string,
  charger: unknown,
  fields: string,
): string {
  const time = new Date().toTimeString().slice(0, 8);
  const colour = format === 'coloured' ? (COLOURS[level] ?? '0') : undefined;
  const shown = level.padEnd(5);
  const about = charger === undefined ? '' : ` [${String(charger)}]`;
  return `${time} ${colour ? `\u001b[${colour}m${shown}\u001b[0m` : shown}${about} ${visible(message)}${visible(fields)}`;
}

function fieldText(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A stranger's text must not forge lines or move the cursor of a terminal. */
function visible(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, escaped)
      .replaceAll('\n', '\n         ')
  );
}

/** A shorter secret occurs in many words. Blanking it out would make the log unreadable and give the secret away. */
const MIN_SECRET = 4;

/** The login in a URL: it is blanked out even where it is none of the known secrets. */
const LOGIN = /(\b[a-z][a-z0-9+.-]{1,15}:\/\/)[^\s/@"']{1,512}@/gi;

function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(
    secrets
      .filter((s) => s.length >= MIN_SECRET)
      .flatMap((s) => [s, encodeURIComponent(s), JSON.stringify(s).slice(1, -1)]),
  );
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return (text) =>
    longestFirst
      .reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text)
      .replace(LOGIN, `$1${HIDDEN}@`);
}
