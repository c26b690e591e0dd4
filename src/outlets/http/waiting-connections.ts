import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The most connections that may wait for a request, or for the rest of one, at the same time. */
const MAX_WAITING = 250;

/**
 * Keeps strangers from occupying the server with connections that never send a request. If too many connections wait,
 * the one that has waited longest is closed, so a client that sends a whole request is always served.
 */
export function limitWaiting(server: Server): void {
  const waiting = new Set<Socket>();
  const wait = (socket: Socket) => {
    if (socket.destroyed) return;
    // Deleted first, so that it goes to the end of the set.
    waiting.delete(socket);
    waiting.add(socket);
    const [longest] = waiting;
    if (waiting.size > MAX_WAITING) longest?.destroy();
  };
  server.on('connection', (socket) => {
    wait(socket);
    socket.once('close', () => waiting.delete(socket));
  });
  server.on('request', (request, response) => {
    const { method, socket } = request;
    const whole = () => waiting.delete(socket);
    if (method === 'GET' || method === 'HEAD') whole();
    else request.once('end', whole);
    response.once('finish', () => wait(socket));
  });
}
