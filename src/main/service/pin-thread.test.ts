import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { pinHashing } from '../../shared/model/service.ts';
import { silentLogger } from '../../shared/util/logger.ts';
import { immediatePinTagger } from '../../testkit/main/service/pin-tagger.ts';
import { PinHasher } from './pin-hasher.ts';
import { PinThread } from './pin-thread.ts';

const thread = new PinThread(new URL('pin-worker.ts', import.meta.url), silentLogger);
afterAll(() => thread.stop());

test('the thread of the product makes what Node’s own Argon2id makes, which the operator uses', async () => {
  for (const pin of ['580213', '73920164', '000000000000', '']) {
    const salt = randomBytes(pinHashing.saltBytes);
    const tag = await thread.tag(pin, salt);
    // An empty text is no PIN, and the library refuses it.
    expect(tag === null ? null : Buffer.from(tag).toString('hex')).toBe(
      pin === '' ? null : Buffer.from((await immediatePinTagger.tag(pin, salt)) ?? '').toString('hex'),
    );
  }
});

test('a thread that dies answers nobody "yes", and the next try has a new one', async () => {
  const hasher = new PinHasher(thread);
  const kept = await hasher.hash('580213');
  const waiting = hasher.isIt('580213', kept);
  await thread.stop();
  expect(await waiting).toBeNull();
  expect(await hasher.isIt('580213', kept)).toBe(true);
  expect(await hasher.isIt('580214', kept)).toBe(false);
  expect(await hasher.isIt('580213', null)).toBe(false);
});
