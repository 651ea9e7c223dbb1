/** How good the first trees of a forest are, out of bag. */
export interface LearningPoint {
  readonly trees: number;
  /** In units of the target. */
  readonly rmse: number;
}

/** A run's result must stay small, whatever the forest. */
const STEPS = 20;

/** Numbers of trees to look at, growing: 1 and all are among them. Evenly spaced on a logarithmic scale, as learning is. */
export function learningCheckpoints(trees: number): readonly number[] {
  const steps = Array.from({ length: STEPS + 1 }, (_, step) => Math.round(trees ** (step / STEPS)));
  return [...new Set(steps)];
}
