import { useState } from 'react';
import type { SignInRefusal } from '../../../../shared/phone/session.ts';
import { useHere } from '../../base/address.tsx';
import { useClient } from '../../base/context.ts';
import type { FailureKind } from '../../base/failure.ts';
import { useAsked } from '../../base/use-asked.ts';
import { useSpeech } from '../../i18n/words.ts';
import { Button } from '../../ui/button.tsx';
import { Note } from '../../ui/note.tsx';
import { Service } from '../../ui/service.tsx';
import { Page } from '../../ui/page.tsx';
import { Failed, Waiting, WhenHere } from '../../ui/waiting.tsx';
import { NotSignedIn } from './not-signed-in.tsx';

/** Come by a one-time link. Opened by whatever reads links ahead, it signs nobody in: somebody has to touch. */
export function LinkPage({ token }: { token: string }) {
  const { words } = useSpeech();
  const { goInstead } = useHere();
  const client = useClient();
  const asked = useAsked(() => client.ask('openLink', { token }));
  const [state, setState] = useState<'idle' | 'coming' | FailureKind>('idle');
  const [refused, setRefused] = useState<SignInRefusal | null>(null);
  const use = async (): Promise<void> => {
    setState('coming');
    const answer = await client.ask('useLink', { token });
    if (!answer.ok) setState(answer.failure);
    else if (answer.value.signedIn) {
      // The link stays in nobody's address bar.
      goInstead({ at: 'home' });
      client.signedIn(answer.value);
    } else setRefused(answer.value.reason);
  };
  if (refused !== null) return <NotSignedIn reason={refused} />;
  const link = asked.value?.state;
  const told = link === undefined ? null : words.signIn.link[link];
  return (
    <Page title={told?.title ?? words.signIn.title} screen={`link-${link ?? 'looking'}`}>
      <WhenHere asked={asked}>
        {({ state: linkState }) =>
          linkState === 'ready' ? (
            <>
              <p>{told?.remedy}</p>
              {state === 'coming' ? (
                <Waiting>{words.signIn.coming}</Waiting>
              ) : (
                <Button look="primary" isWide onPress={() => void use()} testId="link-use">
                  {words.signIn.use}
                </Button>
              )}
              {state !== 'idle' && state !== 'coming' && <Failed failure={state} />}
            </>
          ) : (
            <>
              <div role="alert">
                <Note tone="amber">
                  <p>{told?.remedy}</p>
                </Note>
              </div>
              <Service />
            </>
          )
        }
      </WhenHere>
    </Page>
  );
}
