import { existsSync, readFileSync } from 'node:fs';

const STATUS_FILE = '/proc/self/status';

/** The most memory that this process has had. Not `maxRSS`, which on Linux starts with the peak of the parent process. */
export function peakBytes(): number {
  if (!existsSync(STATUS_FILE)) return process.resourceUsage().maxRSS * 1024;
  const kibibytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(STATUS_FILE, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}
