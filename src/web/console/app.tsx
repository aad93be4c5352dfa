import { RouterProvider } from 'react-aria-components';
import { Go, go, useAddress } from './base/address.tsx';
import { useClient, useRight, useSessionState } from './base/context.ts';
import { CabinetStaffPage } from './features/cabinet-staff/cabinet-staff-page.tsx';
import { CabinetPage } from './features/cabinets/cabinet-page.tsx';
import { CabinetsPage } from './features/cabinets/cabinets-page.tsx';
import { AccountPage } from './features/account/account-page.tsx';
import { LogPage } from './features/log/log-page.tsx';
import { ProposalsPage } from './features/proposals/proposals-page.tsx';
import { QueuePage } from './features/queue/queue-page.tsx';
import { SearchPage } from './features/search/search-page.tsx';
import { InvitationPage } from './features/sign-in/invitation-page.tsx';
import { SignInForm } from './features/sign-in/sign-in-form.tsx';
import { SetUpPage } from './features/set-up/set-up-page.tsx';
import { StaffPage } from './features/staff/staff-page.tsx';
import { SettingsPage } from './features/settings/settings-page.tsx';
import { StockPage } from './features/stock/stock-page.tsx';
import { StoryPage } from './features/story/story-page.tsx';
import { PromotionsPage } from './features/promotions/promotions-page.tsx';
import { UpdatesPage } from './features/updates/updates-page.tsx';
import { VisitsPage } from './features/visits/visits-page.tsx';
import { useWords } from './i18n/words.ts';
import { Shell } from './shell.tsx';
import { Waiting, linkClass } from './ui/bits.tsx';
import { DialogBox } from './ui/dialog.tsx';
import { FrontPage } from './ui/front-page.tsx';

export function App() {
  const words = useWords();
  const client = useClient();
  const state = useSessionState();
  const { path } = useAddress();
  // Somebody who has a link of their own may use it, whoever is signed in in this browser.
  if (path === '/invitation') return <InvitationPage />;
  if (state.at === 'starting' || state.at === 'unreachable')
    return (
      <main className="p-6">
        <Waiting
          failed={state.at === 'starting' ? null : { code: 'unreachable', retryAfterS: null }}
          retry={() => void client.start()}
        />
      </main>
    );
  if (state.at === 'out')
    return (
      <FrontPage heading={words.signIn.heading} lead={words.signIn.lead}>
        <SignInForm />
        <p className="text-fine text-soft">{words.signIn.noAccount}</p>
      </FrontPage>
    );
  return (
    <RouterProvider navigate={go}>
      <Shell>
        <Place path={path} />
      </Shell>
      {state.at === 'expired' && (
        <DialogBox heading={words.signIn.again}>
          <p className="text-label text-soft">{words.signIn.againLead(state.session.name)}</p>
          <SignInForm name={state.session.name} />
        </DialogBox>
      )}
    </RouterProvider>
  );
}

function Place({ path }: { path: string }) {
  const words = useWords();
  const [isStaff, isLog, isFleet] = [useRight('staff'), useRight('log'), useRight('fleet')];
  const [, chargeId] = /^\/charges\/(\w+)$/.exec(path) ?? [];
  if (chargeId !== undefined) return <StoryPage key={chargeId} chargeId={chargeId} />;
  if (path === '/' || path === '/queue') return <QueuePage />;
  if (path === '/search') return <SearchPage />;
  if (path === '/visits') return <VisitsPage />;
  if (path === '/proposals') return <ProposalsPage />;
  if (path === '/cabinets') return <CabinetsPage />;
  if (path === '/cabinet') return <CabinetPage />;
  if (path === '/stock') return <StockPage />;
  if (path === '/settings' && isFleet) return <SettingsPage />;
  if (path === '/cabinet-staff' && isFleet) return <CabinetStaffPage />;
  if (path === '/updates') return <UpdatesPage />;
  if (path === '/promotions') return <PromotionsPage />;
  if (path === '/set-up') return <SetUpPage />;
  if (path === '/staff' && isStaff) return <StaffPage />;
  if (path === '/log' && isLog) return <LogPage />;
  if (path === '/account') return <AccountPage />;
  return (
    <p className="text-soft">
      {words.notFound}{' '}
      <Go to="/queue" className={linkClass}>
        {words.nav.queue}
      </Go>
    </p>
  );
}
