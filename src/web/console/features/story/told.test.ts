import { describe, expect, it } from 'vitest';
import type { StoryEntry } from '../../../../shared/console/work.schema.ts';
import { en } from '../../i18n/en.ts';
import { zh } from '../../i18n/zh.ts';
import { shownOf, toldOf } from './told.ts';

const entry = (type: StoryEntry['type'], what: string, detail = '', actor: string | null = null) =>
  ({ atMs: 1, type, what, detail, amountMinor: null, actor }) satisfies StoryEntry;
const goods = { lines: [], heldLines: [] };
const inBoth = (of: StoryEntry): string[] =>
  [zh, en].map((words, place) => {
    const { what, more } = toldOf(of, words, goods, place === 0 ? 'zh' : 'en');
    return `${what} | ${more}`;
  });

describe('what a story tells', () => {
  it('tells a report, an arrival and a decision once', () => {
    const decided = JSON.stringify({ by: 'anna', decision: 'debit', amountMinor: 5, reason: 'seen' });
    const story = [
      entry('received', ''),
      entry('charge_event', 'received', 'a1b2'),
      entry('dispute', 'cola-can'),
      entry('charge_event', 'disputed', 'DP1: due 0'),
      entry('charge_event', 'resolved', decided),
      entry('act', 'debit', 'seen', 'anna'),
    ];
    expect(shownOf(story).map(({ type }) => type)).toEqual(['received', 'dispute', 'act']);
    // Of a decision that no act tells (made at the server) the event does.
    expect(shownOf(story.slice(0, 5)).map(({ type }) => type)).toEqual([
      'received',
      'dispute',
      'charge_event',
    ]);
  });

  it('has no word of the programs in it', () => {
    const raw = [
      entry('debit_attempt', 'debit', 'fake: paid'),
      entry('debit_attempt', 'query', 'fake: unanswered, 3 times'),
      entry('order', 'open', 'fake'),
      entry('charge_event', 'debit_leased', 'query first'),
      entry('charge_event', 'conflict', 'body 0f3a after another'),
      entry('incident', 'charge_conflict', 'body 0f3a after another'),
      entry('charge_event', 'declined', 'account.insufficient_funds, never again by itself'),
      entry('charge_event', 'refunded', JSON.stringify({ refundId: 'RF1', amountMinor: 350 })),
      entry('charge_event', 'made_by_hand', JSON.stringify({ by: 'anna', reason: '录像看过' })),
      entry('notice', 'message_sorry', ''),
      entry('notice', 'charged_by_hand', ''),
    ];
    for (const one of raw) {
      const [chinese, english] = inBoth(one);
      expect(chinese?.replace('anna', '')).not.toMatch(/[a-z]/i);
      expect(english).not.toMatch(/fake|\{|body|query first|_/);
    }
  });

  it('tells once that money has gone back', () => {
    const event = entry('charge_event', 'refunded', JSON.stringify({ refundId: 'RF1', amountMinor: 350 }));
    const all = [
      event,
      entry('refund', 'refunded', ''),
      entry('incident_closed', 'refund_due', 'paid back by itself: 350, refund RF1'),
    ];
    expect(shownOf(all)).toEqual([event]);
    const underWay = entry('refund', 'pending', '');
    expect(shownOf([underWay])).toEqual([underWay]);
  });

  it('says what the shelf reported in words, with the names of the goods', () => {
    const shelf = (what: string, detail: object): StoryEntry => entry('shelf', what, JSON.stringify(detail));
    const cola = { ...goods, lines: [{ sku: 'cola', name: { zh: '可乐', en: 'Cola' } }] } as never;
    const lines = shelf('lines', {
      taken: [
        { sku: 'cola', quantity: 2 },
        { sku: null, quantity: 1 },
      ],
      added: [],
    });
    expect(toldOf(lines, en, cola, 'en').more).toBe('Taken: 2 × Cola, 1 × goods without a name');
    expect(toldOf(lines, zh, cola, 'zh').more).toBe('取走：2 × 可乐, 1 × 没有名称的商品');
    expect(inBoth(shelf('tags_silent', { count: 2, heard: 36 }))).toEqual([
      '有标签读不到了 | 2 个；现在读到 36 个',
      'Tags fell silent | 2; 36 are heard now',
    ]);
    expect(inBoth(shelf('weight', { lane: 2, milligrams: null }))[1]).toBe(
      'A shelf’s weight changed | Lane 2: no weight',
    );
    expect(inBoth(shelf('lines', { taken: [], added: [] }))[1]).toBe('The screen showed | Nothing taken');
    const picture = shelf('picture_before', { device: 'shelf-1', jpeg: '/9j/AAAA' });
    expect(inBoth(picture)).toEqual([
      '开门前的货架照片 | shelf-1',
      'The shelf before the door opened | shelf-1',
    ]);
    expect(toldOf(picture, en, cola, 'en').jpeg).toBe('/9j/AAAA');
    // What is no picture is shown nowhere.
    expect(toldOf(shelf('picture_before', { jpeg: 'x"><script>' }), en, cola, 'en').jpeg).toBeUndefined();
    expect(inBoth(entry('shelf', 'door_open', 'no JSON'))[1]).toBe('The lock reported: open | ');
  });

  it('says how much went back beside it', () => {
    const back = entry('charge_event', 'refunded', JSON.stringify({ refundId: 'RF1', amountMinor: 350 }));
    expect(toldOf(back, en, goods, 'en').amountMinor).toBe(350);
  });
});
