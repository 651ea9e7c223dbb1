/** Out-of-bag error of the first trees of a forest. */
export interface LearningPoint {
  readonly trees: number;
  /** In units of the target. */
  readonly rmse: number;
}

/** A run's result must stay small, whatever the forest. */
const STEPS = 20;

/** Growing numbers of trees from 1 to all, evenly spaced on a logarithmic scale. */
export function learningCheckpoints(trees: number): readonly number[] {
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => Math.round(trees ** (step / STEPS)));
  return [...new Set(steps)];
}
