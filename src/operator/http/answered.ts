import type { FastifyReply } from 'fastify';

/**
 * Calls `listener` once: when the answer is out, or nobody is there any more to take it; at once where that has happened
 * already, as it may while the database is asked: its event is then over, and no other comes. An answer that waits behind
 * others of its connection is told nothing when that ends, so the connection itself is heard, too.
 */
export function onAnsweredOrGone(reply: FastifyReply, listener: () => void): void {
  const { raw } = reply;
  const { socket } = reply.request.raw;
  if (raw.writableFinished || raw.closed || socket.destroyed) {
    listener();
    return;
  }
  const end = (): void => {
    raw.off('finish', end);
    raw.off('close', end);
    socket.off('close', end);
    listener();
  };
  raw.once('finish', end);
  raw.once('close', end);
  socket.once('close', end);
}
