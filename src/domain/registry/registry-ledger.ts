import { InvalidInput } from '../errors.ts';
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

/** Five years, at one a night. */
export const KEPT_ENTRIES = 2_000;
/** Temporal refuses a payload of 2 MB, which the state is when the registry continues as new. */
export const KEPT_BYTES = 1_500_000;

const CHANGE_OF: Readonly<Record<Verdict, RegistryChange>> = {
  promote: 'promoted',
  keep: 'kept',
  refuse: 'refused',
  unchanged: 'unchanged',
  reject: 'rejected',
};

/** What operators decide. */
export const BY_HAND: readonly RegistryChange[] = ['promoted by hand', 'rolled back'];

export const EMPTY_REGISTRY: RegistryState = { champion: null, total: 0, entries: [] };

export type RegistryLedger = ReturnType<typeof createRegistryLedger>;

/** Which model of one name was champion when, and why. Every change is one entry; an entry never changes. */
export function createRegistryLedger(from: RegistryState = EMPTY_REGISTRY) {
  let { champion, total } = from;
  const entries = [...from.entries];
  let bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);

  function append(
    change: RegistryChange,
    { model, reason, interval }: Pick<RegistryEntry, 'model' | 'reason' | 'interval'>,
    at: string,
  ): RegistryEntry {
    if (change === 'promoted' || BY_HAND.includes(change)) champion = { model, since: at };
    total += 1;
    const entry: RegistryEntry = {
      number: total,
      at,
      change,
      model,
      reason,
      champion: champion?.model.version ?? null,
      ...(interval && { interval }),
    };
    entries.push(entry);
    bytes += sizeOf(entry);
    while (entries.length > 1 && (entries.length > KEPT_ENTRIES || bytes > KEPT_BYTES)) {
      bytes -= sizeOf(entries.shift() as RegistryEntry);
    }
    return entry;
  }

  /** Of the newest entry about that version; undefined when its entries are no longer kept. */
  function find(version: string): RegisteredModel | undefined {
    return entries.findLast(({ model }) => model.version === version)?.model;
  }

  /** @throws InvalidInput */
  function known(version: string): RegisteredModel {
    const model = find(version);
    if (model) return model;
    const versions = [...new Set(entries.map(({ model }) => model.version))].slice(-10);
    throw new InvalidInput({
      what: 'the registry does not know this version',
      expected: versions.length === 0 ? 'a version; there is none yet' : `one of ${versions.join(', ')}`,
      got: version,
    });
  }

  /** @throws InvalidInput */
  function previous(): RegisteredModel {
    const before = createChampionPeriods(entries).previous();
    if (before !== undefined) return known(before);
    throw new InvalidInput({
      what: 'there is no earlier champion to go back to',
      got: champion === null ? 'no champion' : `${champion.model.version}, the first`,
      hint: 'Promote any version that the history lists: imdb models promote',
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
      hint: 'The next champion must take the rows of this one; register the version under another name (promotion.model)',
    });
  }

  return {
    /**
     * Records a run's verdict on its own model, once: another call returns the first answer. A retrain on the same rows
     * would promote a rolled-back version once more, so only an operator may promote it.
     */
    propose(proposal: ModelProposal, at: string): ProposalOutcome {
      const { model, verdict, reason, against, comparison, isApproved = false } = proposal;
      const recorded = entries.findLast(
        ({ change, model: { run, version } }) =>
          run === model.run && version === model.version && !BY_HAND.includes(change),
      );
      if (recorded) return { kind: 'recorded', entry: recorded };
      const current = champion?.model.version ?? null;
      if (current !== against) return { kind: 'stale', champion: current };
      const interval = comparison?.interval;
      const facts = { model, reason, ...(interval && { interval }) };
      const isWithdrawn =
        verdict === 'promote' && !isApproved && createChampionPeriods(entries).isWithdrawn(model.version);
      const entry = isWithdrawn
        ? append(
            'refused',
            { ...facts, reason: `this version was rolled back; promote it by hand. ${reason}` },
            at,
          )
        : append(CHANGE_OF[verdict], facts, at);
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
    /** To the champion before the promotion of the present one, so several rollbacks go further back. */
    rollback: (reason: string, at: string): RegistryEntry =>
      append('rolled back', { model: previous(), reason }, at),
    champion: (): Champion | null => champion,
    /** The models that rollbacks go back to, one after the other. */
    former: (): readonly RegisteredModel[] =>
      [...new Set(createChampionPeriods(entries).former())].flatMap((version) => find(version) ?? []),
    entries: (): readonly RegistryEntry[] => entries,
    state: (): RegistryState => ({ champion, total, entries }),
  };
}

const utf8 = new TextEncoder();

function sizeOf(entry: RegistryEntry): number {
  return utf8.encode(JSON.stringify(entry)).length;
}

/**
 * The champions that a rollback goes back to, as a stack: a promotion pushes, a rollback pops. So no rollback returns to
 * a version that an earlier rollback has left.
 *
 * @param entries oldest first; the first ones may be missing
 */
function createChampionPeriods(entries: readonly Pick<RegistryEntry, 'change' | 'model' | 'champion'>[]) {
  const champions: string[] = [];
  const withdrawn = new Set<string>();
  for (const { change, model, champion } of entries) {
    if (change === 'promoted' || change === 'promoted by hand') {
      champions.push(model.version);
      withdrawn.delete(model.version);
    } else if (change === 'rolled back') {
      const left = champions.pop();
      if (left !== undefined) withdrawn.add(left);
      withdrawn.delete(model.version);
    }
    if (champion !== null && champions.at(-1) !== champion) champions.push(champion);
  }
  return {
    /** Undefined when the present champion is the first, or there is none. */
    previous: (): string | undefined => champions.at(-2),
    /** The champions that rollbacks go back to, one after the other. */
    former: (): readonly string[] => champions.slice(0, -1).reverse(),
    /** Whether it was rolled back, and not promoted by hand since. */
    isWithdrawn: (version: string): boolean => withdrawn.has(version),
  };
}
