import { phoneStore } from './base/store.ts';
import { useEffect, useSyncExternalStore } from 'react';
import { unreachable } from '../../shared/assert.ts';
import { useHere } from './base/address.tsx';
import type { Standing } from './base/client.ts';
import { SessionContext, useClient } from './base/context.ts';
import { removeDraftsBut } from './base/draft.ts';
import { hasChosenLanguage, useChooseLanguage } from './base/settings.tsx';
import type { Place } from './base/place.ts';
import { AccountPage } from './features/account/account-page.tsx';
import { FacePage } from './features/account/face-page.tsx';
import { CabinetPage } from './features/cabinet/cabinet-page.tsx';
import { CodePage } from './features/home/code-page.tsx';
import { DebtsPage } from './features/home/debts-page.tsx';
import { MessagesPage } from './features/messages/messages-page.tsx';
import { HomePage } from './features/home/home-page.tsx';
import { PurchasePage } from './features/purchase/purchase-page.tsx';
import { ReportPage } from './features/report/report-page.tsx';
import { LinkPage } from './features/sign-in/link-page.tsx';
import { NotSignedIn } from './features/sign-in/not-signed-in.tsx';
import { ProviderPage } from './features/sign-in/provider-page.tsx';
import { SignInPage } from './features/sign-in/sign-in-page.tsx';
import { useSpeech } from './i18n/words.ts';
import { Page } from './ui/page.tsx';
import { Failed, Waiting } from './ui/waiting.tsx';

/** The one switch over the places of the page, and over who is there. */
export function App() {
  const client = useClient();
  const standing = useSyncExternalStore(client.subscribe, client.standing);
  const { place } = useHere();
  const chooseLanguage = useChooseLanguage();
  const memberId = standing.at === 'in' ? standing.session.memberId : null;
  const language = standing.at === 'in' ? standing.session.language : null;
  useEffect(() => {
    // What they have chosen on another phone.
    if (language !== null && !hasChosenLanguage()) chooseLanguage(language);
  }, [language, chooseLanguage]);
  useEffect(() => {
    // What another member has begun to write is not for whoever has the phone now.
    if (memberId !== null) removeDraftsBut(phoneStore, memberId);
  }, [memberId]);
  // These are how somebody signs in.
  if (place.at === 'link')
    return place.token === '' ? (
      <NotSignedIn reason="over" />
    ) : (
      <LinkPage key={place.token} token={place.token} />
    );
  if (place.at === 'provider')
    return place.code === '' ? (
      <NotSignedIn reason="not_begun" />
    ) : (
      <ProviderPage code={place.code} state={place.state} />
    );
  if (standing.at !== 'in') return <Outside standing={standing} place={place} />;
  return (
    <SessionContext value={standing.session}>
      <Inside place={place} />
    </SessionContext>
  );
}

function Outside({ standing, place }: { standing: Exclude<Standing, { at: 'in' }>; place: Place }) {
  const { words } = useSpeech();
  const client = useClient();
  const why = place.at === 'cabinet' || place.at === 'purchase' ? place.at : 'other';
  switch (standing.at) {
    case 'starting':
      return (
        <Page title={words.app} screen="starting">
          <Waiting />
        </Page>
      );
    case 'unreachable':
      return (
        <Page title={words.app} screen="unreachable">
          <Failed failure={standing.failure} onAgain={() => void client.look()} />
        </Page>
      );
    case 'out':
      return <SignInPage why={why} hasEnded={standing.hasEnded} />;
    default:
      return unreachable(standing);
  }
}

function Inside({ place }: { place: Exclude<Place, { at: 'link' | 'provider' }> }) {
  const { words } = useSpeech();
  switch (place.at) {
    case 'home':
      return <HomePage />;
    case 'code':
      return <CodePage />;
    case 'debts':
      return <DebtsPage />;
    case 'messages':
      return <MessagesPage />;
    case 'account':
      return <AccountPage />;
    case 'face':
      return <FacePage />;
    case 'cabinet':
      return <CabinetPage key={place.text} text={place.text} />;
    case 'purchase':
      return <PurchasePage key={place.chargeId} chargeId={place.chargeId} />;
    case 'report':
      return <ReportPage key={place.chargeId} chargeId={place.chargeId} />;
    case 'unknown':
      return (
        <Page title={words.notHereTitle} screen="unknown" back={{ at: 'home' }}>
          <p>{words.notHereLead}</p>
        </Page>
      );
    default:
      return unreachable(place);
  }
}
