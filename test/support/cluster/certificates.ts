import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Default: `localhost` and 127.0.0.1. */
  readonly hosts?: readonly string[];
  /** Default: ten years around now. */
  readonly validUntil?: Date;
}

export interface Authority extends Certificate {
  readonly issue: (name: string, options?: CertificateOptions) => Certificate;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** An authority of the test's own, in the few fields of X.509 that TLS looks at. */
export function createAuthority(name: string): Authority {
  const keys = newKeys();
  const basicConstraints = extension('551d13', der(SEQUENCE, Buffer.from('0101ff', 'hex')));
  const self = { issuer: name, issuerKey: keys.privateKey };
  return {
    cert: toPem(
      encode({ ...self, subject: name, publicKey: keys.publicKey, extensions: [basicConstraints] }),
    ),
    key: keyPem(keys.privateKey),
    issue(subject, { hosts = ['localhost', '127.0.0.1'], validUntil } = {}) {
      const { publicKey, privateKey } = newKeys();
      const names = extension('551d11', der(SEQUENCE, ...hosts.map(toAlternativeName)));
      const cert = encode({ ...self, subject, publicKey, extensions: [names], validUntil });
      return { cert: toPem(cert), key: keyPem(privateKey) };
    },
  };
}

interface Fields {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly validUntil?: Date | undefined;
}

/** RFC 5280, section 4.1. */
function encode({ subject, publicKey, issuer, issuerKey, extensions, validUntil }: Fields): Buffer {
  const until = validUntil ?? new Date(Date.now() + 5 * YEAR_MS);
  const from = new Date(Math.min(Date.now(), until.getTime()) - 5 * YEAR_MS);
  const signed = der(
    SEQUENCE,
    der(EXPLICIT_0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    toName(issuer),
    der(SEQUENCE, toTime(from), toTime(until)),
    toName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXPLICIT_3, der(SEQUENCE, ...extensions)),
  );
  const signature = sign('sha256', signed, issuerKey);
  return der(SEQUENCE, signed, ECDSA_WITH_SHA256, der(BIT_STRING, Buffer.from([0]), signature));
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const EXPLICIT_0 = 0xa0;
const EXPLICIT_3 = 0xa3;

const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OBJECT_ID, Buffer.from('2a8648ce3d040302', 'hex')));

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body)]), body]);
}

/** In the shortest form: Temporal's worker, unlike OpenSSL, refuses any other. */
function lengthOf({ length }: Buffer): number[] {
  if (length < 128) return [length];
  return length < 256 ? [0x81, length] : [0x82, Math.floor(length / 256), length % 256];
}

function toName(commonName: string): Buffer {
  const attribute = [der(OBJECT_ID, Buffer.from('550403', 'hex')), der(UTF8_STRING, Buffer.from(commonName))];
  return der(SEQUENCE, der(SET, der(SEQUENCE, ...attribute)));
}

function toAlternativeName(host: string): Buffer {
  const isAddress = /^[\d.]+$/.test(host);
  return isAddress
    ? der(IP_ADDRESS, Buffer.from(host.split('.').map(Number)))
    : der(DNS_NAME, Buffer.from(host));
}

function toTime(time: Date): Buffer {
  const digits = time.toISOString().replaceAll(/\D/g, '').slice(2, 14);
  return der(UTC_TIME, Buffer.from(`${digits}Z`));
}

/** Critical. */
function extension(id: string, value: Buffer): Buffer {
  const critical = Buffer.from('0101ff', 'hex');
  return der(SEQUENCE, der(OBJECT_ID, Buffer.from(id, 'hex')), critical, der(OCTET_STRING, value));
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
