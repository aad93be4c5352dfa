import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { onAnsweredOrGone } from './answered.ts';
import type { ApiFailure } from './errors.ts';
import { sendFailure } from './errors.ts';
import { originOf, sharedAddresses } from './origin.ts';
import { type Bound, Places } from './places.ts';

/**
 * Side by side: a fleet that comes at once is told to come again, and its charges have the line. Whoever does not read what they
 * have asked for holds no more than the share of a connection, an address (unless it is many people's), a network.
 */
export const updateTransfersMax = 64;
const ofNetworkMax = 32;
const ofAddressMax = 16;
const ofConnectionMax = 2;
/** What a release has in its names (updates/release). An address spells none of them in another way, so nothing is decoded. */
const partPattern = /^(?!\.)[A-Za-z0-9._-]{1,200}$/;
const depthMax = 6;

const notThere: ApiFailure = { code: 'not_found', message: 'no such file' };

/**
 * Serves a folder of releases below /updates: `metadata` and `targets`, to anybody: all of it is signed, and nothing of it is
 * secret. Whole files, or what is behind the first bytes. Names are looked at part by part before they become a path.
 */
export function serveUpdates(app: FastifyInstance, folder: string, proxies: readonly string[] = []): void {
  const transfers = new Transfers(proxies);
  app.get('/updates/*', async (request, reply) => {
    const [path = ''] = request.url.slice('/updates/'.length).split('?');
    const parts = path.split('/');
    const isName = parts.length <= depthMax && parts.every((part) => partPattern.test(part));
    if (!isName || !['metadata', 'targets'].includes(parts[0] ?? '')) return sendFailure(reply, notThere);
    const giveBack = transfers.take(request);
    if (giveBack === null) {
      void reply.header('retry-after', '60');
      return sendFailure(reply, { code: 'unavailable', message: 'many ask at once' });
    }
    onAnsweredOrGone(reply, giveBack);
    return sendFile(reply, join(folder, ...parts), request.headers.range);
  });
}

/** What is under way. */
class Transfers {
  readonly #isShared: (address: string) => boolean;
  readonly #places = new Places();

  constructor(proxies: readonly string[]) {
    this.#isShared = sharedAddresses(proxies);
  }

  /** What gives the room back; null: there is none. */
  take({ ip, raw: { socket } }: FastifyRequest): (() => void) | null {
    const { address, network } = originOf(ip);
    const bounds: Bound[] = [
      ['all', updateTransfersMax],
      [socket, ofConnectionMax],
    ];
    if (!this.#isShared(address))
      bounds.push([`address ${address}`, ofAddressMax], [`network ${network}`, ofNetworkMax]);
    return this.#places.take(bounds);
  }
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
