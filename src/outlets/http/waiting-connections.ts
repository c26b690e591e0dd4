import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections that may wait for a request, or for the rest of one, at once. */
const MAX_WAITING = 250;

/**
 * Keeps strangers from taking up connections without ever asking for something: beyond the limit the connection that
 * has waited longest is cut, so that whoever says a whole request is always served.
 */
export function limitWaiting(server: Server): void {
  const waiting = new Set<Socket>();
  const wait = (socket: Socket) => {
    if (socket.destroyed) return;
    // Behind all others, also where it has been waiting before.
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
