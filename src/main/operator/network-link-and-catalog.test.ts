import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock, sleep } from '../../shared/clock.ts';
import { catalogSchema } from '../../shared/model/catalog.schema.ts';
import type { Catalog } from '../../shared/model/catalog.schema.ts';
import { fail, ok } from '../../shared/result.ts';
import type { Result } from '../../shared/result.ts';
import type { CachedCatalog } from '../storage/catalog-store.ts';
import { CatalogSync } from './catalog-sync.ts';
import { NetworkLinkMonitor, overloadedProbeMaxMs } from './network-link-monitor.ts';
import type { CatalogAnswer, Reachability, OperatorFailure } from './operator-client.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

/** A network that is there, refuses, or swallows everything; `health` behaves as the real client does. */
class FakeNetwork {
  state: 'up' | 'refuses' | 'swallows' | 'portal' | 'bad key' | 'overloaded' = 'up';
  probeCount = 0;
  forgotten = 0;
  listener: (contact: Reachability) => void = () => undefined;

  async health(): Promise<Result<null, OperatorFailure>> {
    this.probeCount++;
    // A packet that is swallowed stays swallowed when the network comes back.
    if (this.state === 'swallows') {
      await sleep(clock, 1500);
      return this.#end(fail('network.timeout', 'x'), 'unreachable');
    }
    await sleep(clock, 30);
    if (this.state === 'up') return this.#end(ok(null), 'reachable');
    if (this.state === 'bad key') return this.#end(fail('operator.unauthenticated', 'x'), 'reachable');
    if (this.state === 'overloaded') return this.#end(fail('operator.unavailable', 'x'), 'unclear');
    if (this.state === 'portal') return this.#end(fail('operator.garbage', 'x'), 'unclear');
    return this.#end(fail('network.unreachable', 'x'), 'unreachable');
  }
  #end(result: Result<null, OperatorFailure>, contact: Reachability): Result<null, OperatorFailure> {
    this.listener(contact);
    return result;
  }
  onReachability(listener: (contact: Reachability) => void): () => void {
    this.listener = listener;
    return () => (this.listener = () => undefined);
  }
  forgetConnections(): void {
    this.forgotten++;
  }
}

describe('the link', () => {
  const make = () => {
    const network = new FakeNetwork();
    const link = new NetworkLinkMonitor({ client: network, clock });
    const changes: boolean[] = [];
    link.onChange((online) => changes.push(online));
    return { network, link, changes };
  };

  test('says how long the operator took to answer, while it is heard', async () => {
    const { network, link } = make();
    expect(link.answerMs).toBeNull();
    link.start();
    await clock.advance(1_000);
    expect(link.answerMs).toBe(30);
    network.state = 'refuses';
    await clock.advance(15_100);
    expect(link.answerMs).toBeNull();
    link.stop();
  });

  test('online once the operator has answered; then a look every 15 s', async () => {
    const { network, link, changes } = make();
    expect(link.isOnline()).toBe(false);
    link.start();
    await clock.advance(50);
    expect(changes).toEqual([true]);
    await clock.advance(60_000);
    expect(network.probeCount).toBe(5);
    expect(changes).toEqual([true]);
  });

  for (const trouble of ['refuses', 'swallows', 'portal'] as const) {
    test(`${trouble}: noticed, and the return within 1.1 s, whenever it comes`, async () => {
      for (const goneMs of [20_000, 20_250, 20_500, 20_999, 3_600_000]) {
        const { network, link, changes } = make();
        link.start();
        await clock.advance(100);
        network.state = trouble;
        await clock.advance(goneMs);
        expect(changes).toEqual([true, false]);
        expect(network.forgotten).toBe(1);
        network.state = 'up';
        await clock.advance(1100);
        expect(changes).toEqual([true, false, true]);
        // The probes that were swallowed end later and change nothing.
        await clock.advance(10_000);
        expect(changes).toEqual([true, false, true]);
        link.stop();
      }
    });
  }

  test('an operator that cannot is asked ever more rarely; its return is noticed all the same', async () => {
    const { network, link } = make();
    network.state = 'overloaded';
    link.start();
    await clock.advance(3_600_000);
    expect(network.probeCount).toBeLessThan(3_600_000 / (overloadedProbeMaxMs / 2));
    network.state = 'up';
    await clock.advance(overloadedProbeMaxMs + 100);
    expect(link.isOnline()).toBe(true);
    // And the next silence is looked into each second again.
    network.state = 'refuses';
    await clock.advance(20_000);
    const before = network.probeCount;
    await clock.advance(10_000);
    expect(network.probeCount - before).toBeGreaterThanOrEqual(9);
  });

  test('silence that another call meets is looked into at once', async () => {
    const { network, link } = make();
    link.start();
    await clock.advance(1000);
    network.state = 'refuses';
    network.listener('unreachable');
    await clock.advance(50);
    expect(link.isOnline()).toBe(false);
    network.listener('reachable');
    expect(link.isOnline()).toBe(true);
  });

  test('cut off: only once it was looked, and only where nobody answers', async () => {
    const { network, link } = make();
    expect(link.isCutOff()).toBe(false);
    network.state = 'refuses';
    link.start();
    await clock.advance(100);
    expect(link.isCutOff()).toBe(true);
    network.state = 'up';
    await clock.advance(1100);
    expect(link.isCutOff()).toBe(false);
    network.state = 'overloaded';
    await clock.advance(20_000);
    expect([link.isOnline(), link.isCutOff()]).toEqual([false, false]);
    network.state = 'swallows';
    await clock.advance(30_000);
    expect(link.isCutOff()).toBe(true);
  });

  test('a refused key is no matter of the link', async () => {
    const { network, link } = make();
    network.state = 'bad key';
    link.start();
    await clock.advance(100);
    expect(link.isOnline()).toBe(true);
  });

  test('stop ends all of it', async () => {
    const { network, link, changes } = make();
    link.start();
    link.stop();
    await clock.advance(60_000);
    expect(network.probeCount).toBe(1);
    expect(changes).toEqual([]);
  });
});

describe('the catalogue', () => {
  const catalog = (version: string): Catalog =>
    catalogSchema.parse({
      version,
      currency: 'CNY',
      products: [
        { sku: 'tea', name: { zh: '茶', en: 'Tea' }, priceMinor: 500, weightG: 500, picture: 'tea' },
      ],
      tags: [],
    });
  let stored: CachedCatalog | null;
  let asked: (string | null)[];
  let saveCount: number;
  let next: () => Result<CatalogAnswer, OperatorFailure>;
  let storageWorks: boolean;

  beforeEach(() => {
    stored = null;
    asked = [];
    saveCount = 0;
    storageWorks = true;
    next = () => fail('network.unreachable', 'x');
  });
  const make = () => {
    const sync = new CatalogSync({
      store: {
        load: () => (storageWorks ? ok(stored) : fail('storage.io', 'x')),
        save: (cached) => {
          saveCount++;
          if (storageWorks) stored = cached;
          return storageWorks ? ok() : fail('storage.io', 'x');
        },
      },
      client: {
        catalog: (etag) => {
          asked.push(etag);
          return Promise.resolve(next());
        },
      },
      clock,
    });
    const versions: string[] = [];
    sync.onChange((c) => versions.push(c.version));
    return { sync, versions };
  };

  test('the stored one serves at once, the operator is asked with its ETag', async () => {
    stored = { etag: '"1"', catalog: catalog('1') };
    const { sync, versions } = make();
    sync.start();
    expect(sync.current()?.version).toBe('1');
    next = () => ok({ changed: false });
    await clock.advance(60_000);
    next = () => ok({ changed: true, etag: '"2"', catalog: catalog('2') });
    await clock.advance(60_000);
    expect(versions).toEqual(['1', '2']);
    expect(asked).toEqual(['"1"', '"1"', '"1"']);
    expect(stored).toEqual({ etag: '"2"', catalog: catalog('2') });
  });

  test('without one it is asked for every 2 s; waking it asks at once', async () => {
    const { sync, versions } = make();
    sync.start();
    await clock.advance(9000);
    expect(asked).toHaveLength(5);
    next = () => ok({ changed: true, etag: null, catalog: catalog('1') });
    sync.wake();
    await clock.advance(1);
    expect(versions).toEqual(['1']);
    // No ETag: the same again is neither stored nor told.
    await clock.advance(600_000);
    expect(versions).toEqual(['1']);
    expect(saveCount).toBe(1);
    sync.stop();
    await clock.advance(600_000);
    expect(asked).toHaveLength(16);
  });

  test('storage that fails costs the cache, not the catalogue', async () => {
    storageWorks = false;
    next = () => ok({ changed: true, etag: null, catalog: catalog('1') });
    const { sync } = make();
    sync.start();
    await clock.advance(1);
    expect(sync.current()?.version).toBe('1');
  });
});
