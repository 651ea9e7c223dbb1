import { describeOverdue, overdueAtMs, type OverdueWatch } from '../../domain/registry/overdue.ts';
import type { ModelProposal, RegistryEntry } from '../../domain/registry/model-registry.ts';
import type { RegistryLedger } from '../../domain/registry/registry-ledger.ts';
import type { Notices } from '../notices.ts';

/**
 * Tells people what no run tells them: what operators decide, and that no model has become champion for long.
 *
 * @param from what a registry that continued as new remembers
 */
export function createModelNews(
  name: string,
  ledger: Pick<RegistryLedger, 'champion' | 'entries'>,
  { notify }: Pick<Notices, 'notify'>,
  from: OverdueWatch | undefined,
) {
  let watch = from;

  return {
    /** Its run's worker knows whether an old champion is news. */
    proposed: ({ overdueHours: hours }: ModelProposal): void => {
      watch = hours === undefined ? undefined : { hours, toldOf: watch?.toldOf ?? null };
    },

    decidedByHand({ model: { version, rmse }, change, reason }: RegistryEntry): void {
      const message = `model ${version} is the champion of ${name}, ${change}: ${reason}`;
      void notify('model.promoted', message, { model: name, version, rmse, change });
    },

    /** When people have to know that the champion is old; undefined: never, or they know. */
    dueAtMs: (): number | undefined => overdueAtMs(watch, ledger.champion()),

    tellOverdue(nowMs: number): void {
      const champion = ledger.champion();
      const dueMs = overdueAtMs(watch, champion);
      if (!watch || !champion || dueMs === undefined || nowMs < dueMs) return;
      const { version } = champion.model;
      watch = { ...watch, toldOf: version };
      const facts = { model: name, version, hours: watch.hours };
      void notify(
        'model.overdue',
        describeOverdue(name, champion, watch.hours, ledger.entries().at(-1)),
        facts,
      );
    },

    state: (): OverdueWatch | undefined => watch,
  };
}
