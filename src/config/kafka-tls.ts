import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';

/** Contents of PEM files, under the names of Node's own options. */
export interface KafkaTls {
  /** Authorities that are trusted instead of Node's. */
  readonly ca?: string;
  /** Of the client, for mutual TLS. */
  readonly cert?: string;
  readonly key?: string;
}

const FILES = ['KAFKA_SSL_CA', 'KAFKA_SSL_CERT', 'KAFKA_SSL_KEY'] as const;

type TlsValues = { readonly KAFKA_SSL: string } & Readonly<
  Partial<Record<(typeof FILES)[number], string | undefined>>
>;

/** Throws when the text has no such thing; what the parsers say shows nothing of it. */
const PARSERS = {
  certificate: (pem: string) => new X509Certificate(pem),
  'private key': (pem: string) => createPrivateKey(pem),
} as const;

/** The path of a PEM file, read at once: a worker that could not log in should not start. */
export function pemFile(kind: keyof typeof PARSERS) {
  return z.string().transform((path, context) => {
    let pem = '';
    try {
      pem = readFileSync(resolve(path), 'utf8');
      PARSERS[kind](pem);
      return pem;
    } catch (error) {
      const reason = pem.includes('ENCRYPTED') ? ENCRYPTED : reasonOf(error);
      const message = `must be the path of a PEM file with a ${kind}: ${reason} [${resolve(path)}]`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  });
}

const ENCRYPTED = 'the key is encrypted; decrypt it with "openssl pkey"';

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'it may not be read';
    case 'EISDIR':
      return 'it is a directory';
    default:
      return 'it has none';
  }
}

/** What the files say together. */
export function requireTlsPair(values: TlsValues, context: z.RefinementCtx): void {
  const { KAFKA_SSL, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key } = values;
  const refuse = (name: keyof TlsValues, message: string) => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  const given = FILES.find((name) => values[name] !== undefined);
  if (given && KAFKA_SSL !== 'true') refuse('KAFKA_SSL', `must be true (${given} is set)`);
  if (cert && !key) refuse('KAFKA_SSL_KEY', 'is missing (KAFKA_SSL_CERT is set)');
  if (key && !cert) refuse('KAFKA_SSL_CERT', 'is missing (KAFKA_SSL_KEY is set)');
  if (cert && key && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    refuse('KAFKA_SSL_KEY', 'is not the key of the certificate in KAFKA_SSL_CERT');
  }
}

/** True without files. */
export function toTls({ KAFKA_SSL_CA: ca, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key }: TlsValues) {
  const tls: KafkaTls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return Object.keys(tls).length === 0 || tls;
}
