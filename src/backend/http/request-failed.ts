import { messageOf } from '../../base/errors.js';
import type { Target } from './target.js';

export type FailureKind =
  /** The charger's name can't be resolved. */
  | 'dns'
  | 'refused'
  /** Nothing came in time. */
  | 'timeout'
  /** A connection ended too early. */
  | 'disconnected'
  | 'tls'
  | 'login'
  /** HTTP 403: HTTPS-only mode. */
  | 'forbidden'
  /** No push at the moment, or in this firmware. */
  | 'unsupported'
  /** HTTP 5xx and 3xx. */
  | 'status'
  /** Something answers that can't be used. */
  | 'invalid_response'
  /** Something answers, but nothing that a charger would. */
  | 'not_a_charger'
  /** The charger answers, but its firmware is too old to be understood. */
  | 'too_old'
  /** The charger answers, but it has no charge controller, or the controller hangs. */
  | 'no_controller'
  | 'frozen'
  /** We ended it ourselves. */
  | 'stopped';

/** A request or a connection that failed. The message is for people and names what to check. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly kind: FailureKind;
  /** Whether the charger may have got the request. */
  readonly sent: boolean;

  constructor(kind: FailureKind, message: string, sent = true) {
    super(message);
    this.kind = kind;
    this.sent = sent;
  }

  /** Whether only a person can mend it, so that there is no use in trying again soon. */
  get permanent(): boolean {
    return PERMANENT.has(this.kind);
  }

  /** Whether only the charge controller fails, while the network processor still reports its own topics. */
  get isOfController(): boolean {
    return OF_CONTROLLER.has(this.kind);
  }
}

const OF_CONTROLLER: ReadonlySet<FailureKind> = new Set(['no_controller', 'frozen']);

const PERMANENT: ReadonlySet<FailureKind> = new Set(['login', 'forbidden', 'tls', 'not_a_charger']);

/** Codes of OpenSSL and of Node's own checks for a certificate that is not trusted. */
const CERTIFICATE =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA)/;

const GONE: readonly unknown[] = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'];

/** Whether the other side closed the connection while we used it. */
export const isReset = (error: unknown): boolean => GONE.includes(codeOf(error));

/** What an error of a socket, of TLS or of the HTTP parser means. `sent`: the charger may have got the request. */
export function fromError(error: unknown, target: Target, sent: boolean): RequestFailed {
  if (error instanceof RequestFailed) return error;
  const code = codeOf(error);
  const { shown } = target;
  const as = (kind: FailureKind, text: string) => new RequestFailed(kind, `${shown} ${text}`, sent);
  if (code === 'ABORT_ERR') return as('stopped', 'was asked, but the bridge is stopping');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return as(
      'dns',
      `can't be found: its name is not known (${code}); check CHARGER_URL, or use the IP address`,
    );
  }
  if (code === 'ECONNREFUSED') {
    const hint = target.secure
      ? 'most chargers have only http://; HTTPS has to be switched on at the charger; check CHARGER_URL'
      : 'check address and port in CHARGER_URL';
    return as('refused', `refused the connection (${code}); ${hint}`);
  }
  if (/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/.test(code)) {
    return as('timeout', `can't be reached (${code}); is it switched on and in this network?`);
  }
  if (CERTIFICATE.test(code)) {
    return as(
      'tls',
      `has a certificate that is not trusted (${code}); chargers sign their own: set CHARGER_REJECT_UNAUTHORIZED=false`,
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return as('tls', `does not speak HTTPS there (${code}); check CHARGER_URL, a WARP1 has only http://`);
  }
  if (GONE.includes(code))
    return as(
      'disconnected',
      `closed the connection before it had answered (${code}); it may be starting, or another device is at CHARGER_URL`,
    );
  if (code.startsWith('HPE_')) return as('invalid_response', `answered something that is not HTTP (${code})`);
  return as('disconnected', `can't be talked to: ${messageOf(error)}`);
}

/** The failure for an HTTP status that is neither a success nor an answer about one topic. */
export function fromStatus(status: number, target: Target): RequestFailed {
  const { shown, login, secure } = target;
  if (status === 401) {
    return login
      ? new RequestFailed(
          'login',
          `${shown} refuses the login of ${JSON.stringify(login.username)} (HTTP 401); check CHARGER_USERNAME and CHARGER_PASSWORD`,
        )
      : new RequestFailed(
          'login',
          `${shown} asks for a login (HTTP 401); set CHARGER_USERNAME and CHARGER_PASSWORD`,
        );
  }
  if (status === 403) {
    const remedy = secure
      ? 'check the access settings of the charger'
      : 'it takes only HTTPS: set CHARGER_URL to https://…';
    return new RequestFailed('forbidden', `${shown} forbids access (HTTP 403); ${remedy}`);
  }
  return new RequestFailed('status', `${shown} answered HTTP ${status}`);
}

/** The failure if no answer came within `ms`. `sent`: the charger may have got the request. */
export function overdue(target: Target, ms: number, sent: boolean): RequestFailed {
  return new RequestFailed(
    'timeout',
    `${target.shown} did not answer within ${ms / 1000} s; is it switched on and in this network?`,
    sent,
  );
}

/** The failure if a device that is no charger answers at the charger's address. */
export function notACharger({ shown }: Target): RequestFailed {
  const text = `${shown} is no WARP charger: something answers there, but not as a charger would; check the address in CHARGER_URL`;
  return new RequestFailed('not_a_charger', text);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}
