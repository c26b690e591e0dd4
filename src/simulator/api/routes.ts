import { type Answer, jsonAnswer, PLAIN, type Request, textAnswer } from '../http/answer.js';
import type { Profile } from '../profile.js';
import type { ApiCommand, Commands } from './commands.js';
import { problem, reasons } from './error-texts.js';
import { partOf, segmentsOf, splits } from './paths.js';
import type { States } from './states.js';

export interface RoutesOptions {
  readonly states: States;
  readonly commands: Commands;
  readonly profile: Profile;
  /** Resolves when the main loop takes a request, with false when it did not within `waits` ms. */
  readonly mainLoop: () => Promise<boolean>;
  readonly waits: number;
}

/** What a path stands for. */
interface Target {
  /** The path names this command. */
  readonly command?: ApiCommand | undefined;
  /** The path names this state … */
  readonly state?: string | undefined;
  /** … which also has this command. */
  readonly alias?: ApiCommand | undefined;
  /** The part of the document that is meant; undefined where that is malformed. */
  readonly segments: readonly string[] | undefined;
}

const WHOLE: readonly string[] = [];
const NOTHING = new Uint8Array();

/** The charger's topics over HTTP: which request does what, and what it is answered (charger-wire 4.1 and 4.2). */
export class Routes {
  readonly #options: RoutesOptions;

  constructor(options: RoutesOptions) {
    this.#options = options;
  }

  async answer({ method, url, body }: Request): Promise<Answer> {
    const { profile } = this.#options;
    const [path = '', query] = url.slice(1).split('?', 2);
    const target = this.#find(path);
    if (target && query !== undefined && profile.queryStatus === 405) return notPossible(method);
    if (!target || query !== undefined || !target.segments) return this.#notFound();
    const { command, state, alias, segments } = target;
    if (method === 'GET') {
      if (command?.action) return this.#run(command, segments, NOTHING);
      if (command)
        return profile.emptyWriteByGet ? this.#run(command, segments, NOTHING) : notPossible(method);
      if (state !== undefined) return this.#read(state, segments);
    }
    const writes = command ?? alias;
    if ((method === 'PUT' || method === 'POST') && writes) return this.#run(writes, segments, body);
    return notPossible(method);
  }

  #find(path: string): Target | undefined {
    const exact = this.#named(path);
    if (exact) return { ...exact, segments: WHOLE };
    if (!this.#options.profile.suffixPaths) return undefined;
    for (const [topic, suffix] of splits(path)) {
      const found = this.#named(topic);
      if (found) return { ...found, segments: segmentsOf(suffix) };
    }
    return undefined;
  }

  #named(name: string): Omit<Target, 'segments'> | undefined {
    const { commands, states } = this.#options;
    const command = commands.named(name);
    if (command) return { command };
    return states.get(name) === undefined ? undefined : { state: name, alias: commands.of(name) };
  }

  async #read(path: string, segments: readonly string[]): Promise<Answer> {
    if (!(await this.#options.mainLoop())) return textAnswer(500, 'the main loop did not answer in time');
    const document = this.#options.states.get(path);
    if (document === undefined) return this.#notFound();
    if (segments.length === 0) return jsonAnswer(document);
    const part = partOf(JSON.parse(document), segments);
    return part === undefined
      ? textAnswer(404, `${path} has no such member or element`)
      : jsonAnswer(JSON.stringify(part));
  }

  async #run(command: ApiCommand, segments: readonly string[], body: Uint8Array): Promise<Answer> {
    const { commands, profile, mainLoop, waits } = this.#options;
    if (!(await mainLoop()))
      return textAnswer(400, problem({ inferred: false, path: [] }, reasons.busy(waits / 1000)));
    const refusal = await commands.run(command, segments, body);
    return refusal === undefined
      ? { status: 200, type: profile.writeType }
      : { status: 400, type: PLAIN, body: refusal };
  }

  #notFound(): Answer {
    const answer = textAnswer(404, 'there is nothing at this path');
    return this.#options.profile.closesWhenNotFound ? { ...answer, close: true } : answer;
  }
}

function notPossible(method: string): Answer {
  return textAnswer(405, `${method} is not possible here`);
}
