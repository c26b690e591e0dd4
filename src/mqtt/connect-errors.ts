import type { Failure, FailureReason } from './link.js';

/** How a connection ended. */
export interface Ending {
  /** Whether the broker had accepted it. */
  accepted: boolean;
  /** How long it lasted, ms. */
  lasted: number;
  error: (Error & { readonly code?: number | string; readonly syscall?: string }) | undefined;
}

/** A connection that ends this soon after being accepted was probably taken over, ms. */
const SHORT_MS = 5_000;

/** CONNACK codes of MQTT 3.1.1 (3.2.2.3) and MQTT 5 (3.2.2.2) that blame the login. */
const LOGIN_REFUSED: readonly unknown[] = [4, 5, 0x86, 0x87];

/** The broker never answered the CONNECT. */
export class NoAnswerToConnect extends Error {
  override readonly name = 'NoAnswerToConnect';
}

/** Whether an older protocol version is worth a try: no broker in sight and a refused login are not about that. */
export function isAboutVersion({ accepted, error }: Ending): boolean {
  if (accepted) return false;
  if (error?.syscall !== undefined || error?.code === 'CERT_HAS_EXPIRED') return false;
  return !LOGIN_REFUSED.includes(error?.code);
}

/** Why there is no connection to `where`, and what to do about it. */
export function failureOf(ending: Ending, where: string): Failure {
  const { accepted, error } = ending;
  const code = error?.code;
  const said = error?.message || String(code ?? '');
  const because = (reason: FailureReason, text: string): Failure => ({ reason, text });
  if (code === 'ECONNREFUSED') {
    return because('unreachable', 'nothing listens there; is the broker running, and is MQTT_URL right?');
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return because('unreachable', 'its name is not known; is MQTT_URL right?');
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return because('unreachable', `it does not answer (${code})`);
  }
  if (!accepted && LOGIN_REFUSED.includes(code)) {
    return because('login', 'it refused the login; check MQTT_USERNAME and MQTT_PASSWORD');
  }
  if (code === 0x8e) {
    return because(
      'taken_over',
      'another client with the same client id took over; give each bridge its own MQTT_CLIENT_ID or prefix',
    );
  }
  if (/certificate|CERT|SSL|TLS/.test(`${String(code)} ${said}`)) {
    return because(
      'tls',
      `the secure connection failed (${said}); check MQTT_CA_FILE, or set MQTT_REJECT_UNAUTHORIZED=false`,
    );
  }
  if (accepted) {
    const hint =
      ending.lasted < SHORT_MS
        ? ` after ${Math.round(ending.lasted)} ms; does another client use the same client id?`
        : '';
    return because('lost', `connection lost${error ? ` (${said})` : ''}${hint}`);
  }
  if (error instanceof NoAnswerToConnect) return because('silent', said);
  if (error) return because('refused', said);
  return because('silent', `it closed the connection without an answer; does ${where} speak MQTT?`);
}
