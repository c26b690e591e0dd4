import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../base/clock.js';

/** How long the charger waits for the next piece of a body, ms (charger-wire 4.5). */
const RECEIVE_WAIT_MS = 5_000;

/** The body of a request, or the status with which it is refused. */
export type Body = Uint8Array | 400 | 413;

/**
 * Reads as many bytes as Content-Length says. A chunked body counts as empty, as on the charger (charger-wire 4.3).
 * Resolves to 400 if the body does not come, and to 413 for more than `limit` bytes.
 */
export function readBody(request: IncomingMessage, limit: number, clock: Clock): Promise<Body> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (request.headers['transfer-encoding'] !== undefined || length === 0)
    return Promise.resolve(new Uint8Array());
  if (length > limit) return Promise.resolve(413);
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const end = (body: Body) => {
      cancelWait();
      request.off('data', more).off('end', complete).off('close', cut);
      resolve(body);
    };
    const wait = () => clock.after(RECEIVE_WAIT_MS, () => end(400));
    const more = (piece: Buffer) => {
      pieces.push(piece);
      cancelWait();
      cancelWait = wait();
    };
    const complete = () => end(Buffer.concat(pieces));
    const cut = () => end(400);
    let cancelWait = wait();
    request.on('data', more).on('end', complete).on('close', cut);
  });
}
