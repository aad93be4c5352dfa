import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';

interface ScrollAreaProps {
  /** What scrolls here, for a screen reader. */
  readonly label: string;
  readonly testId?: string;
  readonly className?: string;
  /** Gets the scrolling element once it stands. */
  readonly onElement?: (element: HTMLElement | null) => void;
  readonly children: ReactNode;
}

/** A list that scrolls where it does not fit, and says so by fading at its lower edge. */
export function ScrollArea({ label, testId, className = '', onElement, children }: ScrollAreaProps) {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const { hasMore } = useScroll(element);
  useEffect(() => onElement?.(element), [onElement, element]);
  return (
    <div
      ref={setElement}
      data-testid={testId}
      role="region"
      aria-label={label}
      // A region that scrolls must be reachable without touch.
      tabIndex={0}
      className={`scroll ${className} ${hasMore ? 'fade-more' : ''}`}
    >
      {children}
    </div>
  );
}

/** Where a step follows another one in the same list: each `step` is read from its beginning. Draws nothing. */
export function FromTheTop({ step }: { step: string }) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    place.current?.closest('.scroll')?.scrollTo(0, 0);
  }, [step]);
  return <span ref={place} hidden />;
}

/** Pixels that may be left over by rounding when a list is scrolled to its end. */
const scrollSlackPx = 4;

/** `isLong`: it does not fit; `hasMore`: something is hidden below the lower edge right now. */
interface Scroll {
  readonly isLong: boolean;
  readonly hasMore: boolean;
}

/** How an element that may scroll stands; measured anew when it or what is in it changes its size. */
export function useScroll(element: HTMLElement | null): Scroll {
  const [isLong, setIsLong] = useState(false);
  const [hasMore, setHasMore] = useState(false);
  useEffect(() => {
    if (element === null) return;
    const measure = (): void => {
      const hiddenPx = element.scrollHeight - element.clientHeight;
      setIsLong(hiddenPx > scrollSlackPx);
      setHasMore(hiddenPx - element.scrollTop > scrollSlackPx);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [element]);
  return { isLong, hasMore };
}
