import { useEffect, useState } from 'react';
import type { ConsoleReply, ConsoleRouteName } from '../../../shared/console/routes.ts';
import type { Failed } from './client.ts';
import { useClient } from './context.ts';

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

/** Asks when it is drawn, when its parameters change, and when somebody comes back to the page. */
export function useLoad<N extends Asked>(name: N, params: Params = {}): Loaded<ConsoleReply<N>> {
  const client = useClient();
  const key = JSON.stringify(params);
  const [round, reload] = useRounds();
  const [got, setGot] = useState<{
    readonly key: string;
    readonly value: ConsoleReply<N> | null;
    readonly failed: Failed | null;
  } | null>(null);
  useEffect(() => {
    let isGone = false;
    void client.ask(name, undefined as never, JSON.parse(key) as Params).then((answer) => {
      if (isGone) return;
      setGot((before) => {
        if (answer.ok) return { key, value: answer.value, failed: null };
        return { key, value: before?.key === key ? before.value : null, failed: answer.error };
      });
    });
    return () => {
      isGone = true;
    };
  }, [client, name, key, round]);
  const isOf = got?.key === key;
  return { value: isOf ? got.value : null, failed: isOf ? got.failed : null, reload };
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

export interface Pages<T> {
  /** Null: nothing was told yet. */
  readonly items: readonly T[] | null;
  readonly failed: Failed | null;
  /** There is more; to be asked for with `more`. */
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly reload: () => void;
}

interface Got<T> {
  readonly key: string;
  readonly items: readonly T[];
  readonly next: string | null;
  readonly failed: Failed | null;
}

/** A list that comes page by page. */
export function usePages<N extends Listed>(name: N, params: Params): Pages<ItemOf<N>> {
  const client = useClient();
  const key = JSON.stringify(params);
  const [round, reload] = useRounds();
  const [got, setGot] = useState<Got<ItemOf<N>> | null>(null);
  const [busy, setBusy] = useState(false);
  const read = async (asked: Params, before: readonly ItemOf<N>[]): Promise<Got<ItemOf<N>>> => {
    const answer = await client.ask(name, undefined as never, asked);
    if (!answer.ok) return { key, items: before, next: null, failed: answer.error };
    const { items, next } = answer.value as { items: readonly ItemOf<N>[]; next: string | number | null };
    return { key, items: [...before, ...items], next: next === null ? null : String(next), failed: null };
  };
  useEffect(() => {
    let isGone = false;
    void read(JSON.parse(key) as Params, []).then((page) => {
      if (!isGone) setGot(page);
    });
    return () => {
      isGone = true;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `read` is of this very key
  }, [client, name, key, round]);
  const shown = got?.key === key ? got : null;
  const more = (): void => {
    if (busy || shown?.next == null) return;
    setBusy(true);
    void read({ ...params, [cursorOf[name]]: shown.next }, shown.items).then((page) => {
      setBusy(false);
      setGot((now) => (now === shown ? page : now));
    });
  };
  return {
    items: shown === null || (shown.failed !== null && shown.items.length === 0) ? null : shown.items,
    failed: shown?.failed ?? null,
    hasMore: shown?.next != null,
    more,
    reload,
  };
}
