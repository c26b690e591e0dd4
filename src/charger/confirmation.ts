import type { Clock } from '../base/clock.js';
import { includes, type Json } from '../base/json.js';
import type { Command, Topic } from '../topics/topic.js';
import type { Charger } from './charger.js';

/** How long the charger has to show the effect of a write, ms (contract 4.8). */
const CONFIRM_WITHIN_MS = 2_000;

/** Looks whether the charger shows the effect of what it has taken. */
export class Confirmation {
  readonly #charger: Pick<Charger, 'read' | 'watch' | 'connection'>;
  readonly #clock: Clock;
  /** Ends the waiting of the last write of a group. */
  readonly #waiting = new Map<string, () => void>();

  constructor(charger: Pick<Charger, 'read' | 'watch' | 'connection'>, clock: Clock) {
    this.#charger = charger;
    this.#clock = clock;
  }

  /** A newer write is on its way: what the charger shows from now on is no longer about an older one. */
  supersede(row: Topic): void {
    this.#waiting.get(groupOf(row))?.();
  }

  /** Whether the charger shows the effect of `value` soon; true where that can't be told. */
  async confirm(row: Topic, value: Json): Promise<boolean> {
    const { command } = row;
    if (!command || this.#shows(row.path, command, value)) return true;
    return new Promise((resolve) => {
      const end = (applied: boolean) => {
        for (const cancel of cancels) cancel();
        this.#waiting.delete(groupOf(row));
        resolve(applied);
      };
      const cancels = [
        this.#charger.watch({
          state: () => {
            if (this.#shows(row.path, command, value)) end(true);
          },
          connection: () => {
            if (!this.#charger.connection.online) end(true);
          },
        }),
        this.#clock.after(CONFIRM_WITHIN_MS, () => end(false)),
      ];
      this.#waiting.set(groupOf(row), () => end(true));
    });
  }

  /** Whether the effect of `value` can be seen, or can't be looked for. */
  #shows(path: string, command: Command, value: Json): boolean {
    if (command.applied) return command.applied(value, (other) => this.#charger.read(other)) !== false;
    const shown = this.#charger.read(path);
    return shown === undefined || includes(shown, value);
  }
}

/** Writes whose effects overlap: start undoes stop. */
const groupOf = ({ path, command }: Topic): string => (command?.action ? 'actions' : path);
