import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { Rig } from './rig.ts';
import type { TestStorage } from './storages.ts';
import { storagesUnderTest } from './storages.ts';

/** Runs the same tests on PGlite and on PostgreSQL, each test on an empty database with a rig of its own. */
export function onEachStorage(name: string, tests: (rig: () => Rig) => void): void {
  describe.each(storagesUnderTest())(`${name} on $name`, ({ open }) => {
    let store: TestStorage;
    let rig: Rig;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());
    beforeEach(async () => {
      await store.empty();
      rig = await Rig.make(store.storage.db);
    });
    afterEach(() => rig.close());
    tests(() => rig);
  });
}
