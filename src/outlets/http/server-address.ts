import { existsSync } from 'node:fs';
import { hostAndPort, isLoopback } from '../../base/listen.js';
import { Access, type AccessSettings } from './access.js';

export interface AddressSettings extends AccessSettings {
  readonly 'http.host': string;
  readonly 'http.port': number | undefined;
}

/** Where the server listens. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** Whether the settings name this port: then the program does not run without it. */
  readonly asked: boolean;
  /** Why it is not the host of the settings; undefined if it is. */
  readonly note: string | undefined;
}

/** The port if the settings name none (contract 2). */
const DEFAULT_PORT = 8092;

/** Words for the error if the server can't listen. */
export const SERVER = { what: 'the page and health checks', settings: 'HTTP_HOST and HTTP_PORT' } as const;

/** Where the server must listen by the settings; undefined if they want no server. */
export function serverAddress(settings: AddressSettings): ServerAddress | undefined {
  const { 'http.host': wanted, 'http.port': set } = settings;
  if (set === 0) return undefined;
  // Without a login only this machine is served, whatever HTTP_HOST says.
  const obeyed = isLoopback(wanted) || new Access(settings).hasLogin;
  return {
    host: obeyed ? wanted : '127.0.0.1',
    port: set ?? DEFAULT_PORT,
    asked: set !== undefined,
    note: obeyed
      ? undefined
      : `HTTP_HOST=${wanted} is not obeyed, only this machine is served: set HTTP_USERNAME and HTTP_PASSWORD to let others in`,
  };
}

/** Files that Docker and Podman put into each container. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** Whether this process runs in a container, where 127.0.0.1 is not the address of the machine. */
export const isInContainer = (): boolean => CONTAINER_MARKS.some((mark) => existsSync(mark));

/** Says where the page that listens at `host` and `port` can be opened. */
export function whereToOpen(host: string, port: number, inContainer: boolean): string {
  if (inContainer && isLoopback(host))
    return 'the page is open inside this container only; HTTP_HOST, HTTP_USERNAME and HTTP_PASSWORD open it to others';
  const isEverywhere = host === '0.0.0.0' || host === '::';
  return isEverywhere
    ? `open http://127.0.0.1:${port}, or port ${port} at another address of this machine, to see and control`
    : `open http://${hostAndPort(host, port)} to see and control`;
}
