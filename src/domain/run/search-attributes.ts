import type { SEARCH_ATTRIBUTES } from '../names.ts';
import type { PipelineStep } from './steps.ts';

export type PipelineState = 'Running' | 'Paused' | 'NeedsAttention' | 'Completed' | 'Failed' | 'Cancelled';

interface Narrowed {
  readonly PipelineState: PipelineState;
  readonly PipelineStep: PipelineStep;
}
interface OfType {
  readonly Keyword: string;
  readonly Double: number;
  readonly Int: number;
}

/** Values of some of the search attributes. */
export type SearchAttributeValues = {
  readonly [Name in keyof typeof SEARCH_ATTRIBUTES]?: Name extends keyof Narrowed
    ? Narrowed[Name]
    : OfType[(typeof SEARCH_ATTRIBUTES)[Name]];
};
