import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { OperatorHarness } from './harness.ts';
import type { TestStorage } from './storages.ts';
import { openTimeoutMs, storagesUnderTest } from './storages.ts';

/** Runs the same tests on PGlite and on PostgreSQL, each test on an empty database with a harness of its own. */
export function onEachStorage(name: string, tests: (harness: () => OperatorHarness) => void): void {
  describe.each(storagesUnderTest())(`${name} on $name`, ({ open }) => {
    let store: TestStorage;
    let harness: OperatorHarness;
    beforeAll(async () => {
      store = await open();
    }, openTimeoutMs);
    afterAll(() => store.close());
    beforeEach(async () => {
      await store.empty();
      harness = await OperatorHarness.make(store.storage.db);
    });
    afterEach(() => harness.close());
    tests(() => harness);
  });
}
