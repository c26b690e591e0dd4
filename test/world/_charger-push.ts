import type { SimCharger } from './_charger.js';
import type { ChargerConnection } from './_charger-connection.js';

interface Client {
  /** Whether changes are sent to it; during its dump they are not. */
  joined: boolean;
  pongAt: number;
}

const SILENCE_MS = 10_000;

const line = (path: string, text: string): string => `{"topic":"${path}","payload":${text}}\n`;

/** The WebSocket clients of a charger: the dump, then what changes (charger-wire 5). */
export class PushClients {
  readonly #charger: SimCharger;
  readonly #uptime: () => number;
  readonly #clients = new Map<ChargerConnection, Client>();

  constructor(charger: SimCharger, uptime: () => number) {
    this.#charger = charger;
    this.#uptime = uptime;
  }

  get clients(): ChargerConnection[] {
    return [...this.#clients.keys()];
  }

  /** Sends the dump. Each line is written when its frame is: what changes later is not in it. */
  greet(connection: ChargerConnection): void {
    const { clock, habits, states } = this.#charger;
    const client: Client = { joined: !habits.losesInDump, pongAt: clock.now() };
    this.#clients.set(connection, client);
    const paths = states.paths;
    let at = 0;
    const next = () => {
      if (connection.closed) return;
      let frame = at === 0 ? this.#keepAlive() : '';
      for (; at < paths.length; at++) {
        const path = paths[at] ?? '';
        const more = line(path, states.text(path) ?? 'null');
        if (frame !== '' && frame.length + more.length > habits.dumpFrame) break;
        frame += more;
      }
      if (at < paths.length) {
        connection.text(frame);
        clock.after(habits.dumpGap, next);
        return;
      }
      connection.text(`${frame}\n`);
      client.joined = true;
    };
    next();
  }

  pong(connection: ChargerConnection): void {
    const client = this.#clients.get(connection);
    if (client) client.pongAt = this.#charger.clock.now();
  }

  leave(connection: ChargerConnection): void {
    this.#clients.delete(connection);
  }

  /** Tells what `changed`; a whole scan also shows that the charger lives. */
  scan(whole: boolean, changed: readonly string[]): void {
    const now = this.#charger.clock.now();
    if (this.#clients.size === 0) return;
    const { states } = this.#charger;
    const lines = changed.map((path) => line(path, states.last(path) ?? 'null'));
    for (const [connection, client] of [...this.#clients]) {
      if (whole && now - client.pongAt >= SILENCE_MS) {
        connection.drop();
        continue;
      }
      // During its dump a client gets nothing else.
      if (!client.joined) continue;
      for (const one of lines) connection.text(one);
      if (!whole) continue;
      connection.ping();
      connection.text(this.#keepAlive());
    }
  }

  #keepAlive(): string {
    return line('info/keep_alive', `{"uptime":${Math.floor(this.#uptime())}}`);
  }
}
