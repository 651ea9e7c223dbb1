import { z, type RefinementCtx } from 'zod';
import {
  DEFAULT_EVENTS,
  NOTIFICATION_EVENTS,
  type NotificationEvent,
} from '../domain/notification/notification.ts';

export interface NotifySettings {
  readonly url: string;
  /** CloudEvents are signed: shared with the receiver, which verifies them. Slack's address is a secret itself. */
  readonly format: { readonly kind: 'cloudevents'; readonly secret: string } | { readonly kind: 'slack' };
  readonly events: readonly NotificationEvent[];
  /** A champion that is older is news; undefined: at no age. */
  readonly noNewModelHours: number | undefined;
}

interface NotifyValues {
  readonly NOTIFY_WEBHOOK?: string | undefined;
  readonly NOTIFY_SECRET?: string | undefined;
  readonly NOTIFY_FORMAT: 'cloudevents' | 'slack';
  readonly NOTIFY_EVENTS?: readonly NotificationEvent[] | undefined;
  readonly NOTIFY_NO_NEW_MODEL_HOURS?: number | undefined;
}

/** Names with commas between them. */
export const notificationEvents = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim()))
  .pipe(z.array(z.enum(NOTIFICATION_EVENTS, { error: `must be some of ${NOTIFICATION_EVENTS.join(', ')}` })))
  .optional();

/** What belongs together. */
export function requireReceiver(values: NotifyValues, context: RefinementCtx): void {
  const { NOTIFY_WEBHOOK: url, NOTIFY_SECRET: secret, NOTIFY_FORMAT: format } = values;
  const { NOTIFY_EVENTS: events, NOTIFY_NO_NEW_MODEL_HOURS: hours } = values;
  const refuse = (name: keyof NotifyValues, message: string): void => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  if (url === undefined) {
    const given = Object.entries({
      NOTIFY_SECRET: secret,
      NOTIFY_EVENTS: events,
      NOTIFY_NO_NEW_MODEL_HOURS: hours,
    });
    const [name] = given.find(([, value]) => value !== undefined) ?? [];
    if (name !== undefined) refuse('NOTIFY_WEBHOOK', `is missing (${name} is set)`);
    return;
  }
  if (format === 'cloudevents' && secret === undefined) {
    refuse('NOTIFY_SECRET', 'is missing (NOTIFY_WEBHOOK is set; CloudEvents are signed, so they need both)');
  }
  const isChosen = events?.includes('no-new-model') ?? false;
  if (isChosen && hours === undefined) {
    refuse('NOTIFY_NO_NEW_MODEL_HOURS', 'is missing (NOTIFY_EVENTS has no-new-model)');
  }
}

/** Undefined without a receiver. */
export function notifyOf(values: NotifyValues): NotifySettings | undefined {
  const { NOTIFY_WEBHOOK: url, NOTIFY_SECRET: secret, NOTIFY_NO_NEW_MODEL_HOURS: hours } = values;
  const kind = values.NOTIFY_FORMAT;
  if (url === undefined || (kind === 'cloudevents' && secret === undefined)) return undefined;
  const events = values.NOTIFY_EVENTS ?? [
    ...DEFAULT_EVENTS,
    ...(hours === undefined ? [] : ['no-new-model' as const]),
  ];
  return {
    url,
    format: kind === 'slack' ? { kind } : { kind, secret: secret ?? '' },
    events,
    noNewModelHours: events.includes('no-new-model') ? hours : undefined,
  };
}
