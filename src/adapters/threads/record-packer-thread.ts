import type { PackedRecords } from '../../domain/log/packed-records.ts';
import { answerCalls } from '../../forest/threads/kept-thread.ts';
import { packHere } from './record-packer.ts';

answerCalls(packHere, ({ bytes, ends }: PackedRecords) => [bytes.buffer, ends.buffer]);
