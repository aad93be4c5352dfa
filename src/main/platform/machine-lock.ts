import { connect, createServer } from 'node:net';

/** Of an installed app: whoever has this name is the one that runs on this machine. */
export const machineName = 'kaimen-kiosk';

/**
 * Makes this program the only one of this name on this machine, whoever started it and on whichever data folder: two would fight
 * for the lock and the readers. It listens on an abstract socket of Linux (unix(7)), which is no file and which the kernel
 * takes away with the program, however that ends. False: another one has it, and hears `onSecond`. On other systems nothing
 * is held, and the answer is true.
 */
export function holdMachine(name: string, onSecond: () => void): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    const path = `\0${name}`;
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.destroy();
      onSecond();
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') {
        reject(error);
        return;
      }
      const call = connect(path, () => resolve(false));
      // It ends just now, or does not listen: it has the name all the same.
      call.once('error', () => resolve(false));
      call.once('connect', () => call.destroy());
    });
    server.listen(path, () => {
      // Held as long as the program runs, and no reason for it to run on.
      server.unref();
      resolve(true);
    });
  });
}
