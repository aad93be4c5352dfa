import { type ReactNode, useMemo, useState } from 'react';
import mark from '../../../resources/icons/kaimen.svg';
import { Go, go, useAddress } from './base/address.tsx';
import { useSession } from './base/context.ts';
import { moveInList, useShortcuts } from './base/shortcuts.ts';
import { KeysDialog } from './features/help/keys-dialog.tsx';
import { firstSearchField } from './features/search/search-form.tsx';
import { useWords } from './i18n/words.ts';
import { StaleNote } from './ui/stale-note.tsx';

const link = [
  'inline-flex min-h-11 min-w-11 items-center justify-center ' +
    'rounded-field px-2 text-label whitespace-nowrap hover:bg-sunk',
  'aria-[current=page]:bg-jade-soft aria-[current=page]:font-semibold aria-[current=page]:text-jade-ink',
].join(' ');
const skip = 'absolute left-2 z-20 -translate-y-24 rounded-field bg-card p-3 focus:translate-y-2';

function searchNow(): void {
  if (window.location.pathname !== '/search') go('/search');
  // After it is drawn.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => document.getElementById(firstSearchField)?.focus()),
  );
}

/** Around every page: where one can go, who is here, and the keys. */
export function Shell({ children }: { children: ReactNode }) {
  const words = useWords();
  const { path } = useAddress();
  const { name, role, rights } = useSession();
  const [keys, setKeys] = useState(false);
  const shortcuts = useMemo(
    () => ({
      '/': searchNow,
      'g q': () => {
        go('/queue');
      },
      'g s': () => {
        go('/search');
      },
      'g v': () => {
        go('/visits');
      },
      'g p': () => {
        go('/proposals');
      },
      j: () => {
        moveInList('ArrowDown');
      },
      k: () => {
        moveInList('ArrowUp');
      },
      '?': () => {
        setKeys(true);
      },
    }),
    [],
  );
  useShortcuts(shortcuts);
  const at = (to: string, text: string) => (
    <li>
      <Go to={to} className={link} current={path === to || (to === '/queue' && path === '/')}>
        {text}
      </Go>
    </li>
  );
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#content" className={skip}>
        {words.skip}
      </a>
      <header className="print:hidden border-b border-line bg-card">
        <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-4 gap-y-1 px-3 py-2 sm:px-6">
          <img src={mark} alt={words.title} className="size-8" />
          <nav aria-label={words.menu} className="min-w-0 grow basis-0">
            <ul className="flex flex-wrap">
              {at('/queue', words.nav.queue)}
              {at('/search', words.nav.search)}
              {at('/visits', words.nav.visits)}
              {at('/proposals', words.nav.proposals)}
              {at('/cabinets', words.nav.cabinets)}
              {at('/updates', words.nav.updates)}
              {at('/promotions', words.nav.promotions)}
              {rights.includes('fleet') && at('/cabinet-staff', words.nav.cabinetStaff)}
              {rights.includes('fleet') && at('/set-up', words.nav.setUp)}
              {rights.includes('staff') && at('/staff', words.nav.staff)}
              {rights.includes('log') && at('/log', words.nav.log)}
              {at('/account', words.nav.account)}
            </ul>
          </nav>
          <p className="text-small text-soft max-sm:hidden">
            {words.signedInAs(name, words.codes.roles[role])}
          </p>
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto flex w-full max-w-7xl grow flex-col gap-4 p-3 outline-none sm:p-6"
      >
        <StaleNote />
        {children}
      </main>
      {keys && (
        <KeysDialog
          onClose={() => {
            setKeys(false);
          }}
        />
      )}
    </div>
  );
}
