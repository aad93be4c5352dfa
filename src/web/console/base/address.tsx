import { type ReactNode, useMemo, useSyncExternalStore } from 'react';

/** Where one is within the page: its path and what the list there is narrowed to. Every place can be linked to. */
export interface Address {
  readonly path: string;
  readonly query: URLSearchParams;
}

const moved = 'kaimen-moved';
type Query = Readonly<Record<string, string | null>>;

/** What is null or empty is left out. */
export function linkTo(path: string, query: Query = {}): string {
  const filled = Object.entries(query).filter(([, value]) => value !== null && value !== '');
  const text = new URLSearchParams(filled as [string, string][]).toString();
  return text === '' ? path : `${path}?${text}`;
}

/** `replace`: no step that "back" leads to. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  window.dispatchEvent(new Event(moved));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener(moved, listener);
  window.addEventListener('popstate', listener);
  return () => {
    window.removeEventListener(moved, listener);
    window.removeEventListener('popstate', listener);
  };
}

export function useAddress(): Address {
  const href = useSyncExternalStore(subscribe, () => window.location.pathname + window.location.search);
  return useMemo(() => {
    const [path = '/', query = ''] = href.split('?');
    return { path, query: new URLSearchParams(query) };
  }, [href]);
}

/** A link within the page: a real one, for new tabs and for copying. */
export function Go({
  to,
  className = '',
  current = false,
  children,
}: {
  to: string;
  className?: string;
  current?: boolean;
  children: ReactNode;
}) {
  return (
    <a
      href={to}
      className={className}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
