import dns from 'node:dns';
import type { LookupFunction } from 'node:net';

type Waiting = Parameters<LookupFunction>[2];

/** Who waits for the answer about one host; beyond that the one that has waited longest is told that there is none. */
export const lookupWaitingMax = 32;

const underWay = new Map<string, Waiting[]>();

/**
 * `dns.lookup` for the sockets of this process, one under way per host: all who ask meanwhile get its answer. A lookup cannot
 * be called off, and two at a time are worked on in a process: with a name server that hangs, those of sockets given up long
 * since would stand before those that somebody waits for. It has no time-out: whoever connects has one of their own.
 */
export const sharedLookup: LookupFunction = (host, options, done) => {
  const key = JSON.stringify([host, options.family, options.hints, options.all]);
  const others = underWay.get(key);
  if (others !== undefined) {
    others.push(done);
    if (others.length > lookupWaitingMax) others.shift()?.(noAnswer(host), '');
    return;
  }
  const waiting = [done];
  dns.lookup(host, options, (error, address, family) => {
    underWay.delete(key);
    for (const one of waiting) one(error, address, family);
  });
  underWay.set(key, waiting);
};

function noAnswer(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no answer yet about the name ${host}`), { code: dns.TIMEOUT });
}
