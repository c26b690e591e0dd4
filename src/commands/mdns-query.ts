import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { decode, encode, type Packet } from 'dns-packet';
import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';

/** The address and port of multicast DNS (RFC 6762). */
const GROUP = '224.0.0.251';
const PORT = 5_353;

/** The time between two questions, ms: one may get lost. */
const ASK_AGAIN_MS = 1_000;

/** The most answers that are read. It is limited, because anybody in the network can send any number. */
const MAX_ANSWERS = 1_000;

export interface MdnsQuery {
  /** Names of services, such as `_http._tcp.local`. */
  readonly services: readonly string[];
  readonly durationMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called for every answer: the IPv4 address that it came from, and the names in it. */
  readonly onAnswer: (address: string, names: readonly string[]) => void;
  /** Called if an interface can't be used. */
  readonly onFault: (text: string) => void;
  /** The machine's own addresses on the interfaces to ask. Default: all its IPv4 networks. */
  readonly interfaces?: readonly string[];
  /** For tests. */
  readonly port?: number;
}

/**
 * Asks in every network which devices offer the services. It asks from a port of its own: then the answers come to this
 * process only (RFC 6762 6.7), and do not disturb an mDNS service of the machine. Resolves after `durationMs`, or when
 * `signal` aborts.
 */
export async function askByMdns(query: MdnsQuery): Promise<void> {
  const { services, durationMs, clock, signal, onFault, interfaces = ownAddresses(), port = PORT } = query;
  const question = encode({
    type: 'query',
    questions: services.map((name) => ({ type: 'PTR', name })),
  });
  const sockets = interfaces.map((address) => openOn(address, query));
  const ask = () => {
    for (const [at, socket] of sockets.entries()) {
      socket.send(question, port, GROUP, (error) => {
        if (error) onFault(`${interfaces[at]}: ${error.message}`);
      });
    }
  };
  const opened = sockets.map(
    (socket) => new Promise<void>((done) => socket.once('listening', done).once('error', () => done())),
  );
  await Promise.all(opened);
  ask();
  const cancel = clock.every(ASK_AGAIN_MS, ask);
  await pause(clock, durationMs, signal);
  cancel();
  for (const socket of sockets) socket.close();
}

function openOn(address: string, { onAnswer, onFault }: MdnsQuery): Socket {
  const socket = createSocket('udp4');
  let answers = 0;
  socket.on('error', (error) => onFault(`${address}: ${error.message}`));
  socket.on('message', (bytes, { address: from }) => {
    if (answers++ >= MAX_ANSWERS) return;
    const packet = packetOf(bytes);
    if (packet?.type === 'response') onAnswer(from, namesIn(packet));
  });
  socket.bind(0, address, () => {
    try {
      socket.setMulticastInterface(address);
    } catch (error) {
      onFault(`${address}: ${String(error)}`);
    }
  });
  return socket;
}

/** The DNS packet; undefined if the bytes are none. */
function packetOf(bytes: Uint8Array): Packet | undefined {
  try {
    return decode(Buffer.from(bytes));
  } catch {
    return undefined;
  }
}

/** The names of the records, and those that they point to. */
function namesIn({ answers = [], additionals = [] }: Packet): string[] {
  return [...answers, ...additionals].flatMap((record) => {
    if (record.type === 'PTR') return [record.name, record.data];
    if (record.type === 'SRV') return [record.name, record.data.target];
    return 'name' in record ? [record.name] : [];
  });
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}
