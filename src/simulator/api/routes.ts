import { type Answer, jsonAnswer, PLAIN, type Request, textAnswer } from '../http/answer.js';
import { LOOP_WAIT_MS, type MainLoop } from '../main-loop.js';
import type { Profile } from '../profile.js';
import type { ApiCommand, Commands } from './commands.js';
import { problem, reasons } from './error-texts.js';
import { partOf, segmentsOf, splits } from './paths.js';
import type { States } from './states.js';

export interface RoutesParts {
  readonly states: States;
  readonly commands: Commands;
  readonly profile: Profile;
  readonly loop: MainLoop;
}

/** Answers a request for a topic or a command; every other path is 404. */
export type Routes = (request: Request) => Promise<Answer>;

/** What a path stands for. */
interface Target {
  /** The path names this command. */
  readonly command?: ApiCommand | undefined;
  /** The path names this state … */
  readonly state?: string | undefined;
  /** … which also has this command. */
  readonly alias?: ApiCommand | undefined;
  /** The part of the document that the path names; undefined if that is malformed. */
  readonly segments: readonly string[] | undefined;
}

const WHOLE: readonly string[] = [];
const NOTHING = new Uint8Array();

/** The charger's topics over HTTP: which request does what, and what it is answered (charger-wire 4.1 and 4.2). */
export function routes({ states, commands, profile, loop }: RoutesParts): Routes {
  const named = (name: string): Omit<Target, 'segments'> | undefined => {
    const command = commands.named(name);
    if (command) return { command };
    return states.get(name) === undefined ? undefined : { state: name, alias: commands.of(name) };
  };

  const find = (path: string): Target | undefined => {
    const exact = named(path);
    if (exact) return { ...exact, segments: WHOLE };
    if (!profile.suffixPaths) return undefined;
    for (const [topic, suffix] of splits(path)) {
      const found = named(topic);
      if (found) return { ...found, segments: segmentsOf(suffix) };
    }
    return undefined;
  };

  const notFound = (): Answer => {
    const answer = textAnswer(404, 'there is nothing at this path');
    return profile.closesWhenNotFound ? { ...answer, close: true } : answer;
  };

  const read = async (path: string, segments: readonly string[]): Promise<Answer> => {
    if (!(await loop.enter())) return textAnswer(500, 'the main loop did not answer in time');
    const document = states.get(path);
    if (document === undefined) return notFound();
    if (segments.length === 0) return jsonAnswer(document);
    const part = partOf(JSON.parse(document), segments);
    return part === undefined
      ? textAnswer(404, `${path} has no such member or element`)
      : jsonAnswer(JSON.stringify(part));
  };

  const run = async (command: ApiCommand, segments: readonly string[], body: Uint8Array): Promise<Answer> => {
    if (!(await loop.enter()))
      return textAnswer(400, problem({ inferred: false, path: [] }, reasons.busy(LOOP_WAIT_MS / 1000)));
    const refusal = await commands.run(command, segments, body);
    return refusal === undefined
      ? { status: 200, type: profile.writeType }
      : { status: 400, type: PLAIN, body: refusal };
  };

  return async ({ method, url, body }) => {
    const [path = '', query] = url.slice(1).split('?', 2);
    const target = find(path);
    if (target && query !== undefined && profile.queryStatus === 405) return notPossible(method);
    const refused = query !== undefined && profile.queryStatus === 404;
    if (!target || refused || !target.segments) return notFound();
    const { command, state, alias, segments } = target;
    if (method === 'GET') {
      if (command?.action) return run(command, segments, NOTHING);
      if (command) return profile.emptyWriteByGet ? run(command, segments, NOTHING) : notPossible(method);
      if (state !== undefined) return read(state, segments);
    }
    const writes = command ?? alias;
    if ((method === 'PUT' || method === 'POST') && writes) return run(writes, segments, body);
    return notPossible(method);
  };
}

function notPossible(method: string): Answer {
  return textAnswer(405, `${method} is not possible here`);
}
