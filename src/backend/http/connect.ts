import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Target } from './target.js';

/** A stream of bytes to the charger and back. `ref` is what Node's agent calls when it uses one again. */
export interface ByteStream extends Duplex {
  ref(): unknown;
}

/**
 * Opens a connection to the charger; every byte to it and from it goes through such a stream. The stream emits
 * `connect`, over TLS `secureConnect`, once it can carry a request, and `error` when it can't be had.
 */
export type Connect = (target: Target) => ByteStream;

/** Connections over the machine's own network. */
export const connectSocket: Connect = ({ secure, hostname: host, port, rejectUnauthorized }) => {
  const socket = secure
    ? connectTls({
        host,
        port,
        rejectUnauthorized,
        // An address must not be named as a server (RFC 6066, 3); the certificate is then checked against `host`.
        servername: isIP(host) ? '' : host,
        ALPNProtocols: ['http/1.1'],
      })
    : connectTcp({ host, port });
  return socket.setNoDelay(true);
};
