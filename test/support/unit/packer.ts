import type { RecordPacker } from '../../../src/activities/log/record-packer.ts';
import { packRecords } from '../../../src/domain/log/packed-records.ts';
import { createRatingRecords } from '../../../src/domain/log/rating-record.ts';

/** Without a thread. */
export const packer: RecordPacker = {
  pack: async ({ run, split, schema, schemaId }, rows) =>
    packRecords(createRatingRecords(run, split, schema, schemaId), rows),
};
