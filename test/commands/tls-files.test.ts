import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { tlsFiles } from '../../src/commands/tls-files.js';
import { readConfig } from '../../src/config/index.js';
import { faultsOf, fileWith } from '../config/_faults.js';
import { authority, client, good } from '../mqtt/_certificates.js';

const encrypted = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
}).privateKey;

interface Case {
  readonly what: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly fault?: RegExp;
}

const cases: readonly Case[] = [
  { what: 'an authority and a pair', ca: authority, cert: client.cert, key: client.key },
  { what: 'an authority with words before it', ca: `# ours\n${authority}` },
  { what: 'an authority that is no PEM', ca: 'hello', fault: /^MQTT_CA_FILE: .* is no PEM file/ },
  { what: 'a key as the authority', ca: client.key, fault: /holds no certificate but: private key$/ },
  {
    what: 'half a certificate',
    ca: authority.replace(/\n.*\n-----END/, '\n-----END'),
    fault: /the certificate in .* is damaged$/,
  },
  {
    what: 'the key of another certificate',
    cert: client.cert,
    key: good.key,
    fault: /^MQTT_KEY_FILE: the key does not belong to the certificate in MQTT_CERT_FILE$/,
  },
  { what: 'a certificate as the key', cert: client.cert, key: client.cert, fault: /holds no private key/ },
  { what: 'an encrypted key', cert: client.cert, key: encrypted, fault: /is encrypted: give one without/ },
  { what: 'a certificate without its key', cert: client.cert, fault: /go together/ },
];

for (const { what, ca, cert, key, fault } of cases) {
  test(`files for TLS: ${what}`, async (t) => {
    const env = {
      ...(ca === undefined ? {} : { MQTT_CA_FILE: fileWith(ca) }),
      ...(cert === undefined ? {} : { MQTT_CERT_FILE: fileWith(cert) }),
      ...(key === undefined ? {} : { MQTT_KEY_FILE: fileWith(key) }),
    };
    const found = await faultsOf(['run'], env);
    if (fault === undefined) {
      t.deepEqual(found, []);
      t.deepEqual(tlsFiles((await readConfig([], env)).values).files, {
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      });
    } else {
      t.is(found.length, 1, found.join('\n'));
      t.regex(found[0] ?? '', fault);
    }
    t.deepEqual(
      await faultsOf(['topics'], fault?.test('go together') ? {} : env),
      [],
      'topics needs none of them',
    );
  });
}

test('a file that is not there', async (t) => {
  const [fault] = await faultsOf(['check'], { MQTT_CA_FILE: '/nowhere/ca.pem' });
  t.is(fault, "MQTT_CA_FILE: can't read /nowhere/ca.pem: there is no such file");
});
