import { type Clock, systemClock } from '../base/clock.js';
import { membersOf, parseJson } from '../base/json.js';
import type { CliCommand } from './index.js';
import { askByMdns, type MdnsQuery } from './mdns-query.js';

/** The mDNS service by which chargers find each other, and that of every web interface, for devices without the first. */
const CHARGERS = '_tf-warp-cm._udp.local';
const SERVICES = [CHARGERS, '_http._tcp.local'];

/** The host name of these devices, unless the owner has changed it: type and serial number. */
const NAME = /^(warp\d?|wem\d?|seb)-[a-z0-9]+/i;

const SEARCH_MS = 4_000;

/** How long a device may take to answer what it is, ms, and how much of the answer is read, characters. */
const ANSWER_WITHIN_MS = 5_000;
const MAX_ANSWER = 4_096;

/** More devices than a network has. It is limited, because anybody in the network can announce any number. */
const MAX_DEVICES = 500;

const NOTHING = [
  'no charger was found. Chargers answer only in their own network: not through a router or VPN, from a guest WiFi, or to a container without the network of its host.',
  "A firewall on this machine may also hold back the answers (UDP). The address is shown in the charger's web interface below Network, and in the router.",
].join('\n');

export const discover: CliCommand = {
  doc: 'lists the chargers in the network, with their addresses',
  printsResult: true,
  settings: ['log'],
  examples: ['evse-mqtt-bridge discover'],
  async run({ print, log, signal }) {
    const found = await findBoxes({ clock: systemClock, signal, onFault: (text) => log.warn(text) });
    for (const line of found) print(line);
    if (found.length === 0 && !signal.aborted) print(NOTHING);
    return found.length > 0 ? 0 : 1;
  },
};

type Search = Pick<MdnsQuery, 'clock' | 'signal' | 'onFault' | 'interfaces' | 'port'> & {
  /** For tests: the port of the web interface. */
  readonly httpPort?: number;
};

/** One line for each device that was found, in the order of their addresses. */
export async function findBoxes(search: Search): Promise<string[]> {
  const { clock, httpPort = 80 } = search;
  /** Lines by address. Each device is asked what it is as soon as it is found. */
  const boxes = new Map<string, Promise<string | undefined>>();
  await askByMdns({
    ...search,
    services: SERVICES,
    durationMs: SEARCH_MS,
    onAnswer(address, names) {
      if (boxes.has(address) || boxes.size >= MAX_DEVICES) return;
      const name = names.map((one) => NAME.exec(one)?.[0]).find((one) => one !== undefined);
      if (name === undefined && !names.some((one) => one.endsWith(CHARGERS))) return;
      const url = `http://${address}${httpPort === 80 ? '' : `:${httpPort}`}`;
      boxes.set(address, describe(url, name, clock));
    },
  });
  const lines = await Promise.all([...boxes].map(async ([address, line]) => ({ address, line: await line })));
  return lines
    .sort((one, other) => one.address.localeCompare(other.address, 'en', { numeric: true }))
    .flatMap(({ line }) => line ?? []);
}

/** Asks a device what it is; undefined if it is none of these chargers. */
async function describe(
  url: string,
  announced: string | undefined,
  clock: Clock,
): Promise<string | undefined> {
  const [who, version] = await Promise.all([
    answerOf(`${url}/info/name`, clock),
    answerOf(`${url}/info/version`, clock),
  ]);
  const { name, display_type: type } = membersOf(parseJson(who.status === 200 ? who.text : ''));
  const { firmware } = membersOf(parseJson(version.text));
  if (typeof name === 'string')
    return line(url, name, [shown(type) ?? 'of unknown type', `firmware ${shown(firmware) ?? 'unknown'}`]);
  if (who.status === 401)
    return line(url, announced, ['asks for a login: set CHARGER_USERNAME and CHARGER_PASSWORD']);
  // It answers, but not as a charger: another web interface with a similar name.
  if (who.status !== undefined) return undefined;
  return line(url, announced, ['announces itself, but does not answer over HTTP: it may take only https://']);
}

const line = (url: string, name: string | undefined, rest: readonly string[]): string =>
  [url, printable(name ?? '(no name)'), ...rest.map(printable)].join('  ');

const shown = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Without control characters, which could change the terminal, and cut to a limited length. */
const printable = (text: string): string => text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '').slice(0, 100);

/** Status and beginning of an answer; without a status if none came in time. */
async function answerOf(url: string, clock: Clock): Promise<{ status?: number; text: string }> {
  const ending = new AbortController();
  const cancel = clock.after(ANSWER_WITHIN_MS, () => ending.abort());
  try {
    const { status, body } = await fetch(url, { signal: ending.signal, redirect: 'manual' });
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > MAX_ANSWER) break;
    }
    return { status, text };
  } catch {
    return { text: '' };
  } finally {
    cancel();
    ending.abort();
  }
}
