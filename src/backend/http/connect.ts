import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../base/clock.js';
import type { Target } from './target.js';

/** A stream of bytes to the charger and back. Node's agent calls `ref` when it uses a connection again. */
export interface ByteStream extends Duplex {
  ref(): unknown;
}

/**
 * Opens a connection to the charger; every byte to it and from it goes through such a stream. The stream emits
 * `connect`, over TLS `secureConnect`, once it can carry a request, and `error` if it can't be opened.
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

/** What a stream emits once it can carry a request. */
export const connectedEvent = ({ secure }: Target): 'connect' | 'secureConnect' =>
  secure ? 'secureConnect' : 'connect';

/**
 * The same connections, but one that is not open within `ms` ends with the error ETIMEDOUT. The operating system would
 * wait for minutes, and meanwhile the bridge would not find a charger that has come back.
 */
export function connectWithin(ms: number, connect: Connect, clock: Clock): Connect {
  return (target) => {
    const stream = connect(target);
    const cancel = clock.after(ms, () =>
      stream.destroy(Object.assign(new Error('nobody answered'), { code: 'ETIMEDOUT' })),
    );
    stream.once(connectedEvent(target), cancel);
    stream.once('close', cancel);
    return stream;
  };
}
