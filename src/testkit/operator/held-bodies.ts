import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { requestReceiveTimeoutMs } from '../../operator/limits.ts';

export interface HeldBodies {
  /** How many were asked to come again: from then on there is no more room than they hold. */
  readonly refusedCount: () => number;
  /** Lets all of them go. */
  readonly end: () => void;
}

/**
 * Requests of which the head comes and the body never does, so many at a time: whoever is cut off comes again at once.
 * `app` listens on a port of this machine, and waits for bodies as long as in production.
 */
export function holdBodies(app: FastifyInstance, head: () => readonly string[], count: number): HeldBodies {
  app.server.headersTimeout = requestReceiveTimeoutMs;
  app.server.requestTimeout = requestReceiveTimeoutMs;
  const [address] = app.addresses() as AddressInfo[];
  const open = new Set<Socket>();
  let [isEnded, refusedCount] = [false, 0];
  const hold = (): void => {
    const socket = connect(address?.port ?? 0, '127.0.0.1');
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      if (!isEnded) hold();
    });
    socket.on('data', (answer) => {
      if (answer.toString().startsWith('HTTP/1.1 429 ')) refusedCount += 1;
    });
    socket.write(`${head().join('\r\n')}\r\n\r\n`);
  };
  for (let i = 0; i < count; i++) hold();
  return {
    refusedCount: () => refusedCount,
    end: () => {
      isEnded = true;
      for (const socket of open) socket.destroy();
    },
  };
}
