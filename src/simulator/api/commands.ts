import { Refused, Unavailable } from '../../base/errors.js';
import { isObject, type Json, membersOf, parseJson } from '../../base/json.js';
import type { Registry } from '../../topics/index.js';
import type { Wire } from '../../topics/members.js';
import type { Topic } from '../../topics/topic.js';
import type { Profile } from '../profile.js';
import { parseText, problem, problemText, reasons } from './error-texts.js';
import { type ExternalSwitch, externalTopics } from './legacy-external-control.js';
import { parse } from './parser.js';
import type { States } from './states.js';
import {
  checkDocument,
  checkEmpty,
  checkMember,
  type Document,
  roomFor,
  type WireMembers,
} from './value-check.js';
import { isOfController } from './without-controller.js';

export interface CommandsOptions {
  readonly topics: Registry;
  readonly states: States;
  readonly profile: Profile;
  readonly external: ExternalSwitch;
  /** Writes a value to the model as the firmware does: what the controller does not accept is ignored. */
  readonly write: (path: string, value: Json) => Promise<void>;
  /** Restarts the network processor. */
  readonly reboot: () => void;
}

/** One thing that can be written. */
export interface ApiCommand {
  /** The topic it belongs to: `evse/external_current`, `evse/stop_charging`. */
  readonly path: string;
  readonly action: boolean;
  /** It is written on the topic's own path, without `_update`, because the topic has no state. */
  readonly bare: boolean;
  readonly members: WireMembers;
  /** A `null` in a write keeps the value that the state shows, not the one that was written last. */
  readonly sharesState: boolean;
  /** What `null` keeps after a start, if it is not the usual value of its type (`firstOf`). */
  readonly initial: Json | undefined;
  readonly run: (value: Json) => Promise<void>;
}

const TIME_MEMBERS: WireMembers = {
  year: { type: 'u16' },
  month: { type: 'u8', max: 12 },
  day: { type: 'u8', max: 31 },
  hour: { type: 'u8', max: 23 },
  minute: { type: 'u8', max: 59 },
  second: { type: 'u8', max: 59 },
  weekday: { type: 'u8', max: 6 },
};

const bytesToText = new TextDecoder('utf-8', { ignoreBOM: true });

/** Everything that can be written, with the last value of every command since boot. */
export class Commands {
  readonly #options: CommandsOptions;
  readonly #byPath = new Map<string, ApiCommand>();
  readonly #last = new Map<string, Document>();

  constructor(options: CommandsOptions) {
    this.#options = options;
    for (const row of options.topics.values()) {
      const members = row.command?.wire && wireMembersOf(row.command.wire, row.state?.example);
      if (!members || !row.command || !options.profile.takes(row)) continue;
      const { path, command } = row;
      this.#byPath.set(path, {
        path,
        action: command.action,
        bare: !row.state,
        members,
        sharesState: command.sharesState ?? !command.write,
        initial: command.initial,
        run: command.write ? (value) => this.#toModel(path, value) : async (value) => this.#keep(row, value),
      });
    }
    const { states } = options;
    // The charger's own web interface sets the clock when it is loaded.
    if (states.get('rtc/time') !== undefined) {
      this.#byPath.set('rtc/time', {
        path: 'rtc/time',
        action: false,
        bare: false,
        members: TIME_MEMBERS,
        sharesState: true,
        initial: undefined,
        run: async (value) => states.set('rtc/time', value),
      });
    }
    this.#byPath.set('reboot', {
      path: 'reboot',
      action: true,
      bare: true,
      members: {},
      sharesState: false,
      initial: undefined,
      run: async () => options.reboot(),
    });
  }

  async #toModel(path: string, value: Json): Promise<void> {
    const { external, states, write } = this.#options;
    // Without a working charge controller nothing happens, but the firmware answers as always.
    if (states.controller !== 'works' && isOfController(path)) return;
    const own = external.run(path, value);
    if (!own) return write(path, value);
    await own;
    for (const changed of externalTopics) states.touch(changed);
  }

  /** Keeps in memory what the model does not know. A command that no topic shows has no effect. */
  #keep({ path, state, command }: Topic, value: Json): void {
    const { states } = this.#options;
    if (state) states.set(path, value);
    else if (command?.shownIn) {
      const shown = membersOf(parseJson(states.get(command.shownIn) ?? ''));
      states.set(command.shownIn, { ...shown, ...membersOf(value) });
    }
  }

  /** The command of the topic `path`, if it has one now. */
  of(path: string): ApiCommand | undefined {
    return path.startsWith('evse/') && !this.#options.states.hasControllerTopics
      ? undefined
      : this.#byPath.get(path);
  }

  /** The command with exactly this name: that of a topic without a state, or a setting's `…_update`. */
  named(name: string): ApiCommand | undefined {
    const own = this.of(name);
    if (own?.bare) return own;
    const setting = name.endsWith('_update') ? this.of(name.slice(0, -'_update'.length)) : undefined;
    return setting?.bare === false ? setting : undefined;
  }

  /** Forgets what was written: the network processor starts again. */
  booted(): void {
    this.#last.clear();
  }

  /**
   * Runs a command, for the one member at `segments` of it or as a whole. Returns the text of a refusal, or
   * undefined when it was done (charger-wire 3.1).
   */
  async run(command: ApiCommand, segments: readonly string[], body: Uint8Array): Promise<string | undefined> {
    if (command.action) return this.#act(command, segments, body);
    const text = bytesToText.decode(body);
    const parsed = parse(text, roomFor(command.members));
    if (typeof parsed === 'string') return parseText(parsed, body.byteLength);
    const last = this.#lastOf(command);
    const checked =
      segments.length === 0
        ? checkDocument(parsed, command.members, last)
        : checkMember(parsed, segments, command.members, last);
    if ('problems' in checked) return this.#refusal(checked.problems);
    this.#last.set(command.path, checked.value);
    return this.#call(command, checked.value);
  }

  async #act(
    command: ApiCommand,
    segments: readonly string[],
    body: Uint8Array,
  ): Promise<string | undefined> {
    const wrongSuffix =
      segments.length > 0 ? problem({ inferred: false, path: segments }, reasons.actionSuffix()) : undefined;
    if (body.byteLength > 0) {
      const parsed = parse(bytesToText.decode(body), 0);
      if (typeof parsed === 'string') return parseText(parsed, body.byteLength);
      const problems = wrongSuffix === undefined ? checkEmpty(parsed) : [wrongSuffix];
      if (problems.length > 0) return this.#refusal(problems);
    }
    // With a suffix and no body the firmware acts first and complains afterwards (charger-wire 3.6).
    const failed = await this.#call(command, null);
    return failed ?? wrongSuffix;
  }

  async #call(command: ApiCommand, value: Json): Promise<string | undefined> {
    try {
      await command.run(value);
      return undefined;
    } catch (error) {
      if (error instanceof Refused || error instanceof Unavailable) return error.message;
      throw error;
    }
  }

  #refusal(problems: readonly string[]): string {
    return problemText(this.#options.profile.allProblems ? problems : problems.slice(0, 1));
  }

  /** What null keeps: the last value that was written, else what the firmware starts with. */
  #lastOf({ path, members, sharesState, initial }: ApiCommand): Document {
    if (sharesState) return membersOf(parseJson(this.#options.states.get(path) ?? ''));
    return this.#last.get(path) ?? (isObject(initial) ? initial : firstOf(members));
  }
}

/** The members as the charger's API checks them; undefined where it does not know one of them. */
function wireMembersOf(
  wire: Readonly<Record<string, Wire | undefined>>,
  example: Json | undefined,
): WireMembers | undefined {
  const members: Record<string, Wire> = {};
  for (const [name, one] of Object.entries(wire)) {
    // What the state does not show belongs to other releases or generations.
    if (isObject(example) && !Object.hasOwn(example, name)) continue;
    if (!one) return undefined;
    members[name] = one;
  }
  return members;
}

function firstOf(members: WireMembers): Document {
  return Object.fromEntries(Object.entries(members).map(([name, wire]) => [name, firstValue(name, wire)]));
}

function firstValue(name: string, wire: Wire): Json {
  switch (wire.type) {
    case 'bool':
      return false;
    case 'text':
      return '';
    case 'tuple':
      return Array.from({ length: wire.length }, () => firstValue('', wire.of));
    default:
      return name === 'current' ? 32_000 : 0;
  }
}
