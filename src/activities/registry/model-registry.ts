import type { Champion, ModelProposal, ProposalOutcome } from '../../domain/registry/model-registry.ts';

/** Port: which model serves under a name. Each task queue has its own names. */
export interface ModelRegistry {
  /** null when no model was promoted yet. @throws RegistryError */
  champion(name: string): Promise<Champion | null>;
  /** Records the outcome of a run's comparison, once per run. @throws RegistryError */
  propose(name: string, proposal: ModelProposal): Promise<ProposalOutcome>;
}
