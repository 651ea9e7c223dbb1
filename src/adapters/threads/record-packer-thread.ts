import { packRecords, type PackedRecords } from '../../domain/log/packed-records.ts';
import { createRatingRecords } from '../../domain/log/rating-record.ts';
import { answerCalls } from '../../forest/threads/kept-thread.ts';
import type { PackRequest } from './record-packer.ts';

answerCalls(
  ({ form: { run, split, schema, schemaId }, rows }: PackRequest): PackedRecords =>
    packRecords(createRatingRecords(run, split, schema, schemaId), rows),
  ({ bytes, ends }) => [bytes.buffer, ends.buffer],
);
