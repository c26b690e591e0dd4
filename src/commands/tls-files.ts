import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { group, type Values } from '../config/settings.js';
import { fileFault, shownFile } from '../config/shown.js';

/** The texts of the files for the TLS connection to the broker, in PEM form. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the files for TLS and checks them, since errors of OpenSSL are hard to understand. `faults`: one line each. */
export function tlsFiles(values: Values): { readonly files: TlsFiles; readonly faults: readonly string[] } {
  const { caFile, certFile, keyFile } = group(values, 'mqtt.tls');
  const faults: string[] = [];
  const ca = textOf(caFile, 'MQTT_CA_FILE', faults);
  const cert = textOf(certFile, 'MQTT_CERT_FILE', faults);
  const key = textOf(keyFile, 'MQTT_KEY_FILE', faults);
  certificateIn(ca, caFile, 'MQTT_CA_FILE', faults);
  const ours = certificateIn(cert, certFile, 'MQTT_CERT_FILE', faults);
  const secret = keyIn(key, keyFile, faults);
  if (ours && secret && !ours.checkPrivateKey(secret)) {
    faults.push('MQTT_KEY_FILE: the key does not belong to the certificate in MQTT_CERT_FILE');
  }
  return {
    files: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    faults,
  };
}

function textOf(file: string | undefined, variable: string, faults: string[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    faults.push(`${variable}: can't read ${shownFile(file)}: ${fileFault(error)}`);
    return undefined;
  }
}

/** The first certificate of a PEM file. */
function certificateIn(
  text: string | undefined,
  file: string | undefined,
  variable: string,
  faults: string[],
): X509Certificate | undefined {
  if (text === undefined || file === undefined) return undefined;
  const name = shownFile(file);
  if (!text.includes('-----BEGIN')) {
    faults.push(`${variable}: ${name} is no PEM file, which would have a line -----BEGIN CERTIFICATE-----`);
    return undefined;
  }
  if (!/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) {
    const other = /-----BEGIN ([A-Z ]{1,40})-----/.exec(text)?.[1]?.toLowerCase() ?? 'something else';
    faults.push(`${variable}: ${name} holds no certificate but: ${other}`);
    return undefined;
  }
  try {
    return new X509Certificate(text);
  } catch {
    faults.push(`${variable}: the certificate in ${name} is damaged`);
    return undefined;
  }
}

function keyIn(text: string | undefined, file: string | undefined, faults: string[]): KeyObject | undefined {
  if (text === undefined || file === undefined) return undefined;
  const name = shownFile(file);
  if (/ENCRYPTED/.test(text)) {
    faults.push(`MQTT_KEY_FILE: the key in ${name} is encrypted: give one without a passphrase`);
    return undefined;
  }
  try {
    return createPrivateKey(text);
  } catch {
    faults.push(`MQTT_KEY_FILE: ${name} holds no private key in PEM form`);
    return undefined;
  }
}
