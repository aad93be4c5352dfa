import type { ReactNode } from 'react';
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { Place } from './place.ts';
import { addressOf, placeOf } from './place.ts';

interface Here {
  readonly place: Place;
  /** Somebody has come here within the page, and not by its address: the heading is read out to them. */
  readonly hasMoved: boolean;
  readonly go: (place: Place) => void;
  /** The same, and "back" does not lead here any more. */
  readonly goInstead: (place: Place) => void;
}
export const HereContext = createContext<Here | null>(null);

export function useHere(): Here {
  const here = useContext(HereContext);
  if (here === null) throw new Error('useHere stands below WithAddress');
  return here;
}

/** The address is the one truth of where somebody is: links, "back" and "forward" work. */
export function WithAddress({ children }: { children: ReactNode }) {
  const [{ place, hasMoved }, setHere] = useState(() => ({ place: placeOf(location), hasMoved: false }));
  const look = useCallback(() => setHere({ place: placeOf(location), hasMoved: true }), []);
  useEffect(() => {
    addEventListener('popstate', look);
    addEventListener('hashchange', look);
    return () => {
      removeEventListener('popstate', look);
      removeEventListener('hashchange', look);
    };
  }, [look]);
  const here = useMemo(() => {
    const to = (place: Place, how: 'pushState' | 'replaceState'): void => {
      history[how](null, '', addressOf(place));
      look();
      scrollTo(0, 0);
    };
    return {
      go: (next: Place) => to(next, 'pushState'),
      goInstead: (next: Place) => to(next, 'replaceState'),
    };
  }, [look]);
  const value = useMemo(() => ({ place, hasMoved, ...here }), [place, hasMoved, here]);
  return <HereContext value={value}>{children}</HereContext>;
}

/** A link within the page: one that can be opened elsewhere, too. */
export function Link({
  to,
  className,
  children,
  isCurrent = false,
  testId,
}: {
  to: Place;
  className: string;
  children: ReactNode;
  isCurrent?: boolean;
  testId?: string;
}) {
  const { go } = useHere();
  return (
    <a
      href={addressOf(to)}
      className={className}
      data-testid={testId}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
