import { useEffect, useState } from 'react';
import type { ConsoleReply, ConsoleRouteName } from '../../../shared/console/routes.ts';
import type { Answer, Failed } from './client.ts';
import { useClient } from './context.ts';
import { useStale } from './stale.ts';

type Params = Readonly<Record<string, string>>;
type Asked =
  | 'staff'
  | 'updates'
  | 'promotions'
  | 'story'
  | 'reports'
  | 'proposals'
  | 'queue'
  | 'queueCounts'
  | 'searchTotals'
  | 'visitGoods'
  | 'visitStory'
  | 'setUp'
  | 'cabinets'
  | 'cabinet'
  | 'cabinetStaff'
  | 'cabinetSettings'
  | 'stock'
  | 'catalogs'
  | 'supportBundles';

export interface Loaded<T> {
  /** What was told last; null: nothing yet. */
  readonly value: T | null;
  readonly failed: Failed | null;
  readonly reload: () => void;
}

interface Got<T> {
  readonly key: string;
  /** What was told last. */
  readonly told: T | null;
  /** When that was, ms since the epoch. */
  readonly atMs: number;
  /** Why it could not be asked for after that. */
  readonly failed: Failed | null;
}

/** What is shown after an answer: where there is none, what was told before, and why. */
function afterAnswer<T>(key: string, before: Got<T> | null, answer: Answer<T>): Got<T> {
  if (answer.ok) return { key, told: answer.value, atMs: Date.now(), failed: null };
  const kept = before?.key === key ? before : null;
  return { key, told: kept?.told ?? null, atMs: kept?.atMs ?? 0, failed: answer.error };
}

/** Asks when it is drawn, when its parameters change, and when somebody comes back to the page. */
export function useLoad<N extends Asked>(name: N, params: Params = {}): Loaded<ConsoleReply<N>> {
  const client = useClient();
  const key = JSON.stringify(params);
  const [round, reload] = useRounds();
  const [got, setGot] = useState<Got<ConsoleReply<N>> | null>(null);
  useEffect(() => {
    let isGone = false;
    void client.ask(name, undefined as never, JSON.parse(key) as Params).then((answer) => {
      if (!isGone) setGot((before) => afterAnswer(key, before, answer));
    });
    return () => {
      isGone = true;
    };
  }, [client, name, key, round]);
  const shown: Got<ConsoleReply<N>> | null = got?.key === key ? got : null;
  const value: ConsoleReply<N> | null = shown === null ? null : shown.told;
  const failed = shown?.failed ?? null;
  useStale(failed, value === null ? null : (shown?.atMs ?? null), reload);
  return { value, failed, reload };
}

/** Counts up when somebody wants it anew, or comes back to this window. */
function useRounds(): readonly [round: number, next: () => void] {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const next = (): void => {
      setRound((before) => before + 1);
    };
    window.addEventListener('focus', next);
    return () => {
      window.removeEventListener('focus', next);
    };
  }, []);
  return [
    round,
    () => {
      setRound((before) => before + 1);
    },
  ];
}

const cursorOf = {
  queue: 'after',
  search: 'after',
  visits: 'after',
  log: 'before',
} as const satisfies Partial<Record<ConsoleRouteName, string>>;
type Listed = keyof typeof cursorOf;
type ItemOf<N extends Listed> = ConsoleReply<N>['items'][number];

/** How a list goes on. */
export interface Further {
  /** There is more; to be asked for with `more`. */
  readonly hasMore: boolean;
  readonly more: () => void;
  /** It is being asked for. */
  readonly isReading: boolean;
}

export interface Pages<T> extends Further {
  /** Null: nothing was told yet. */
  readonly items: readonly T[] | null;
  readonly failed: Failed | null;
  readonly reload: () => void;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Of a list that is asked for anew so many rows are read again: who is far down in it keeps their place. */
const readAgainMax = 1_000;

/** A list that comes page by page. What could not be read anew, or further, stays as it was, and is said to be. */
export function usePages<N extends Listed>(name: N, params: Params): Pages<ItemOf<N>> {
  const client = useClient();
  const key = JSON.stringify(params);
  const [round, reload] = useRounds();
  const [got, setGot] = useState<Got<Page<ItemOf<N>>> | null>(null);
  const [isReading, setReading] = useState(false);
  const shown = got?.key === key ? got : null;
  const read = async (asked: Params, before: readonly ItemOf<N>[]): Promise<Answer<Page<ItemOf<N>>>> => {
    const answer = await client.ask(name, undefined as never, asked);
    if (!answer.ok) return answer;
    const { items, next } = answer.value as { items: readonly ItemOf<N>[]; next: string | number | null };
    const page = { items: [...before, ...items], next: next === null ? null : String(next) };
    return { ok: true, value: page };
  };
  const readAfter = (page: Page<ItemOf<N>>): Promise<Answer<Page<ItemOf<N>>>> =>
    read({ ...(JSON.parse(key) as Params), [cursorOf[name]]: page.next ?? '' }, page.items);
  useEffect(() => {
    let isGone = false;
    const wanted = Math.min(shown?.told?.items.length ?? 0, readAgainMax);
    const readAgain = async (): Promise<void> => {
      let page = await read(JSON.parse(key) as Params, []);
      while (!isGone && page.ok && page.value.next !== null && page.value.items.length < wanted)
        page = await readAfter(page.value);
      if (!isGone) setGot((before) => afterAnswer(key, before, page));
    };
    void readAgain();
    return () => {
      isGone = true;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `read` and `shown` are of this very key
  }, [client, name, key, round]);
  const more = (): void => {
    const page = shown?.told ?? null;
    if (isReading || page?.next == null) return;
    setReading(true);
    void readAfter(page).then((further) => {
      setReading(false);
      setGot((now) => (now === shown ? afterAnswer(key, now, further) : now));
    });
  };
  const page = shown?.told ?? null;
  const failed = shown?.failed ?? null;
  useStale(failed, page === null ? null : (shown?.atMs ?? null), reload);
  return { items: page?.items ?? null, failed, hasMore: page?.next != null, more, isReading, reload };
}
