import type { ReactNode } from 'react';
import mark from '../../../../resources/icons/kaimen.svg';
import { useWords } from '../i18n/words.ts';
import { SettingsBar } from './settings-bar.tsx';

/** What is seen before anybody is signed in: one card on an empty page. */
export function FrontPage({
  heading,
  lead,
  children,
}: {
  heading: string;
  lead: string;
  children: ReactNode;
}) {
  const words = useWords();
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-6 px-4 py-8">
      <div className="flex items-center gap-3">
        <img src={mark} alt="" className="size-10" />
        <p className="text-heading font-semibold">{words.title}</p>
      </div>
      <div className="flex flex-col gap-5 rounded-card border border-line bg-card p-6 shadow-card">
        <div className="flex flex-col gap-1">
          <h1 className="text-title font-semibold">{heading}</h1>
          <p className="text-label text-soft">{lead}</p>
        </div>
        {children}
      </div>
      <SettingsBar />
    </main>
  );
}
