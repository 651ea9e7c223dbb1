/**
 * Views by which words are read. Records that follow each other lie in the same memory, keys and values often in two: a
 * view of each is kept.
 *
 * @returns gives a view of all the memory that the bytes lie in
 */
export function createViews(): (bytes: Uint8Array) => DataView {
  let last: ArrayBufferLike | undefined;
  let before: ArrayBufferLike | undefined;
  let ofLast: DataView = new DataView(new ArrayBuffer(0));
  let ofBefore = ofLast;
  return ({ buffer }) => {
    if (buffer === last) return ofLast;
    if (buffer === before) return ofBefore;
    before = last;
    ofBefore = ofLast;
    last = buffer;
    ofLast = new DataView(buffer);
    return ofLast;
  };
}
