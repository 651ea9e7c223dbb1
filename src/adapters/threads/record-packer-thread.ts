import { packRecords, type PackedRecords } from '../../domain/log/packed-records.ts';
import { answerCalls } from '../../forest/threads/kept-thread.ts';
import type { PackRequest } from './record-packer.ts';

answerCalls(
  ({ form, rows }: PackRequest): PackedRecords => packRecords(form, rows),
  ({ bytes, ends }) => [bytes.buffer, ends.buffer],
);
