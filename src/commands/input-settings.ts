import type { Client } from '@temporalio/client';
import { isObject } from './run-input.ts';

type Payload = Parameters<Client['options']['loadedDataConverter']['payloadConverter']['fromPayload']>[0];

/** The input that a workflow was started with, as flags of `imdb run` that give it again. */
export function settingsOf(
  { options }: Client,
  input: { readonly payloads?: readonly Payload[] | null } | null | undefined,
): string[] {
  const [payload] = input?.payloads ?? [];
  const value: unknown = payload && options.loadedDataConverter.payloadConverter.fromPayload(payload);
  return isObject(value) ? toSettings(value) : [];
}

/** `--set` splits its keys at dots, two levels deep is as deep as inputs go. */
export function toSettings(input: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(input).flatMap(([key, value]) =>
    isObject(value) && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([inner, innerValue]) => [
          '--set',
          `${key}.${inner}=${toText(innerValue)}`,
        ])
      : ['--set', `${key}=${toText(value)}`],
  );
}

/** What is read as JSON when it is JSON: a text that looks like it needs its quotes. */
function toText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}
