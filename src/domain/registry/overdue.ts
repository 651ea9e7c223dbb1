import { ADVICE_MARK } from '../run/trouble.ts';
import { minuteText } from '../text.ts';
import type { Champion, RegistryEntry } from './model-registry.ts';

const HOUR_MS = 3_600_000;

/** Whether a new champion is waited for, and how long. */
export interface OverdueWatch {
  /** See `NOTIFY_NO_NEW_MODEL_HOURS`. */
  readonly hours: number;
  /** Version of the champion whose age has been told. */
  readonly toldOf: string | null;
}

/** When the champion becomes too old; undefined: never, or people know. */
export function overdueAtMs(watch: OverdueWatch | undefined, champion: Champion | null): number | undefined {
  if (!watch || !champion || champion.model.version === watch.toldOf) return undefined;
  return Date.parse(champion.since) + watch.hours * HOUR_MS;
}

export function describeOverdue(
  name: string,
  { model, since }: Champion,
  hours: number,
  last: RegistryEntry | undefined,
): string {
  const decision =
    last && last.model.version !== model.version ? ` The last one was ${last.change}: ${last.reason}.` : '';
  return (
    `no model has become the champion of ${name} for ${hours} h: it is ${model.version}, since ${minuteText(since)} UTC.` +
    `${decision} ${ADVICE_MARK}see whether the schedule runs, and what the registry says about the last models`
  );
}
