import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import type { MachineState } from '../../core/service/self-test.ts';

/** Room on the disk that has the data folder, and memory. */
export async function readMachineState(dataDir: string): Promise<MachineState> {
  const disk = await statfs(dataDir).catch(() => null);
  return {
    // A disk that does not say is as good as full.
    diskFreeBytes: disk === null ? 0 : disk.bavail * disk.bsize,
    memoryFreeBytes: freemem(),
    appBytes: process.memoryUsage().rss,
  };
}
