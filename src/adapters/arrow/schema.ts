import { Binary, DataType, Field, Float64, Int32, Schema, Utf8 } from 'apache-arrow';
import type { ColumnType, TableSchema } from '../../domain/table.ts';

export function toArrowSchema({ columns, metadata = {} }: TableSchema): Schema {
  if (columns.length === 0) throw new RangeError('a table needs a column');
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, c) => names.indexOf(name) !== c);
  if (twice !== undefined) throw new RangeError(`a table has two columns "${twice}"`);
  return new Schema(
    columns.map(({ name, type }) => new Field(name, toArrowType(type), type !== 'integer')),
    new Map(Object.entries(metadata)),
  );
}

/** @throws RangeError for a type that {@link toArrowSchema} does not give */
export function fromArrowSchema({ fields, metadata }: Schema): TableSchema {
  return {
    columns: fields.map(({ name, type }) => ({ name: toText(name), type: fromArrowType(type as DataType) })),
    ...(metadata.size > 0 && {
      metadata: Object.fromEntries([...metadata].map(([key, value]) => [toText(key), toText(value)])),
    }),
  };
}

/** The library reads an empty text as null. */
function toText(text: string | null): string {
  return text ?? '';
}

function toArrowType(type: ColumnType): DataType {
  switch (type) {
    case 'double':
      return new Float64();
    case 'integer':
      return new Int32();
    case 'text':
      return new Utf8();
    case 'bytes':
      return new Binary();
  }
}

function fromArrowType(type: DataType): ColumnType {
  if (DataType.isFloat(type) && type.ArrayType === Float64Array) return 'double';
  if (DataType.isInt(type) && type.ArrayType === Int32Array) return 'integer';
  if (DataType.isUtf8(type)) return 'text';
  if (DataType.isBinary(type)) return 'bytes';
  throw new RangeError(`a column of type ${type[Symbol.toStringTag]}`);
}
