/**
 * Views by which words are read. Records that follow each other lie in the same memory, keys and values often in two: a
 * view of each is kept.
 *
 * @returns gives a view of all the memory that the bytes lie in
 */
export function createViews(): (bytes: Uint8Array) => DataView {
  let last: DataView = new DataView(new ArrayBuffer(0));
  let before = last;
  return ({ buffer }) => {
    if (last.buffer === buffer) return last;
    if (before.buffer !== buffer) before = new DataView(buffer);
    [last, before] = [before, last];
    return last;
  };
}
