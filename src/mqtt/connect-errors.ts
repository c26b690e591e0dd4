/** How a connection ended. */
export interface Failure {
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

/** Whether an older protocol version is worth a try: no broker in sight and a refused login are not about that. */
export function isAboutVersion({ accepted, error }: Failure): boolean {
  if (accepted) return false;
  if (error?.syscall !== undefined || error?.code === 'CERT_HAS_EXPIRED') return false;
  return !LOGIN_REFUSED.includes(error?.code);
}

/** Why there is no connection, and what to do about it. */
export function whyNot(failure: Failure, where: string): string {
  const { accepted, error } = failure;
  const code = error?.code;
  const said = error?.message || String(code ?? '');
  if (code === 'ECONNREFUSED') return 'nothing listens there; is the broker running, and is MQTT_URL right?';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name is not known; is MQTT_URL right?';
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH')
    return `it does not answer (${code})`;
  if (!accepted && LOGIN_REFUSED.includes(code)) {
    return 'it refused the login; check MQTT_USERNAME and MQTT_PASSWORD';
  }
  if (code === 0x8e)
    return 'another client with the same client id took over; give each bridge its own MQTT_CLIENT_ID or prefix';
  if (/certificate|CERT|SSL|TLS/.test(`${String(code)} ${said}`)) {
    return `the secure connection failed (${said}); check MQTT_CA_FILE, or set MQTT_REJECT_UNAUTHORIZED=false`;
  }
  if (accepted) {
    const hint =
      failure.lasted < SHORT_MS
        ? ` after ${Math.round(failure.lasted)} ms; does another client use the same client id?`
        : '';
    return `connection lost${error ? ` (${said})` : ''}${hint}`;
  }
  return error ? `${said}` : `it closed the connection without an answer; does ${where} speak MQTT?`;
}
