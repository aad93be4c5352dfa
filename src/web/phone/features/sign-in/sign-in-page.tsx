import { visitStore } from '../../base/store.ts';
import { useState } from 'react';
import type { PhoneReply } from '../../../../shared/phone/routes.ts';
import { useClient } from '../../base/context.ts';
import type { FailureKind } from '../../base/failure.ts';
import { keepReturn } from '../../base/return-to.ts';
import { useAsked } from '../../base/use-asked.ts';
import { fill, useSpeech } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Service } from '../../ui/service.tsx';
import { Page } from '../../ui/page.tsx';
import { Failed, Waiting, WhenHere } from '../../ui/waiting.tsx';
import { appOf } from './app-of.ts';

type Providers = PhoneReply<'welcome'>['providers'];

/** Nobody is signed in. `why`: what they have come for. */
export function SignInPage({ why, hasEnded }: { why: 'cabinet' | 'purchase' | 'other'; hasEnded: boolean }) {
  const { words } = useSpeech();
  const client = useClient();
  const asked = useAsked(() => client.welcome());
  const lead = {
    cabinet: words.signIn.leadCabinet,
    purchase: words.signIn.leadReceipt,
    other: words.signIn.lead,
  };
  return (
    <Page title={words.signIn.title} lead={lead[why]} screen="sign-in">
      {hasEnded && (
        <div role="alert">
          <Note tone="amber">
            <p>{words.failed.ended}</p>
          </Note>
        </div>
      )}
      <WhenHere asked={asked}>{({ providers }) => <Ways providers={providers} />}</WhenHere>
    </Page>
  );
}

/** In the app whose account it is, one touch; elsewhere, which app to open this page in; and always the operator's link. */
export function Ways({
  providers,
  userAgent = navigator.userAgent,
}: {
  providers: Providers;
  userAgent?: string;
}) {
  const { words } = useSpeech();
  const client = useClient();
  const [state, setState] = useState<'idle' | 'going' | FailureKind>('idle');
  const app = appOf(userAgent);
  const here = providers.filter((one) => one.app === app);
  const apps = [...new Set(providers.map((one) => one.app))];
  const begin = async (provider: string): Promise<void> => {
    setState('going');
    const answer = await client.ask('beginProvider', { provider });
    if (!answer.ok) {
      setState(answer.failure);
      return;
    }
    keepReturn(visitStore, location.href);
    location.assign(answer.value.url);
  };
  return (
    <div className="space-y-4">
      {here.map(({ provider }, i) => (
        <Button
          key={provider}
          look={i === 0 ? 'primary' : 'plain'}
          isWide
          isOff={state === 'going'}
          onPress={() => void begin(provider)}
          testId={`sign-in-${provider}`}
        >
          {words.signIn[app ?? 'wechat']}
        </Button>
      ))}
      {state === 'going' && <Waiting>{words.signIn.going}</Waiting>}
      {state !== 'idle' && state !== 'going' && <Failed failure={state} />}
      {here.length === 0 && apps.length > 0 && (
        <Note tone="plain" testId="sign-in-open-in">
          <p>
            {fill(words.signIn.openIn, {
              apps: apps.map((one) => words.signIn.apps[one]).join(words.signIn.or),
            })}
          </p>
        </Note>
      )}
      <p className="text-soft" data-testid="sign-in-ask">
        {apps.length === 0 ? words.signIn.askOnly : words.signIn.ask}
      </p>
      <Service />
    </div>
  );
}
