import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { Language } from '../../../shared/i18n/language.ts';
import type { PhoneSession } from '../../../shared/phone/session.schema.ts';
import { HereContext } from '../base/address.tsx';
import { PhoneClient } from '../base/client.ts';
import { ClientContext, SessionContext } from '../base/context.ts';
import { LanguageContext } from '../i18n/words.ts';
import { sampleSession } from './samples.ts';

const nothing = (): void => undefined;

/** The HTML of a part of the page, as it is first painted. */
export function draw(
  part: ReactNode,
  language: Language = 'zh',
  session: PhoneSession = sampleSession,
): string {
  return renderToStaticMarkup(
    <LanguageContext value={language}>
      <HereContext value={{ place: { at: 'home' }, hasMoved: false, go: nothing, goInstead: nothing }}>
        <ClientContext value={new PhoneClient()}>
          <SessionContext value={session}>{part}</SessionContext>
        </ClientContext>
      </HereContext>
    </LanguageContext>,
  );
}

export const textOf = (html: string): string => html.replace(/<[^>]+>/g, '');
