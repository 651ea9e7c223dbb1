import { InvalidInput } from './errors.ts';
import type {
  Champion,
  ModelProposal,
  ProposalOutcome,
  RegisteredModel,
  RegistryChange,
  RegistryEntry,
  RegistryState,
  Verdict,
} from './model-registry.ts';

/** About 1 MB, which Temporal carries in one payload; at one a night five years. */
export const KEPT_ENTRIES = 2_000;

const CHANGE_OF: Readonly<Record<Verdict, RegistryChange>> = {
  promote: 'promoted',
  keep: 'kept',
  refuse: 'refused',
  unchanged: 'unchanged',
  reject: 'rejected',
};

const BY_HAND: readonly RegistryChange[] = ['promoted by hand', 'rolled back'];

export const EMPTY_REGISTRY: RegistryState = { champion: null, total: 0, entries: [] };

export type RegistryLedger = ReturnType<typeof createRegistryLedger>;

/** Which model of one name served when, and why. Every change is one entry; an entry never changes. */
export function createRegistryLedger(from: RegistryState = EMPTY_REGISTRY) {
  let { champion, total } = from;
  const entries = [...from.entries];

  function append(
    change: RegistryChange,
    { model, reason, interval }: Pick<RegistryEntry, 'model' | 'reason' | 'interval'>,
    at: string,
  ): RegistryEntry {
    if (isPromotion(change) || change === 'rolled back') {
      champion = { model, since: at };
    }
    total += 1;
    const entry: RegistryEntry = {
      ...{ number: total, at, change, model, reason },
      champion: champion?.model.version ?? null,
      ...(interval && { interval }),
    };
    entries.push(entry);
    if (entries.length > KEPT_ENTRIES) entries.shift();
    return entry;
  }

  /** The newest entry about that version. @throws InvalidInput */
  function known(version: string): RegisteredModel {
    const entry = entries.findLast(({ model }) => model.version === version);
    if (entry) return entry.model;
    const versions = [...new Set(entries.map(({ model }) => model.version))].slice(-10);
    throw new InvalidInput({
      what: 'the registry does not know this version',
      expected: versions.length === 0 ? 'a version; there is none yet' : `one of ${versions.join(', ')}`,
      got: version,
    });
  }

  /** The champion before the present one was promoted; so several rollbacks go further back. @throws InvalidInput */
  function previous(): RegisteredModel {
    const current = champion?.model.version;
    const promoted = entries.findLastIndex(
      ({ change, model }) => isPromotion(change) && model.version === current,
    );
    const before = entries.slice(0, Math.max(promoted, 0)).findLast((entry) => entry.champion !== null);
    if (before?.champion) return known(before.champion);
    throw new InvalidInput({
      what: 'there is no earlier champion to go back to',
      got: current === undefined ? 'no champion' : `${current}, the first`,
    });
  }

  function requireOther({ version, schemaSha256 }: RegisteredModel): void {
    if (champion === null) return;
    if (champion.model.version === version) {
      throw new InvalidInput({ what: 'this version is the champion already', got: version });
    }
    if (champion.model.schemaSha256 === schemaSha256) return;
    throw new InvalidInput({
      what: 'this version has other features or another target than the champion',
      expected: `features and target of ${champion.model.version}`,
      got: version,
      hint: 'What is fed to one champion must fit the next; register it under another name (promotion.model)',
    });
  }

  return {
    /** A run's own verdict. The same run proposes once; asking again gives the first answer. */
    propose({ model, verdict, reason, against, comparison }: ModelProposal, at: string): ProposalOutcome {
      const recorded = entries.findLast(
        ({ change, model: { run } }) => run === model.run && !BY_HAND.includes(change),
      );
      if (recorded) return { kind: 'recorded', entry: recorded };
      const current = champion?.model.version ?? null;
      if (current !== against) return { kind: 'stale', champion: current };
      const interval = comparison?.interval;
      const entry = append(CHANGE_OF[verdict], { model, reason, ...(interval && { interval }) }, at);
      return { kind: 'recorded', entry };
    },
    /** @throws InvalidInput */
    requirePromotable: (version: string): void => {
      requireOther(known(version));
    },
    promote: (version: string, reason: string, at: string): RegistryEntry =>
      append('promoted by hand', { model: known(version), reason }, at),
    /** @throws InvalidInput */
    requireEarlier: (): void => {
      requireOther(previous());
    },
    rollback: (reason: string, at: string): RegistryEntry =>
      append('rolled back', { model: previous(), reason }, at),
    champion: (): Champion | null => champion,
    entries: (): readonly RegistryEntry[] => entries,
    state: (): RegistryState => ({ champion, total, entries }),
  };
}

function isPromotion(change: RegistryChange): boolean {
  return change === 'promoted' || change === 'promoted by hand';
}
