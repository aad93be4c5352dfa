import { until } from '../until.ts';

/**
 * What a call comes to where no request is answered (any more): each of them waits for as long as it may. `asked`: what has
 * arrived at the server, the last of it without an answer; `reachBounds`: lets the adapter's time pass to that bound.
 */
export async function givenUp<T>(
  call: Promise<T>,
  asked: readonly unknown[],
  reachBounds: () => void,
): Promise<T> {
  const end = { isOver: false };
  void call.finally(() => {
    end.isOver = true;
  });
  for (let count = Math.max(asked.length, 1); !end.isOver && count < 20; count++) {
    await until('it asks on, or is over', () => end.isOver || asked.length >= count);
    reachBounds();
  }
  return call;
}
