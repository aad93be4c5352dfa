import { type ReactNode, useEffect, useState } from 'react';

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
  const hasMore = useMoreBelow(element);
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

/** Pixels that may be left over by rounding when a list is scrolled to its end. */
const scrollSlackPx = 4;

/** Whether a scrolling list hides something below its lower edge. */
function useMoreBelow(element: HTMLElement | null): boolean {
  const [hasMore, setHasMore] = useState(false);
  useEffect(() => {
    if (element === null) return;
    const measure = (): void => {
      setHasMore(element.scrollHeight - element.clientHeight - element.scrollTop > scrollSlackPx);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [element]);
  return hasMore;
}
