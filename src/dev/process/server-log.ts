import { open, rename } from 'node:fs/promises';

const TAIL_BYTES = 4096;
const TAIL_LINES = 15;

/** Each process starts a new log, so that its tail is about this start. The previous log stays beside it. */
export async function keepPreviousLog(logFile: string): Promise<void> {
  // At the first start there is none.
  await rename(logFile, `${logFile}.previous`).catch(() => undefined);
}

export async function readLogTail(logFile: string): Promise<string> {
  const file = await open(logFile);
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(TAIL_BYTES), position: start });
    return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } finally {
    await file.close();
  }
}
