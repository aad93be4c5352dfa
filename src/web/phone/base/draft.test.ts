import { expect, it } from 'vitest';
import type { ReportDraft } from './draft.ts';
import { readDraft, removeDraft, removeDraftsBut, reportText, withoutTaken, writeDraft } from './draft.ts';
import { MemoryStore } from './store.ts';

const draft: ReportDraft = {
  disputeId: 'D1',
  skus: ['A'],
  kind: 'price',
  words: 'too dear',
  isTaken: false,
  photosLeft: null,
  photos: ['data:image/jpeg;base64,AAAA'],
};

it('is there again after the page was closed, and gone when it was sent', () => {
  const store = new MemoryStore();
  expect(readDraft(store, 'm', 'c')).toBeNull();
  expect(writeDraft(store, 'm', 'c', draft)).toBe(true);
  expect(readDraft(store, 'm', 'c')).toEqual(draft);
  removeDraft(store, 'm', 'c');
  expect(readDraft(store, 'm', 'c')).toBeNull();
});

it('says when the phone has no room for it, and is no draft when it cannot be read', () => {
  const store = new MemoryStore();
  store.setItem = () => {
    throw new DOMException('full', 'QuotaExceededError');
  };
  expect(writeDraft(store, 'm', 'c', draft)).toBe(false);
  const damaged = new MemoryStore();
  for (const text of ['{', '1', '{}', '{"disputeId":"D","skus":[1],"photos":[]}']) {
    damaged.setItem('kaimen-report:m:c', text);
    expect(readDraft(damaged, 'm', 'c'), text).toBeNull();
  }
});

it('is left to nobody who has the phone next', () => {
  const store = new MemoryStore();
  store.setItem('kaimen-language', 'en');
  for (const member of ['a', 'b']) writeDraft(store, member, 'c', draft);
  removeDraftsBut(store, 'b');
  expect([readDraft(store, 'a', 'c'), readDraft(store, 'b', 'c')]).toEqual([null, draft]);
  removeDraftsBut(store, null);
  expect(readDraft(store, 'b', 'c')).toBeNull();
  expect(store.getItem('kaimen-language')).toBe('en');
});

it('sends no picture twice whose answer was lost', () => {
  const photos = ['1', '2', '3'];
  expect(withoutTaken({ ...draft, photos, photosLeft: 3 }, 2)).toMatchObject({
    photos: ['2', '3'],
    photosLeft: 2,
  });
  expect(withoutTaken({ ...draft, photos, photosLeft: 3 }, 3).photos).toEqual(photos);
  // Looked at by staff meanwhile, or never known: nothing is taken for sent.
  expect(withoutTaken({ ...draft, photos, photosLeft: null }, 0).photos).toEqual(photos);
});

it('says what kind of fault it is, then the words, never more than may be sent', () => {
  expect(reportText('价格不对', ' 贵了 ', 500)).toBe('价格不对: 贵了');
  expect(reportText(null, 'x', 500)).toBe('x');
  expect(reportText('价格不对', '', 500)).toBe('价格不对');
  expect(reportText(null, '', 500)).toBe('');
  expect(reportText('k', 'y'.repeat(600), 500)).toHaveLength(500);
});
