import type { AddressInfo, Server } from 'node:net';
import { CannotStart } from './errors.js';

/** Where a server listens, and what to say if it can't. */
export interface Listen {
  readonly host: string;
  /** 0 is any free port. */
  readonly port: number;
  /** What listens: completes the message "can't listen on … for". */
  readonly what: string;
  /** The settings that choose host and port, named in the message. */
  readonly settings: string;
  /** What to do if the port is in use; default: change `settings`. */
  readonly inUse?: string;
}

/** A server can't listen: the port is in use, or the system does not allow it. The message says what to change. */
export class CannotListen extends CannotStart {
  /** Whether the port is in use. */
  readonly inUse: boolean;

  constructor(message: string, inUse: boolean) {
    super(message);
    this.inUse = inUse;
  }
}

/** Lets `server` listen; resolves to the port. Rejects with CannotListen. */
export function listen(server: Server, where: Listen): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(explained(error, where));
    server.once('error', failed);
    server.listen(where.port, where.host, () => {
      server.off('error', failed);
      // A server that listens on a port has an address with one.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Host and port as they are written in a URL: an IPv6 address in brackets. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whether only this machine reaches `host`. A host name that begins with 127 does not count: anybody may own it. */
export function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){1,3}|localhost|::1)$/.test(host);
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'the system does not allow it; ports below 1024 are for root',
  ENOTFOUND: 'that name is not known',
};

function explained(
  error: NodeJS.ErrnoException,
  { host, port, what, settings, inUse }: Listen,
): CannotListen {
  const busy = error.code === 'EADDRINUSE';
  const reason = REASONS[error.code ?? ''] ?? error.code ?? error.message;
  const remedy = busy && inUse !== undefined ? inUse : `change ${settings}`;
  return new CannotListen(
    `can't listen on ${hostAndPort(host, port)} for ${what} (${reason}): ${remedy}`,
    busy,
  );
}
