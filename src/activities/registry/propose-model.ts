import type { ModelProposal, ProposalOutcome } from '../../domain/registry/model-registry.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { ModelRegistry } from './model-registry.ts';

export interface ProposeModelInput {
  readonly name: string;
  readonly proposal: ModelProposal;
}

/** Proposes a run's model to the registry, once: a retry gets the recorded outcome. */
export function createProposeModel({ registry }: { readonly registry: ModelRegistry }) {
  return async function proposeModel({ name, proposal }: ProposeModelInput): Promise<ProposalOutcome> {
    return withHeartbeat(() => registry.propose(name, proposal));
  };
}
