import { utilityProcess } from 'electron';
import type { Logger } from '../shared/util/logger.ts';
import type { HostProcess } from './devices/device-host.ts';

/** Starts the device host, a process of its own, from its built script. */
export function spawnDeviceHost(script: string, logger: Logger): HostProcess {
  const child = utilityProcess.fork(script, [], {
    serviceName: 'Kaimen devices',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    logger.warn('host.stderr', { text: chunk.toString().slice(0, 500) });
  });
  return {
    postMessage: (message) => {
      child.postMessage(message);
    },
    kill: () => {
      // A host that hangs in a native library does not hear SIGTERM, which `child.kill()` sends.
      if (child.pid !== undefined) killProcess(child.pid);
    },
    onMessage: (listener) => {
      child.on('message', listener);
    },
    onExit: (listener) => {
      child.on('exit', listener);
    },
  };
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
