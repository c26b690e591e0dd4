import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BadConfiguration, CannotStart, messageOf } from '../base/errors.js';
import { type JsonObject, membersOf, parseJson } from '../base/json.js';
import { fileOfYear } from '../outlets/session/session-file.js';
import type { CliCommand, CommandContext } from './index.js';

const COLUMNS = [
  'charger',
  'start',
  'end',
  'energy',
  'charging_seconds',
  'user_id',
  'max_power',
  'meter_start',
] as const;

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

export const sessions: CliCommand = {
  doc: 'prints the finished charges of SESSIONS_FILE',
  printsResult: true,
  settings: ['sessions', 'log'],
  examples: ['evse-mqtt-bridge sessions --sessions-file charges.jsonl --month 2026-11 > november.csv'],
  options: {
    format: { doc: 'a table for a spreadsheet, or one JSON object per line', values: ['csv', 'json'] },
    month: { doc: 'only the charges that began in this month (UTC), such as 2026-11', sign: 'MONTH' },
  },
  async run({ config, print, log }: CommandContext) {
    const { format, month } = config.options;
    const file = config.values['sessions.file'];
    const faults = [
      ...(file === undefined
        ? [
            'SESSIONS_FILE (sessions.file) is not set: name the file, here and for the daemon; it then keeps every charge that ends',
          ]
        : []),
      ...(month !== undefined && !MONTH.test(month)
        ? [`--month: expected a year and a month such as 2026-11, got ${JSON.stringify(month)}`]
        : []),
    ];
    if (file === undefined || faults.length > 0) throw new BadConfiguration(faults);
    const read = await readSessions(file);
    for (const fault of read.faults) log.warn(fault);
    const wanted = read.sessions.filter(
      ({ start }) => month === undefined || String(start).startsWith(month),
    );
    if (format === 'json') for (const one of wanted) print(JSON.stringify(one));
    else print([COLUMNS.join(','), ...wanted.map(csvLine)].join('\n'));
    return read.faults.length === 0 ? 0 : 1;
  },
};

/** All charges of all years, by their start. A line that is no charge is left out, and gives a fault. */
async function readSessions(file: string): Promise<{ sessions: JsonObject[]; faults: string[] }> {
  const pattern = basename(fileOfYear(file, 0)).split('-0');
  const [before = '', after = ''] = [pattern.slice(0, -1).join('-0'), pattern.at(-1)];
  const ofYear = (name: string) =>
    name.startsWith(`${before}-`) &&
    name.endsWith(after) &&
    /^\d{4}$/.test(name.slice(before.length + 1, name.length - after.length));
  const names = await readdir(dirname(file)).catch((error) => {
    throw new BadConfiguration([`SESSIONS_FILE: can't read ${dirname(file)}: ${messageOf(error)}`]);
  });
  const sessions: JsonObject[] = [];
  const faults: string[] = [];
  for (const name of names.filter(ofYear).sort()) {
    const text = await readFile(join(dirname(file), name), 'utf8').catch((error) => {
      throw new CannotStart(`can't read ${join(dirname(file), name)}: ${messageOf(error)}`);
    });
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const one = membersOf(parseJson(line));
      if (typeof one.start === 'string') sessions.push(one);
      else faults.push(`${name}, line ${index + 1}: this line is not a finished charge, and is left out`);
    }
  }
  sessions.sort((a, b) => (String(a.start) < String(b.start) ? -1 : 1));
  return { sessions, faults };
}

/** One line of CSV. A text that a spreadsheet would run as a formula gets a `'` in front; a prefix may be such a text. */
function csvLine(one: JsonObject): string {
  return COLUMNS.map((name) => {
    const value = one[name];
    if (typeof value === 'number') return String(value);
    const text = value === null || value === undefined ? '' : String(value);
    const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  }).join(',');
}
