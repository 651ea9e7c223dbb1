const SIZE_BYTES = 4;

/** Cuts a stream into frames of the Kafka protocol: a length of four bytes, and what follows. */
export function createFrameReader(onFrame: (frame: Buffer) => void): (data: Buffer) => void {
  let chunks: Buffer[] = [];
  let buffered = 0;
  let needed = SIZE_BYTES;
  return (data) => {
    chunks.push(data);
    buffered += data.length;
    // Joined only when a frame is complete: a large one comes in many pieces.
    while (buffered >= needed) {
      const joined = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      const length = SIZE_BYTES + joined.readInt32BE(0);
      if (buffered >= length) onFrame(joined.subarray(0, length));
      const rest = buffered >= length ? joined.subarray(length) : joined;
      needed = buffered >= length ? SIZE_BYTES : length;
      chunks = rest.length === 0 ? [] : [rest];
      buffered = rest.length;
    }
  };
}
