/** The features that a split may choose from. */
import { nextBelow } from './random';
import { drawnFeatures } from './tree';

/**
 * Draws without replacement from the features that vary in the node; returns all, in order, when none is left out.
 * @param varying u16[count], ascending
 * @param drawn   u16[count], overwritten when a draw is needed
 * @returns address of the features to try, in the order of trying
 */
export function drawFeatures(varying: usize, count: i32, drawn: usize): usize {
  if (drawnFeatures >= count) return varying;
  memory.copy(drawn, varying, (<usize>count) << 1);
  for (let i: i32 = 0; i < drawnFeatures; ++i) {
    const a = drawn + ((<usize>i) << 1);
    const b = drawn + ((<usize>(i + <i32>nextBelow(<u32>(count - i)))) << 1);
    const feature = load<u16>(a);
    store<u16>(a, load<u16>(b));
    store<u16>(b, feature);
  }
  return drawn;
}
