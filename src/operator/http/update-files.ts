import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ApiFailure } from './errors.ts';
import { sendFailure } from './errors.ts';

/** Side by side: a fleet that comes at once is told to come again, and its charges have the line. */
export const updateTransfersMax = 64;
const partPattern = /^(?!\.)[A-Za-z0-9._%-]{1,200}$/;
const depthMax = 6;

const notThere: ApiFailure = { code: 'not_found', message: 'no such file' };

/**
 * Serves a folder of releases below /updates: `metadata` and `targets`, to anybody: all of it is signed, and nothing of it is
 * secret. Whole files, or what is behind the first bytes. Names are looked at part by part before they become a path.
 */
export function serveUpdates(app: FastifyInstance, folder: string): void {
  let transfers = 0;
  app.get('/updates/*', async (request, reply) => {
    const [path = ''] = request.url.slice('/updates/'.length).split('?');
    const parts = path.split('/');
    const isName = parts.length <= depthMax && parts.every((part) => partPattern.test(part));
    if (!isName || !['metadata', 'targets'].includes(parts[0] ?? '')) return sendFailure(reply, notThere);
    if (transfers >= updateTransfersMax) {
      void reply.header('retry-after', '60');
      return sendFailure(reply, { code: 'unavailable', message: 'many ask at once' });
    }
    transfers += 1;
    reply.raw.once('close', () => (transfers -= 1));
    return sendFile(reply, join(folder, ...parts.map(decodeURIComponent)), request.headers.range);
  });
}

async function sendFile(reply: FastifyReply, path: string, range: string | undefined): Promise<FastifyReply> {
  const file = await open(path, 'r').catch(() => null);
  const about = await file?.stat();
  if (file === null || about?.isFile() !== true) {
    await file?.close();
    return sendFailure(reply, notThere);
  }
  const [, first] = /^bytes=(\d{1,15})-$/.exec(range ?? '') ?? [];
  const start = Number(first ?? 0);
  void reply.header('accept-ranges', 'bytes').type('application/octet-stream');
  if (first !== undefined && start >= about.size) {
    await file.close();
    return reply.code(416).header('content-range', `bytes */${about.size}`).send();
  }
  void reply.header('content-length', about.size - start);
  if (first !== undefined)
    void reply.code(206).header('content-range', `bytes ${start}-${about.size - 1}/${about.size}`);
  if (about.size === 0) {
    await file.close();
    return reply.send('');
  }
  return reply.send(file.createReadStream({ start }));
}
