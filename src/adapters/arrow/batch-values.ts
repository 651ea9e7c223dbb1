import type { Data, RecordBatch } from 'apache-arrow';
import type { ColumnType, ColumnValues, TableBatch } from '../../domain/table.ts';

/** @param wanted positions and types of columns. The others are not decoded. */
export function toTableBatch(
  batch: RecordBatch,
  wanted: readonly { readonly position: number; readonly type: ColumnType }[],
): TableBatch {
  return {
    rows: batch.numRows,
    columns: wanted.map(({ position, type }) => decode(type, batch.data.children[position] as Data)),
  };
}

function decode(type: ColumnType, data: Data): ColumnValues {
  switch (type) {
    // The value of a missing double is NaN, see BatchBuffer.
    case 'double':
    case 'integer':
      return (data.values as Float64Array | Int32Array).subarray(0, data.length);
    case 'text':
      return texts(data);
    case 'bytes':
      return cells(data, (bytes, from, to) => bytes.subarray(from, to));
  }
}

function texts(data: Data): (string | null)[] {
  return cells(data, ({ buffer, byteOffset, byteLength }, from, to) =>
    Buffer.from(buffer, byteOffset, byteLength).toString('utf8', from, to),
  );
}

function cells<T>(data: Data, read: (bytes: Uint8Array, from: number, to: number) => T): (T | null)[] {
  const { length, nullCount, nullBitmap } = data;
  const offsets = data.valueOffsets as Int32Array;
  const bytes = data.values as Uint8Array;
  return Array.from({ length }, (_, row) => {
    const isMissing = nullCount > 0 && ((nullBitmap[row >> 3] as number) & (1 << (row & 7))) === 0;
    return isMissing ? null : read(bytes, offsets[row] as number, offsets[row + 1] as number);
  });
}
