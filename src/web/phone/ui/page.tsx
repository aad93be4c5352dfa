import { ChevronLeft, House, QrCode, UserRound, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useContext, useEffect, useRef } from 'react';
import { otherLanguage } from '../../../shared/i18n/language.ts';
import { Link, useHere } from '../base/address.tsx';
import { SessionContext, useClient } from '../base/context.ts';
import type { Place } from '../base/place.ts';
import { useChooseLanguage } from '../base/settings.tsx';
import { localeOf } from '../../../shared/i18n/language.ts';
import { useSpeech } from '../i18n/words.ts';
import { Logo } from './logo.tsx';

interface PageProps {
  readonly title: string;
  readonly lead?: ReactNode | undefined;
  /** Where "back" leads to; left out: nowhere. */
  readonly back?: Place;
  readonly children: ReactNode;
  /** Names the screen for tests and pictures. */
  readonly screen: string;
}

/** One screen: who we are, its heading, what it is about, and (for members) the three main places at the thumb. */
export function Page({ title, lead, back, children, screen }: PageProps) {
  const { words } = useSpeech();
  const { hasMoved, place } = useHere();
  const heading = useRef<HTMLHeadingElement>(null);
  const isMember = useContext(SessionContext) !== null;
  useEffect(() => {
    document.title = `${title} · ${words.app}`;
  }, [title, words]);
  useEffect(() => {
    // Whoever has come here is read the heading first. At the first page the browser does it by itself.
    if (hasMoved) heading.current?.focus({ preventScroll: true });
  }, [hasMoved, place, screen]);
  return (
    <div className="flex min-h-dvh flex-col" data-testid={`screen-${screen}`}>
      <header className="mx-auto flex w-full max-w-lg items-center justify-between gap-2 px-4 pt-2">
        <Link to={{ at: 'home' }} className="flex min-h-12 items-center gap-2 font-bold text-ink">
          <Logo className="size-7" />
          {words.app}
        </Link>
        <LanguageButton />
      </header>
      <main className="mx-auto w-full max-w-lg flex-1 px-4 pt-2 pb-8">
        {back !== undefined && (
          <Link
            to={back}
            className="-ml-2 inline-flex min-h-12 min-w-12 items-center gap-1 px-2 font-semibold text-jade-ink"
          >
            <ChevronLeft className="size-5" aria-hidden="true" />
            {words.back}
          </Link>
        )}
        <h1 ref={heading} tabIndex={-1} className="mt-1 text-title leading-tight font-extrabold outline-none">
          {title}
        </h1>
        {lead !== undefined && <div className="mt-1 text-soft">{lead}</div>}
        <div className="mt-4 space-y-4">{children}</div>
      </main>
      {isMember && <Places />}
    </div>
  );
}

function LanguageButton() {
  const { words, language } = useSpeech();
  const choose = useChooseLanguage();
  const isMember = useContext(SessionContext) !== null;
  const client = useClient();
  const other = otherLanguage(language);
  return (
    <button
      type="button"
      lang={localeOf(other)}
      data-testid="action-language"
      aria-label={words.otherLanguageLabel}
      className="min-h-12 min-w-12 cursor-pointer rounded-field px-3 font-semibold text-jade-ink active:bg-sunk"
      onClick={() => {
        choose(other);
        // What is sent to the member by others is in this language, too; whether that is heard matters to nobody here.
        if (isMember) void client.ask('setLanguage', { language: other });
      }}
    >
      {words.otherLanguage}
    </button>
  );
}

function Places() {
  const { words } = useSpeech();
  const { place } = useHere();
  const places: readonly (readonly [at: 'home' | 'code' | 'account', name: string, icon: LucideIcon])[] = [
    ['home', words.homeName, House],
    ['code', words.code.title, QrCode],
    ['account', words.home.account, UserRound],
  ];
  return (
    <nav aria-label={words.home.nav} className="sticky bottom-0 border-t border-line bg-card">
      <ul className="mx-auto flex max-w-lg">
        {places.map(([at, name, Icon]) => (
          <li key={at} className="flex-1">
            <Link
              to={{ at }}
              isCurrent={place.at === at}
              testId={`nav-${at}`}
              className={
                'flex min-h-14 flex-col items-center justify-center gap-0.5 text-small font-semibold text-soft ' +
                'aria-[current=page]:text-jade-ink active:bg-sunk'
              }
            >
              <Icon className="size-6" aria-hidden="true" />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
