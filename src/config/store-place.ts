import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { isFileName } from '../domain/artifact.ts';

/** Where artifacts or datasets are. */
export type StorePlace = DirectoryPlace | S3Place;

export interface DirectoryPlace {
  readonly kind: 'directory';
  /** Absolute. */
  readonly path: string;
}

export interface S3Place {
  readonly kind: 's3';
  readonly bucket: string;
  /** Of every key, without slashes at its ends; may be empty. */
  readonly prefix: string;
}

/** A directory, `file:` and a directory, or `s3://bucket/prefix`. */
export function storePlace() {
  return z.string().transform((text, context): StorePlace => {
    try {
      return parsePlace(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });
}

export function placeText(place: StorePlace): string {
  if (place.kind === 'directory') return place.path;
  return ['s3:/', place.bucket, place.prefix].filter(Boolean).join('/');
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

function parsePlace(text: string): StorePlace {
  if (text.startsWith('file://')) return { kind: 'directory', path: fileURLToPath(text) };
  if (text.startsWith('file:')) return { kind: 'directory', path: resolve(text.slice('file:'.length)) };
  // "C:\data" has a drive, not a scheme.
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/i.exec(text) ?? [];
  if (scheme === undefined) return { kind: 'directory', path: resolve(text) };
  const [bucket = '', ...names] = rest.replace(/\/+$/, '').split('/');
  if (scheme !== 's3' || !BUCKET.test(bucket) || !names.every(isFileName)) {
    throw new Error('must be a directory, or s3://bucket/prefix with the name of a bucket');
  }
  return { kind: 's3', bucket, prefix: names.join('/') };
}
