import type { Champion, ModelProposal, ProposalOutcome } from '../../domain/registry/model-registry.ts';

/** Port: which model of a name serves. Names are those of this worker's task queue. */
export interface ModelRegistry {
  /** null when none was promoted yet. @throws RegistryError */
  champion(name: string): Promise<Champion | null>;
  /** Records a run's verdict on its own model, once a run. @throws RegistryError */
  propose(name: string, proposal: ModelProposal): Promise<ProposalOutcome>;
}
