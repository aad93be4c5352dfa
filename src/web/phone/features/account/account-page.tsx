import { phoneStore } from '../../base/store.ts';
import { useState } from 'react';
import type { PhoneAgreement } from '../../../../shared/phone/account.schema.ts';
import type { Language } from '../../../../shared/i18n/language.ts';
import { localeOf } from '../../../../shared/i18n/language.ts';
import { Link, useHere } from '../../base/address.tsx';
import { useClient, useSession } from '../../base/context.ts';
import { removeDraftsBut } from '../../base/draft.ts';
import type { FailureKind } from '../../base/failure.ts';
import { useChooseLanguage } from '../../base/settings.tsx';
import { useAsked } from '../../base/use-asked.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { Button, choiceLook, lookOf } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Page } from '../../ui/page.tsx';
import { Failed, WhenHere } from '../../ui/waiting.tsx';
import { AgreementCard } from './agreement-card.tsx';

/** Whoever is with the provider now to agree finds it here within seconds of coming back. */
const openPollMs = 3_000;

/** By what I pay, the language, and the ways out. */
export function AccountPage() {
  const { words } = useSpeech();
  const client = useClient();
  const { display } = useSession();
  const asked = useAsked(() => client.ask('agreements', undefined), openPollMs);
  const { put } = asked;
  return (
    <Page title={words.account.title} lead={fill(words.account.signedIn, { name: display })} screen="account">
      <section aria-labelledby="pay" className="space-y-3">
        <h2 id="pay" className="text-heading font-bold">
          {words.account.pay}
        </h2>
        <p className="text-soft">{words.account.payLead}</p>
        <WhenHere asked={asked}>
          {({ agreements }) => (
            <Agreements agreements={agreements} onNew={(next) => put({ agreements: [...next] })} />
          )}
        </WhenHere>
      </section>
      <LanguageChoice />
      <Link to={{ at: 'face' }} className={lookOf('plain', true)} testId="action-face">
        {words.face.title}
      </Link>
      <SignOut />
    </Page>
  );
}

function Agreements({
  agreements,
  onNew,
}: {
  agreements: readonly PhoneAgreement[];
  onNew: (agreements: readonly PhoneAgreement[]) => void;
}) {
  const { words } = useSpeech();
  if (agreements.length === 0) return <p className="text-soft">{words.account.none}</p>;
  return (
    <ul className="space-y-3">
      {agreements.map((agreement) => (
        <li key={agreement.provider}>
          <AgreementCard agreement={agreement} isOnly={agreements.length === 1} onNew={onNew} />
        </li>
      ))}
    </ul>
  );
}

function LanguageChoice() {
  const { words, language } = useSpeech();
  const choose = useChooseLanguage();
  const client = useClient();
  const change = (next: Language): void => {
    choose(next);
    void client.ask('setLanguage', { language: next });
  };
  return (
    <fieldset>
      <legend className="text-heading font-bold">{words.account.language}</legend>
      <div className="mt-2 grid grid-cols-2 gap-2">
        {(['zh', 'en'] as const).map((one) => (
          <label key={one} lang={localeOf(one)} className={choiceLook}>
            <input
              type="radio"
              name="language"
              className="size-5 accent-jade"
              checked={language === one}
              onChange={() => change(one)}
            />
            {one === 'zh' ? words.account.chinese : words.account.english}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function SignOut() {
  const { words } = useSpeech();
  const client = useClient();
  const { goInstead } = useHere();
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<FailureKind | null>(null);
  const out = async (call: 'signOut' | 'signOutEverywhere'): Promise<void> => {
    setFailure(null);
    const answer = await client.ask(call, undefined);
    setAsking(false);
    if (!answer.ok && answer.failure !== 'ended') {
      setFailure(answer.failure);
      return;
    }
    removeDraftsBut(phoneStore, null);
    goInstead({ at: 'home' });
    client.signedOut();
  };
  return (
    <section className="space-y-3 border-t border-line pt-4">
      <Button isWide onPress={() => void out('signOut')} testId="action-sign-out">
        {words.account.signOut}
      </Button>
      <Button look="quiet" isWide onPress={() => setAsking(true)} testId="action-sign-out-everywhere">
        {words.account.signOutEverywhere}
      </Button>
      <p className="text-small text-soft">{words.account.drafts}</p>
      {failure !== null && <Failed failure={failure} />}
      {isAsking && (
        <Dialog
          title={words.account.signOutEverywhereTitle}
          yes={words.account.signOutEverywhereYes}
          onYes={() => void out('signOutEverywhere')}
          onNo={() => setAsking(false)}
        >
          <p>{words.account.signOutEverywhereLead}</p>
        </Dialog>
      )}
    </section>
  );
}
