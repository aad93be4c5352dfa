import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LauncherState, type SlotName, launcherFiles } from '../shared/launcher.ts';
import { makeScratchFolder } from '../testkit/scratch-folder.ts';
import { launch } from './launcher.ts';
import { readState, writeState } from './state.ts';

let root: string;
let remove: () => void;
beforeEach(() => {
  const scratch = makeScratchFolder();
  [root, remove] = [scratch.path, scratch.remove];
  const settings = { shortRunsMax: 2, backoffFirstMs: 1, backoffMaxMs: 1 };
  writeFileSync(join(root, launcherFiles.settings), JSON.stringify(settings));
});
afterEach(() => {
  remove();
});

/** A version that is one shell script. */
function fill(slot: SlotName, version: string, script: string): void {
  const folder = join(root, 'slots', slot);
  mkdirSync(folder, { recursive: true });
  const text = `#!/bin/sh\n${script}\n`;
  writeFileSync(join(folder, 'app'), text, { mode: 0o755 });
  const sha256 = createHash('sha256').update(text).digest('hex');
  const files = [{ path: 'app', sha256, size: text.length, isExecutable: true }];
  writeFileSync(
    join(folder, launcherFiles.slot),
    JSON.stringify({ format: 1, version, start: 'app', files }),
  );
}
/** Ends as a bug does, and in order the fourth time. */
const fails = 'echo x >> ../../runs; [ $(wc -l < ../../runs) -ge 4 ] || exit 70';
const state: LauncherState = {
  ...{ format: 1, current: 'b', previous: 'a', previousVersion: '1.0.0', trying: null, ended: [] },
};
async function started(): Promise<string[]> {
  const said: string[] = [];
  expect(await launch(root, (text) => said.push(text))).toBe(0);
  return said.filter((text) => text.startsWith('starting')).map((text) => text.split(' ')[1] ?? '');
}

it('a version that ends again and again is left for the one before', async () => {
  fill('a', '1.0.0', 'exit 0');
  fill('b', '2.0.0', fails);
  writeState(root, state);
  expect(await started()).toEqual(['2.0.0', '2.0.0', '1.0.0']);
  expect(readState(root)).toMatchObject({ current: 'a', previous: null });
});

it('not for what waits in the other slot for its order: nobody has tried it', async () => {
  fill('a', '3.0.0', 'exit 0');
  fill('b', '2.0.0', fails);
  writeState(root, state);
  expect(await started()).toEqual(['2.0.0', '2.0.0', '2.0.0', '2.0.0']);
  expect(readState(root)).toMatchObject({ current: 'b' });
});

it('the word of a version that was tried says nothing of what was put in its place since', async () => {
  fill('a', '1.0.0', 'exit 0');
  fill('b', '3.0.0', 'exit 0');
  const trying = { id: '1', slot: 'b', version: '2.0.0', tries: 1 } as const;
  writeState(root, { ...state, current: 'a', previous: null, previousVersion: null, trying });
  writeFileSync(join(root, launcherFiles.health), JSON.stringify({ order: '1', phase: 'healthy' }));
  expect(await started()).toEqual(['1.0.0']);
  expect(readState(root)).toMatchObject({ current: 'a', trying: null, ended: [{ end: 'refused' }] });
});

it('a version that says that it cannot run here is left at once, and only started once', async () => {
  fill('a', '1.0.0', 'exit 0');
  const says = `echo '{"order":"1","phase":"unfit","why":"profile: robot"}' > ../../health.json`;
  fill('b', '2.0.0', `${says}; exec sleep 600`);
  const trying = { id: '1', slot: 'b', version: '2.0.0', tries: 0 } as const;
  writeState(root, { ...state, current: 'a', previous: null, previousVersion: null, trying });
  expect(await started()).toEqual(['2.0.0', '1.0.0']);
  expect(readState(root)).toMatchObject({ current: 'a', trying: null, ended: [{ id: '1', end: 'unfit' }] });
});

it('said right before a power cut it counts as well: it is not started again', async () => {
  fill('a', '1.0.0', 'exit 0');
  fill('b', '2.0.0', 'exec sleep 600');
  const trying = { id: '1', slot: 'b', version: '2.0.0', tries: 1 } as const;
  writeState(root, { ...state, current: 'a', previous: null, previousVersion: null, trying });
  writeFileSync(join(root, launcherFiles.health), JSON.stringify({ order: '1', phase: 'unfit' }));
  expect(await started()).toEqual(['1.0.0']);
  expect(readState(root)).toMatchObject({ ended: [{ end: 'unfit' }] });
});

it('the ends of the version before do not count against the new one', async () => {
  const once = '[ $(wc -l < ../../runs) -eq';
  const order = { id: '1', slot: 'b', version: '2.0.0' };
  fill('a', '1.0.0', `echo x >> ../../runs; echo '${JSON.stringify(order)}' > ../../order.json; exit 70`);
  const says = `echo '{"order":"1","phase":"healthy"}' > ../../health.json`;
  const counts = `${says}; until grep -q committed ../../state.json; do sleep 0.05; done`;
  fill('b', '2.0.0', `echo x >> ../../runs; ${once} 2 ] || exit 0; ${counts}; exit 70`);
  writeState(root, { ...state, current: 'a', previous: null, previousVersion: null });
  expect(await started()).toEqual(['1.0.0', '2.0.0', '2.0.0']);
  expect(readState(root)).toMatchObject({ current: 'b' });
});
