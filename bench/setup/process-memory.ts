import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface ProcessMemory {
  readonly bytes: number;
  readonly peakBytes: number;
}

/** The most memory that this process has had. Not `maxRSS`, which on Linux starts with the peak of the parent process. */
export function peakBytes(): number {
  if (!existsSync(statusFile('self'))) return process.resourceUsage().maxRSS * 1024;
  return memoryOf('self').peakBytes;
}

/** NaN where the system does not say. */
export function memoryOf(pid: number | 'self'): ProcessMemory {
  const file = statusFile(pid);
  const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const bytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? NaN) * 1024;
  return { bytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
}

/** Sets the peak to what the process has now. */
export function forgetPeak(pid: number): void {
  const file = `/proc/${pid}/clear_refs`;
  if (existsSync(file)) writeFileSync(file, '5');
}

function statusFile(pid: number | 'self'): string {
  return `/proc/${pid}/status`;
}
