import { createServer, type Server } from 'node:net';

/** Below the ports that systems give to outgoing connections by themselves: none of those can be in the way. */
const FIRST = 20_000;
const PAIRS = 5_000;

/** Where this process begins to look: processes that start together look at different ports. */
let next = (process.pid * 61) % PAIRS;

/**
 * A port to listen on, again and again if need be: nobody else gets it before this process ends. The port below
 * it is kept open to say so to the other processes of the suite.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < PAIRS; tried++) {
    const sign = FIRST + 2 * next;
    next = (next + 1) % PAIRS;
    const keeper = await listening(sign);
    if (!keeper) continue;
    keeper.unref();
    const probe = await listening(sign + 1);
    if (probe) {
      await new Promise((done) => probe.close(done));
      return sign + 1;
    }
    keeper.close();
  }
  throw new Error(`no port is free in ${FIRST}..${FIRST + 2 * PAIRS}`);
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
