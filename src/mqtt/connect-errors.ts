import { messageOf } from '../base/errors.js';
import type { Failure, FailureReason } from './link.js';
import { reasonText, remedyOf } from './reason-codes.js';
import { type Transport, transportFailure } from './transport-errors.js';

/** How a connection ended. */
export interface Ending {
  /** Whether the broker had accepted it. */
  accepted: boolean;
  /** How long it lasted, ms. */
  lasted: number;
  /** Whether the broker still owed an answer to a subscription. */
  awaitedSubscription: boolean;
  /** Whether the handshake of TLS was done; not known over WebSocket. */
  secured: boolean;
  error: (Error & { readonly code?: number | string; readonly syscall?: string }) | undefined;
}

/** The broker never answered the CONNECT. */
export class NoAnswerToConnect extends Error {
  override readonly name = 'NoAnswerToConnect';
}

/** The broker answers pings, but does not acknowledge. */
export class Unacknowledged extends Error {
  override readonly name = 'Unacknowledged';
}

/** We have ended the connection to leave the work to another bridge with the same settings. */
export class Yielded extends Error {
  override readonly name = 'Yielded';
}

/** We have ended a connection over MQTT 3.1.1 because the broker may speak MQTT 5 after all. */
export class InDoubt extends Error {
  override readonly name = 'InDoubt';
}

/** The broker gave a reason code, in a CONNACK or in a DISCONNECT. */
export class SaidByBroker extends Error {
  override readonly name = 'SaidByBroker';
  readonly code: number;

  /** `code` may be one of MQTT 3.1.1 too. */
  constructor(code: number, reasonString?: string) {
    const code5 = AS_IN_5[code] ?? code;
    super(reasonText(code5, reasonString));
    this.code = code5;
  }
}

/** CONNACK codes of MQTT 3.1.1 (3.2.2.3) in terms of MQTT 5. */
const AS_IN_5: Readonly<Record<number, number>> = { 1: 132, 2: 133, 3: 136, 4: 134, 5: 135 };

const REASONS: Readonly<Record<number, FailureReason>> = {
  132: 'version',
  134: 'login',
  135: 'login',
  142: 'taken_over',
  149: 'too_large',
};

/** Why there is no connection, and what to do about it. */
export function failureOf(ending: Ending, transport: Transport): Failure {
  const { accepted, error } = ending;
  const code = error?.code;
  const said = error ? messageOf(error) : '';
  const because = (reason: FailureReason, text: string): Failure => ({ reason, text });
  if (code === 'ECONNREFUSED') {
    return because('unreachable', 'nothing listens there; is the broker running, and is MQTT_URL right?');
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return because('unreachable', 'its name is not known; is MQTT_URL right?');
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return because('unreachable', `it does not answer (${code}); is that machine on, and is MQTT_URL right?`);
  }
  if (error instanceof SaidByBroker) return saidByBroker(error, accepted, transport);
  const failure = transportFailure(ending, transport);
  if (failure) return failure;
  if (error instanceof Yielded) return because('taken_over', said);
  if (error instanceof Unacknowledged) return because('unacknowledged', said);
  if (accepted) return because('lost', `connection lost${error ? ` (${said})` : ''}`);
  if (error instanceof NoAnswerToConnect) return because('silent', said);
  return because('refused', `the connection failed: ${said}`);
}

function saidByBroker({ code, message }: SaidByBroker, accepted: boolean, { username }: Transport): Failure {
  const reason = REASONS[code] ?? (accepted ? 'lost' : 'refused');
  if (!accepted && reason === 'login') {
    const text =
      username === undefined
        ? 'it asks for a login; set MQTT_USERNAME and MQTT_PASSWORD'
        : 'it refused the login; check MQTT_USERNAME and MQTT_PASSWORD';
    return { reason, text };
  }
  const remedy = remedyOf(code);
  const text = accepted ? `it ended the connection: ${message}` : `it refused the connection: ${message}`;
  return { reason, text: remedy === undefined ? text : `${text}; ${remedy}` };
}
