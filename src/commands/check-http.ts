import { createServer } from 'node:http';
import type { Clock } from '../base/clock.js';
import { membersOf, parseJson } from '../base/json.js';
import { CannotListen, hostAndPort, listen } from '../base/listen.js';
import { SERVER, type ServerAddress } from '../outlets/http/server-address.js';
import type { Tell } from './check-steps.js';

/** How long another server on our port may take to answer who it is, ms. */
const ANSWER_WITHIN_MS = 2_000;

/** Tests whether the page and the health checks can be served. */
export async function checkHttp(
  { host, port, asked, note }: ServerAddress,
  clock: Clock,
  tell: Tell,
): Promise<void> {
  if (note !== undefined) tell('note', note);
  const server = createServer();
  const shown = `http://${hostAndPort(host, port)}`;
  try {
    await listen(server, { host, port, ...SERVER });
    await new Promise((done) => server.close(done));
    tell('ok', `the page and health checks can be served at ${shown}`);
  } catch (error) {
    if (!(error instanceof CannotListen)) throw error;
    if (error.inUse && (await isOurs(shown, clock))) tell('ok', `the page is served at ${shown} already`);
    else if (asked) tell('FAIL', error.message);
    else tell('note', `there will be no page: ${error.message}, or set HTTP_PORT=0`);
  }
}

/** Whether this program already listens at `url`. */
async function isOurs(url: string, clock: Clock): Promise<boolean> {
  const patience = new AbortController();
  const cancel = clock.after(ANSWER_WITHIN_MS, () => patience.abort());
  try {
    const answer = await fetch(`${url}/livez`, { signal: patience.signal, redirect: 'manual' });
    return membersOf(parseJson(await answer.text())).program === 'evse-mqtt-bridge';
  } catch {
    return false;
  } finally {
    cancel();
  }
}
