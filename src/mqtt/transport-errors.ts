import type { Ending } from './connect-errors.js';
import type { Failure, FailureReason } from './link.js';

/** How the connection to the broker was tried. */
export interface Transport {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  readonly host: string;
  /** The certificate of the broker's authority, if the settings have one. */
  readonly ca?: string;
  readonly username?: string;
}

/** Codes of OpenSSL's check for a certificate that no authority known to this machine has signed. */
const UNKNOWN_AUTHORITY: readonly unknown[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** Reasons of OpenSSL for bytes that are not TLS: wrong version number, a plain HTTP request, a length out of bounds. */
const NOT_TLS: readonly unknown[] = [0x10b, 0x9c, 0xc6];

/** OpenSSL reports a TLS alert as this number and that of the alert (RFC 8446, 6). */
const ALERT = 1_000;

/** The meaning of a TLS alert of the broker during the handshake. */
const ALERTS: Readonly<Record<number, string>> = {
  40: 'it broke off the secure connection: it may ask for a client certificate (MQTT_CERT_FILE, MQTT_KEY_FILE), or know only ciphers that are not safe any more',
  42: 'it refuses our certificate: check MQTT_CERT_FILE',
  43: 'it refuses our certificate: check MQTT_CERT_FILE',
  44: 'our certificate has been revoked: set another MQTT_CERT_FILE and MQTT_KEY_FILE',
  45: 'our certificate has expired: renew MQTT_CERT_FILE, or check the clock of the broker',
  46: 'it refuses our certificate: check MQTT_CERT_FILE',
  48: 'it does not know the authority that signed our certificate: check MQTT_CERT_FILE',
  49: 'it refuses our certificate: check MQTT_CERT_FILE',
  70: 'it speaks only versions of TLS that are not safe any more: update the broker, it needs TLS 1.2 or newer',
  116: 'it asks for a client certificate: set MQTT_CERT_FILE and MQTT_KEY_FILE',
};

/** What to check if the other side does not speak the protocol that was tried. */
const OTHER_PROTOCOL: Readonly<Record<Transport['protocol'], string>> = {
  mqtt: 'MQTT without TLS is usually on port 1883; with TLS the URL begins with mqtts://, over WebSocket with ws://',
  mqtts: 'MQTT with TLS is usually on port 8883; over WebSocket the URL begins with wss://',
  ws: 'MQTT over WebSocket often has the path /mqtt; without WebSocket the URL begins with mqtt://',
  wss: 'MQTT over WebSocket often has the path /mqtt; without WebSocket the URL begins with mqtts://',
};

/**
 * The reason why there is no MQTT connection over `transport`, if it is the certificate, the port or the protocol.
 * Undefined if the reason is another one, such as a refused login.
 */
export function transportFailure(ending: Ending, transport: Transport): Failure | undefined {
  if (ending.accepted) return undefined;
  const { error } = ending;
  const secure = transport.protocol === 'mqtts' || transport.protocol === 'wss';
  const because = (reason: FailureReason, text: string): Failure => ({ reason, text });
  const certificate = secure ? certificateFault(error, transport) : undefined;
  if (certificate !== undefined) return because('tls', certificate);
  if (secure && error !== undefined) {
    const reason = opensslReason(error);
    const alert = reason === undefined ? undefined : ALERTS[reason - ALERT];
    if (alert !== undefined) return because('tls', alert);
    if (NOT_TLS.includes(reason)) return because('tls', notTls(transport));
    if (reason !== undefined) {
      return because(
        'tls',
        `the secure connection failed (OpenSSL reason ${reason}): check MQTT_URL and MQTT_CA_FILE`,
      );
    }
  }
  if (error?.code === 'ECONNRESET' || error?.code === 'EPIPE' || error === undefined) {
    if (transport.protocol === 'mqtts' && !ending.secured) return because('tls', notTls(transport));
    const hint = ending.secured
      ? 'it may refuse our certificate, or not speak MQTT there'
      : OTHER_PROTOCOL[transport.protocol];
    const text = `it closed the connection without an answer: ${hint}; a broker that takes no more clients (max_connections) does so too`;
    return because('silent', text);
  }
  // The error of MQTT.js for bytes that it can't parse has no code.
  if (error.code === undefined && error.name === 'Error') {
    return because('silent', `what answers there does not speak MQTT: ${OTHER_PROTOCOL[transport.protocol]}`);
  }
  return undefined;
}

const notTls = ({ protocol }: Transport): string =>
  `that port does not speak TLS: ${protocol === 'wss' ? 'without it the URL begins with ws://' : 'without it the URL begins with mqtt://'}; ${OTHER_PROTOCOL[protocol]}`;

function certificateFault(error: Ending['error'], { host, ca }: Transport): string | undefined {
  const code = error?.code;
  if (code === 'CERT_HAS_EXPIRED') {
    return 'its certificate has expired: renew it at the broker, or check the clock of this machine';
  }
  if (code === 'CERT_NOT_YET_VALID') {
    return "its certificate is not valid yet: check this machine's clock, and the broker's certificate";
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `its certificate is not for ${host} but for ${namesOf(error)}: use such a name in MQTT_URL`;
  }
  if (UNKNOWN_AUTHORITY.includes(code)) {
    const signed =
      ca === undefined
        ? 'by an authority that this machine does not know'
        : 'by another authority than the one in MQTT_CA_FILE';
    return `its certificate is signed ${signed}: set MQTT_CA_FILE to the certificate of that authority, or MQTT_REJECT_UNAUTHORIZED=false, with which anybody can pose as the broker`;
  }
  if (typeof code === 'string' && /^(CERT_|UNABLE_TO_|INVALID_|HOSTNAME_MISMATCH)/.test(code)) {
    return `its certificate is not accepted (${code}): check it, and MQTT_CA_FILE`;
  }
  return undefined;
}

/** The names in the certificate, with which the host name was compared. */
function namesOf(error: Ending['error']): string {
  // Node adds the certificate to this error (tls.checkServerIdentity).
  const names = (error as { readonly cert?: { readonly subjectaltname?: string } }).cert?.subjectaltname;
  const plain = (names ?? '').replaceAll(/(?:DNS|IP Address):/g, '').replaceAll(/[^\w.*:, -]/g, '?');
  return plain === '' ? 'another' : plain.slice(0, 100);
}

/** The reason in OpenSSL's error number; the message begins with that number in hexadecimal. */
function opensslReason(error: Error): number | undefined {
  const [, number] = /\berror:0A([0-9A-F]{6}):/.exec(error.message) ?? [];
  return number === undefined ? undefined : Number.parseInt(number, 16);
}
