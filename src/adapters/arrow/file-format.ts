import { Message, RecordBatchFileWriter, type RecordBatch, type Schema } from 'apache-arrow';

const MAGIC = 'ARROW1';
/** The magic and its padding. What follows is the streaming format, then a footer for random access. */
const MAGIC_LENGTH = 8;

/**
 * Encodes an Arrow IPC file batch by batch.
 *
 * The library's own writer leaves the schema out before the batches and writes it in the footer alone. Then nobody can
 * read the file as a stream, which the format promises.
 */
export class ArrowFileWriter extends RecordBatchFileWriter {
  #chunks: Uint8Array[] = [];

  constructor(schema: Schema) {
    super();
    this.reset(undefined, schema);
  }

  /** @returns the bytes since the last call; the batch may change afterwards */
  encode(batch: RecordBatch): Uint8Array {
    this.write(batch);
    return this.#take();
  }

  end(): Uint8Array {
    this.close();
    return this.#take();
  }

  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }

  protected override _write(chunk: Parameters<RecordBatchFileWriter['_write']>[0]): this {
    if (!this._started) return this;
    const { buffer, byteOffset, byteLength } = chunk as ArrayBufferView;
    this.#chunks.push(new Uint8Array(buffer, byteOffset, byteLength));
    this._position += byteLength;
    return this;
  }

  #take(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }
}

/**
 * The streaming format within a file. The library reads a file with a magic only as a whole.
 * @throws RangeError when there is no magic
 */
export async function* withoutMagic(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) {
      const magic = Buffer.from(chunk.subarray(0, MAGIC.length)).toString('latin1');
      if (magic !== MAGIC) throw new RangeError('no Arrow file');
      yield chunk.subarray(MAGIC_LENGTH);
    } else yield chunk;
    isFirst = false;
  }
}
