import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Cancel, Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { States } from './api/states.js';
import type { Sockets } from './http/sockets.js';
import type { MainLoop } from './main-loop.js';
import type { NetworkProcessor } from './network-processor.js';
import type { Profile } from './profile.js';
import { frames, keepAliveLine, line } from './push-dump.js';

export interface PushServerParts {
  readonly states: States;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly log: Log;
  readonly processor: NetworkProcessor;
  readonly loop: MainLoop;
  readonly sockets: Sockets;
  /** Changes are sent at once, instead of once a second: for a recording. */
  readonly isPrompt: boolean;
}

interface Client {
  readonly ws: WebSocket;
  /** Its address. */
  readonly peer: string;
  /** When it last answered a ping, or connected. */
  pongAt: number;
  /** Whether it gets changes already. */
  isTold: boolean;
  cancelDump: Cancel;
}

/** Times and limits of charger-wire 5. */
const SCAN_MS = 250;
const SCANS_PER_SECOND = 4;
const SILENCE_MS = 10_000;
const MAX_CLIENTS = 5;

/** While one client has more unsent bytes than this, all clients wait: changes are kept for the next scan. */
const MAX_QUEUE_BYTES = 32_768;

/** The one topic that is looked at on every scan. */
const QUICK = 'evse/button_state';

/** The charger's WebSocket: a dump of everything, then what changes. */
export class PushServer {
  readonly #parts: PushServerParts;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: 65_536,
  });
  readonly #clients = new Set<Client>();
  readonly #dirty = new Set<string>();
  #cancels: readonly Cancel[] = [];
  #scans = 0;
  /** How long a dump takes, ms. */
  dumpMs = 0;

  constructor(parts: PushServerParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, states } = this.#parts;
    this.#cancels = [states.watch((path) => this.#changed(path)), clock.every(SCAN_MS, () => this.#scan())];
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.disconnect(undefined);
  }

  /** Whether a further client is refused. */
  get full(): boolean {
    return this.#clients.size >= MAX_CLIENTS && !this.#parts.profile.evicts;
  }

  /** The clients' addresses, and the uptimes at which they last answered, ms. */
  seats(): readonly { readonly peer: string; readonly pong: number }[] {
    const { clock, processor } = this.#parts;
    return [...this.#clients].map(({ peer, pongAt }) => ({
      peer,
      pong: Math.max(0, processor.uptime() - Math.floor(clock.now() - pongAt)),
    }));
  }

  /** Takes over a connection whose handshake has been checked. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (ws) =>
      this.#accept(ws, socket, request.socket.remoteAddress ?? ''),
    );
  }

  /** Throws out the client that has been silent the longest. */
  evict(): void {
    const [oldest] = [...this.#clients].sort((a, b) => a.pongAt - b.pongAt);
    if (oldest) this.#drop(oldest, 'thrown out');
  }

  /** Ends all connections: with a close frame of this code, or without one if it is undefined. */
  disconnect(code: number | undefined): void {
    for (const client of this.#clients) {
      this.#forget(client);
      if (code === undefined) client.ws.terminate();
      else client.ws.close(code, 'ESP reboot');
    }
  }

  #accept(ws: WebSocket, socket: Duplex, peer: string): void {
    const { clock, log, states, profile, processor, sockets } = this.#parts;
    if (this.#clients.size >= MAX_CLIENTS) this.evict();
    const client: Client = {
      ws,
      peer,
      pongAt: clock.now(),
      isTold: !profile.losesDuringDump,
      cancelDump: () => {},
    };
    this.#clients.add(client);
    ws.on('pong', () => {
      client.pongAt = clock.now();
      sockets.used(socket);
    });
    ws.on('message', () => log.debug('a WebSocket client sent something, which a charger ignores'));
    ws.on('error', (error) => log.debug(`WebSocket client: ${error.message}`));
    ws.on('close', () => this.#forget(client));
    log.debug(`WebSocket client connected, ${this.#clients.size} in all`);
    const lines = states.paths().map((path) => line(path, states.get(path) ?? 'null'));
    const first = profile.dumpKeepAlive ? [keepAliveLine(profile.keepAlive, processor.uptime())] : [];
    const all = frames([...first, ...lines], profile.dumpFrame);
    this.#dump(client, all, this.dumpMs / all.length);
  }

  /** Sends a dump frame by frame. The lines are those of its start, however long it takes. */
  #dump(client: Client, rest: readonly string[], gap: number): void {
    const [frame, ...later] = rest;
    if (frame === undefined) {
      client.isTold = true;
      client.pongAt = this.#parts.clock.now();
      return;
    }
    send(client, frame);
    if (gap === 0) this.#dump(client, later, gap);
    else client.cancelDump = this.#parts.clock.after(gap, () => this.#dump(client, later, gap));
  }

  #forget(client: Client): void {
    client.cancelDump();
    this.#clients.delete(client);
  }

  #changed(path: string): void {
    const { isPrompt, loop } = this.#parts;
    if (isPrompt && !loop.stalled && !this.#congested()) this.#tell(path);
    else this.#dirty.add(path);
  }

  #tell(path: string): void {
    this.#dirty.delete(path);
    const text = this.#clients.size > 0 ? this.#parts.states.get(path) : undefined;
    if (text !== undefined) this.#broadcast(line(path, text));
  }

  #scan(): void {
    if (this.#parts.loop.stalled) return;
    this.#scans += 1;
    const everything = this.#scans % SCANS_PER_SECOND === 0;
    if (everything) this.#keepAlive();
    for (const path of this.#dirty) {
      if (!everything && path !== QUICK) continue;
      if (this.#congested()) return;
      this.#tell(path);
    }
  }

  #keepAlive(): void {
    const { clock, profile, processor } = this.#parts;
    for (const client of this.#clients) {
      if (client.isTold && clock.now() - client.pongAt >= SILENCE_MS) this.#drop(client, 'silent');
    }
    if (this.#congested()) return;
    for (const { ws, isTold } of this.#clients) if (isTold) ws.ping(noData, undefined, ignore);
    this.#broadcast(keepAliveLine(profile.keepAlive, processor.uptime()));
  }

  #broadcast(frame: string): void {
    for (const client of this.#clients) if (client.isTold) send(client, frame);
  }

  #congested(): boolean {
    for (const { ws } of this.#clients) if (ws.bufferedAmount > MAX_QUEUE_BYTES) return true;
    return false;
  }

  #drop(client: Client, why: string): void {
    this.#parts.log.debug(`WebSocket client ${why}`);
    this.#forget(client);
    client.ws.terminate();
  }
}

const noData = Buffer.alloc(0);

/** A connection that ended meanwhile is no error: its 'close' follows. */
function ignore(): void {}

function send({ ws }: Client, frame: string): void {
  ws.send(frame, ignore);
}
